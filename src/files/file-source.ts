import { basename } from 'node:path';
import type { ConfigurationError } from '../errors.ts';
import { type OpenFile, readRegularFile } from './read-regular-file.ts';

/** What a file's bytes mean, or every problem found in them; a file is never half accepted. */
export type Parsed<Content> =
  | { readonly content: Content; readonly warnings: readonly string[] }
  | { readonly problems: readonly string[] };

export interface FileSourceOptions<Content> {
  readonly path: string;
  /** `file` is the name that problems begin with. */
  parse(bytes: Uint8Array, file: string): Parsed<Content>;
  /** The failure to throw while there is no good content yet. */
  complain(problems: readonly string[]): ConfigurationError;
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined;
  readonly open?: OpenFile | undefined;
}

export type LoadOutcome<Content> =
  | { readonly kind: 'loaded'; readonly content: Content; readonly warnings: readonly string[] }
  /** The same bytes as the good content in use. */
  | { readonly kind: 'unchanged'; readonly content: Content }
  /** The file is bad and the last good content stays; `repeated` when these very problems were reported just before. */
  | { readonly kind: 'rejected'; readonly problems: readonly string[]; readonly repeated: boolean };

export interface SourceStatus {
  readonly state: 'ok' | 'degraded';
  /** The first problem of the file, when degraded. Never a value. */
  readonly reason?: string;
  /** Since when the state holds, epoch milliseconds. */
  readonly since: number;
  /** When the content in use was read, epoch milliseconds. */
  readonly loadedAt: number;
}

/** A file and the last good content read from it. A bad or half-written file never replaces a good one. */
export class FileSource<Content> {
  readonly path: string;
  readonly #options: FileSourceOptions<Content>;
  readonly #now: () => number;
  #good: { content: Content; fingerprint: string } | undefined;
  #seen = '';
  #rejection: string | undefined;
  #since = 0;
  #loadedAt = 0;

  constructor(options: FileSourceOptions<Content>) {
    this.path = options.path;
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Reads the file now. Throws the `ConfigurationError` of `complain` while there is no good content yet. */
  load(): LoadOutcome<Content> {
    const file = basename(this.path);
    const reading = readRegularFile(this.path, this.#options.open);
    this.#seen = reading.fingerprint;
    if ('problem' in reading) return this.#reject([`${file}: ${reading.problem}`]);
    if (this.#good?.fingerprint === reading.fingerprint) {
      this.#settle(undefined);
      return { kind: 'unchanged', content: this.#good.content };
    }
    const parsed = this.#parse(reading.bytes, file);
    if ('problems' in parsed) return this.#reject(parsed.problems);
    this.#good = { content: parsed.content, fingerprint: reading.fingerprint };
    this.#settle(undefined);
    this.#loadedAt = this.#now();
    const warnings = [...reading.warnings.map((line) => `${file}: ${line}`), ...parsed.warnings];
    return { kind: 'loaded', content: parsed.content, warnings };
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

  /** A file that brings our own code down is a bad file, while there is a good one to go on with. */
  #parse(bytes: Uint8Array, file: string): Parsed<Content> {
    try {
      return this.#options.parse(bytes, file);
    } catch (error) {
      if (this.#good === undefined) throw error;
      return { problems: [`${file}: o conteúdo não pôde ser interpretado; confira a última mudança`] };
    }
  }

  #reject(problems: readonly string[]): LoadOutcome<Content> {
    if (this.#good === undefined) throw this.#options.complain(problems);
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
