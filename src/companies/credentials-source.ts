import { basename } from 'node:path';
import { ConfigurationError } from '../errors.ts';
import type { CredentialSet } from './credential-set.ts';
import { parseCredentials } from './credentials-file.ts';
import { type OpenFile, readCredentials } from './read-credentials.ts';
import type { Variables } from './variables.ts';

export interface CredentialsSourceOptions {
  readonly path: string;
  /** Values for `${VAR}`; the configuration hands over the environment. */
  readonly variables: Variables;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly open?: OpenFile;
}

export type LoadOutcome =
  | { readonly kind: 'loaded'; readonly set: CredentialSet; readonly warnings: readonly string[] }
  /** The same bytes as the good set in use. */
  | { readonly kind: 'unchanged'; readonly set: CredentialSet }
  /** The file is bad and the last good set stays; `repeated` when these very problems were reported just before. */
  | { readonly kind: 'rejected'; readonly problems: readonly string[]; readonly repeated: boolean };

export interface SourceStatus {
  readonly state: 'ok' | 'degraded';
  /** The first problem of the file, when degraded. Never a value. */
  readonly reason?: string;
  /** Since when the state holds, epoch milliseconds. */
  readonly since: number;
  /** When the set in use was read, epoch milliseconds. */
  readonly loadedAt: number;
}

/** The credentials file and the last good set read from it. A bad or half-written file never replaces a good set. */
export class CredentialsSource {
  readonly path: string;
  readonly #options: CredentialsSourceOptions;
  readonly #now: () => number;
  #good: { set: CredentialSet; fingerprint: string } | undefined;
  #seen = '';
  #rejection: string | undefined;
  #since = 0;
  #loadedAt = 0;

  constructor(options: CredentialsSourceOptions) {
    this.path = options.path;
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Reads the file now. Throws {@link ConfigurationError} with every problem while there is no good set yet. */
  load(): LoadOutcome {
    const file = basename(this.path);
    const reading = readCredentials(this.path, this.#options.open);
    this.#seen = reading.fingerprint;
    if ('problem' in reading) return this.#reject([`${file}: ${reading.problem}`]);
    if (this.#good?.fingerprint === reading.fingerprint) {
      this.#settle(undefined);
      return { kind: 'unchanged', set: this.#good.set };
    }
    const parsed = parseCredentials(reading.bytes, { file, variables: this.#options.variables });
    if ('problems' in parsed) return this.#reject(parsed.problems);
    this.#good = { set: parsed.set, fingerprint: reading.fingerprint };
    this.#settle(undefined);
    this.#loadedAt = this.#now();
    const warnings = [...reading.warnings.map((line) => `${file}: ${line}`), ...parsed.warnings];
    return { kind: 'loaded', set: parsed.set, warnings };
  }

  /** Of what {@link load} last saw, good or bad; empty before the first load. */
  get fingerprint(): string {
    return this.#seen;
  }

  status(): SourceStatus {
    const base = { since: this.#since, loadedAt: this.#loadedAt };
    if (this.#rejection === undefined) return { state: 'ok', ...base };
    const [reason = ''] = this.#rejection.split('\n');
    return { state: 'degraded', reason, ...base };
  }

  #reject(problems: readonly string[]): LoadOutcome {
    if (this.#good === undefined) throw badFile(problems);
    return { kind: 'rejected', problems, repeated: !this.#settle(problems.join('\n')) };
  }

  /** Notes the state; true when it is a new one. Another reason keeps the moment when the trouble began. */
  #settle(rejection: string | undefined): boolean {
    if (this.#since !== 0 && rejection === this.#rejection) return false;
    const sameState = (rejection === undefined) === (this.#rejection === undefined);
    if (this.#since === 0 || !sameState) this.#since = this.#now();
    this.#rejection = rejection;
    return true;
  }
}

/** The failure to show to the operator: one line a problem, no values. */
export function badFile(problems: readonly string[]): ConfigurationError {
  const count = problems.length === 1 ? 'um problema' : `${problems.length} problemas`;
  return new ConfigurationError(`O arquivo de credenciais tem ${count}: ${problems[0] ?? ''}`, problems, {
    hint: 'Corrija o arquivo e tente de novo; `omie-mcp-hub validate` mostra todos os problemas.',
  });
}
