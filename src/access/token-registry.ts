import { ConfigurationError } from '../errors.ts';
import { FileSource, type LoadOutcome } from '../files/file-source.ts';
import { watchFile } from '../files/watch-file.ts';
import type { EndWatch } from './end-watch.ts';
import { expiryOf } from './expiry.ts';
import { GrantedPrincipal } from './granted-principal.ts';
import { companiesOf } from './rights.ts';
import { sameDigest } from './token-digest.ts';
import { parseTokens } from './tokens-file.ts';
import type { TokenEntry } from './tokens-schema.ts';

export type TokensEvent =
  | { readonly kind: 'loaded'; readonly tokens: number; readonly warnings: readonly string[] }
  | { readonly kind: 'rejected'; readonly problems: readonly string[] };

export interface TokenRegistryOptions {
  readonly path: string;
  /** Digest of the hub's administration token: no token of the file may be the same. */
  readonly taken?: Buffer | undefined;
  readonly ends: EndWatch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Told once per distinct matter; lines are Portuguese and hold no values. */
  readonly report?: ((event: TokensEvent) => void) | undefined;
}

interface Holder {
  readonly digest: Buffer;
  /** Everything that grants something, as text: a token whose rights stay the same keeps its principal and sessions. */
  readonly rights: string;
  readonly principal: GrantedPrincipal;
}

/** Who holds which token, by the last good state of the tokens file, which is followed as it changes. */
export class TokenRegistry {
  readonly #options: TokenRegistryOptions;
  readonly #source: FileSource<readonly TokenEntry[]>;
  readonly #stopWatching: () => void;
  #holders: ReadonlyMap<string, Holder> = new Map();

  /** @throws ConfigurationError with every problem when the file is bad. */
  constructor(options: TokenRegistryOptions) {
    this.#options = options;
    const { path, taken, now } = options;
    const parse = (bytes: Uint8Array, file: string) => parseTokens(bytes, file, taken);
    this.#source = new FileSource({ path, parse, complain: badTokensFile, now });
    this.#take(this.#source.load());
    this.#stopWatching = watchFile({
      path,
      seen: () => this.#source.fingerprint,
      onChange: () => this.#take(this.#source.load()),
    });
  }

  /** The holder of a token that is good now. */
  find(digest: Buffer): GrantedPrincipal | undefined {
    const holder = this.#holders.get(digest.toString('hex'));
    if (holder === undefined || !sameDigest(holder.digest, digest)) return undefined;
    return holder.principal.live ? holder.principal : undefined;
  }

  /** Why the file on disk is not the one in force; undefined when it is. Never a value. */
  get problem(): string | undefined {
    return this.#source.status().reason;
  }

  close(): void {
    this.#stopWatching();
  }

  #take(outcome: LoadOutcome<readonly TokenEntry[]>): void {
    if (outcome.kind === 'unchanged') return;
    if (outcome.kind === 'rejected') {
      if (!outcome.repeated) this.#options.report?.({ kind: 'rejected', problems: outcome.problems });
      return;
    }
    const before = this.#holders;
    const after = new Map(outcome.content.map((entry) => [entry.sha256, this.#holderOf(entry, before)]));
    this.#holders = after;
    for (const [hash, { principal }] of before) {
      if (after.get(hash)?.principal !== principal) this.#options.ends.end(principal);
    }
    const { warnings } = outcome;
    this.#options.report?.({ kind: 'loaded', tokens: after.size, warnings });
  }

  #holderOf(entry: TokenEntry, before: ReadonlyMap<string, Holder>): Holder {
    const { id, sha256, empresas, ferramentas, modo, limite_por_minuto: limitPerMinute, expira } = entry;
    const rights = JSON.stringify([id, empresas, ferramentas, modo, limitPerMinute, expira]);
    const known = before.get(sha256);
    if (known?.rights === rights) return known;
    const principal = new GrantedPrincipal(
      {
        id,
        rights: { companies: companiesOf(empresas), tools: ferramentas, mode: modo },
        limitPerMinute,
        expiresAt: expira === undefined ? Number.POSITIVE_INFINITY : (expiryOf(expira) ?? Number.NEGATIVE_INFINITY),
      },
      this.#options.now,
    );
    this.#options.ends.add(principal);
    return { digest: Buffer.from(sha256, 'hex'), rights, principal };
  }
}

const VALIDATE = 'Corrija o arquivo; `omie-mcp-hub validate` mostra todos os problemas.';

/** The failure to show to the operator: one line a problem, no values. */
export function badTokensFile(problems: readonly string[], hint = VALIDATE): ConfigurationError {
  const [first = ''] = problems;
  const message =
    problems.length === 1
      ? `O arquivo de tokens tem um problema: ${first}`
      : `O arquivo de tokens tem ${problems.length} problemas:\n- ${problems.join('\n- ')}`;
  return new ConfigurationError(message, problems, { hint });
}
