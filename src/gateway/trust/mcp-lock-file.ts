/** `mcp.lock`, next to the gateway file: meant to be committed and reviewed like any other lock file. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asAppError, ConfigurationError } from '../../errors.ts';
import { withFileLock } from '../../files/file-lock.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { scrubJson } from '../../logging/scrub-json.ts';
import { ExactNumber, exactJson, withListedNumbers } from '../../protocol/exact-number.ts';
import { emptyLock, type Lock, lockSchema } from './pins.ts';

export const LOCK_FILE_NAME = 'mcp.lock';

export function lockPathFor(gatewayFile: string): string {
  return join(dirname(gatewayFile), LOCK_FILE_NAME);
}

export class McpLockFile {
  readonly path: string;
  readonly #scrub: (text: string) => string;
  #lastGood: Lock | undefined;
  #problem: string | undefined;

  /** @param scrub takes credentials out of what is written: a server may name in a definition what it was given */
  constructor(path: string, scrub: (text: string) => string = (text) => text) {
    this.path = path;
    this.#scrub = scrub;
  }

  /** Why the file could not be read last time, in Portuguese; undefined when it could. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** What it says, or said when it could be read last; undefined when it never could. Never rejects. */
  async readOrLast(): Promise<Lock | undefined> {
    return this.read().catch(() => this.#lastGood);
  }

  /**
   * An absent file is an empty lock; a broken one is never replaced, because it says what somebody agreed to.
   *
   * @throws ConfigurationError
   */
  async read(): Promise<Lock> {
    try {
      this.#lastGood = await this.#load();
      this.#problem = undefined;
      return this.#lastGood;
    } catch (thrown) {
      this.#problem = asAppError(thrown).message;
      throw thrown;
    }
  }

  async #load(): Promise<Lock> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (thrown) {
      if (isMissing(thrown)) return emptyLock;
      throw new ConfigurationError(`Não foi possível ler ${this.path}.`, [], { cause: thrown });
    }
    const lock = lockSchema.safeParse(parse(text));
    if (lock.success) return lock.data;
    throw new ConfigurationError(
      `O arquivo ${this.path} não é um mcp.lock válido. Corrija-o ou volte à última versão boa; sem ele, tudo seria aceito de novo.`,
    );
  }

  /**
   * Reads, changes, and writes when something changed, alone among all processes: `gateway approve` does the same, so what
   * was read before is never trusted. Where nothing changes nobody is locked out or waited for: a reviewed file may lie in
   * a folder that cannot be written to.
   *
   * @param change pure: asked again when there is something to write
   * @throws ConfigurationError; the file is then as it was.
   */
  async update<Change extends { readonly lock: Lock }>(change: (lock: Lock) => Change): Promise<Change> {
    const known = await this.read();
    const wanted = change(known);
    if (wanted.lock === known) return wanted;
    return withFileLock(this.path, async () => {
      const before = await this.read();
      const changed = change(before);
      if (changed.lock !== before) {
        await this.#write(changed.lock);
        this.#lastGood = changed.lock;
      }
      return changed;
    });
  }

  /** Forgets a server that is gone for good. @throws ConfigurationError */
  async forget(upstream: string): Promise<void> {
    await this.update((known) => {
      if (!Object.hasOwn(known.upstreams, upstream)) return { lock: known };
      const { [upstream]: _gone, ...upstreams } = known.upstreams;
      return { lock: { ...known, upstreams } };
    });
  }

  async #write(lock: Lock): Promise<void> {
    try {
      const text = scrubJson(exactJson(sorted(lock), 2), this.#scrub);
      await replaceFile(this.path, `${text}\n`);
    } catch (thrown) {
      throw new ConfigurationError(`Não foi possível gravar ${this.path}.`, [], { cause: thrown });
    }
  }
}

/** So that two machines write the same file, and a review shows only what changed. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function parse(text: string): unknown {
  try {
    // What many messages brought together, each within its bounds, must be readable again.
    return withListedNumbers(text, JSON.parse(text), Number.POSITIVE_INFINITY);
  } catch {
    return undefined;
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
