import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError } from '../errors.ts';
import type { Secret } from '../logging/secret.ts';
import { argumentDigest } from './argument-digest.ts';
import { lockFile } from './audit-files.ts';
import { type AuditKeys, ensureKeys } from './audit-key.ts';
import { type ChainEnd, callLine, eventLine, lineHash } from './audit-line.ts';
import { type AuditLock, LOCK_TOUCH_MS, lockAudit } from './audit-lock.ts';
import type { AuditEvent, AuditRecord } from './audit-record.ts';
import { AuditWriter, type SyncFile } from './audit-writer.ts';
import { openChain, refuseSpecialFile } from './open-chain.ts';

/** Lines reach the disk, fsync included, at most this long after the call. */
const FLUSH_MS = 500;
/** Earlier when this many characters wait. */
const FLUSH_CHARS = 262_144;
/** While the disk refuses, lines wait in memory up to here; those beyond are counted and the count goes into the log. */
const MAX_WAITING_CHARS = 33_554_432;
/** How long a process that ends waits for its last lines; with the 10 s that its calls may take it is gone within the usual 20 s. */
const CLOSE_MS = 5_000;
/** A disk that refuses is asked again, one that is slow is waited for. */
const CLOSE_ATTEMPTS = 3;
const CLOSE_PAUSE_MS = 200;

export interface AuditOptions {
  /** `{host}` stands for the machine's name. */
  readonly path: string;
  /** The secret behind digests and anchor; without one, a random key in the file `<path>.key`. */
  readonly key?: Secret | undefined;
  /** A file that reaches this size is set aside and the next one continues its chain. */
  readonly maxBytes: number;
  /** Told when writing begins to fail, and when it works again. */
  readonly onAlarm?: ((alarm: AuditAlarm) => void) | undefined;
  readonly flushMs?: number | undefined;
  readonly closeMs?: number | undefined;
  /** Puts on the disk what was appended; `fdatasync` when none is given. */
  readonly sync?: SyncFile | undefined;
}

export type AuditAlarm =
  | { readonly kind: 'failing'; readonly reason: string }
  | { readonly kind: 'recovered'; readonly lost: number }
  | { readonly kind: 'torn'; readonly bytes: number }
  | { readonly kind: 'unanchored'; readonly lines: number }
  /** The process ends without them. */
  | { readonly kind: 'abandoned'; readonly lines: number };

export interface AuditState {
  readonly status: 'ok' | 'failing';
  /** Number of the last line. */
  readonly seq: number;
  /** Lines that wait for the disk. */
  readonly waiting: number;
  /** Lines that were dropped because the disk refused for too long. */
  readonly lost: number;
  /** Attempts to write that failed. */
  readonly failures: number;
}

/**
 * The audit log: one chained line a call, buffered, and written in batches with an fsync each. Nothing waits for it: when
 * the disk refuses, reads go on, and the state says `failing` until every line that waits is on the disk.
 */
export class AuditLog {
  readonly #options: AuditOptions;
  readonly #keys: AuditKeys;
  readonly #lock: AuditLock;
  readonly #writer: AuditWriter;
  #end: ChainEnd;
  #lines: string[] = [];
  #chars = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #failing = false;
  #failures = 0;
  #lost = 0;
  /** Of the lost lines, those the log does not tell of yet. */
  #untold = 0;
  /** On the disk, but not in the anchor yet. */
  #unanchored: ChainEnd | undefined;
  readonly #touch: NodeJS.Timeout;
  #closed = false;

  private constructor(options: AuditOptions, keys: AuditKeys, lock: AuditLock, writer: AuditWriter, end: ChainEnd) {
    this.#options = options;
    this.#keys = keys;
    this.#lock = lock;
    this.#writer = writer;
    this.#end = end;
    // An idle log is still ours. That it was taken is noticed when there is something to write.
    this.#touch = setInterval(() => void lock.keep().catch(() => {}), LOCK_TOUCH_MS).unref();
  }

  /** @throws ConfigurationError when the log cannot be written, is another process's, or contradicts its anchor. */
  static async open(given: AuditOptions): Promise<AuditLog> {
    const options = { ...given, path: auditPath(given.path) };
    const { path } = options;
    let lock: AuditLock | undefined;
    try {
      await refuseSpecialFile(path);
      lock = await lockAudit(lockFile(path));
      const keys = await ensureKeys(path, options.key);
      const chain = await openChain(path, keys);
      const writer = new AuditWriter(
        { path, maxBytes: options.maxBytes, headKey: keys.head, lock, sync: options.sync },
        chain,
      );
      const log = new AuditLog(options, keys, lock, writer, chain.end);
      if (chain.tornBytes > 0) {
        log.#note({ event: 'torn', bytes: chain.tornBytes });
        options.onAlarm?.({ kind: 'torn', bytes: chain.tornBytes });
      }
      if (chain.unanchored > 0) {
        // In the log before the next anchor vouches for those lines: that they were found so can never disappear.
        log.#note({ event: 'unanchored', lines: chain.unanchored });
        options.onAlarm?.({ kind: 'unanchored', lines: chain.unanchored });
        await log.flush();
      } else {
        // From the first moment on, so that a missing anchor is never an accident.
        await writer.anchor(chain.end);
      }
      return log;
    } catch (error) {
      await lock?.release();
      throw asConfigurationError(error, path);
    }
  }

  /** Adds a line. Never throws and never waits. */
  record(record: AuditRecord): void {
    if (this.#closed) {
      this.#lost += 1;
      this.#options.onAlarm?.({ kind: 'abandoned', lines: 1 });
      return;
    }
    if (this.#chars > MAX_WAITING_CHARS) {
      this.#lost += 1;
      this.#untold += 1;
      return;
    }
    if (this.#untold > 0) {
      this.#note({ event: 'lost', lines: this.#untold });
      this.#untold = 0;
    }
    this.#add(callLine(record, argumentDigest(record.args, this.#keys.args), new Date(), this.#end));
  }

  /** Number and hash of the last line: worth keeping somewhere else, for `audit verify --head`. */
  get end(): ChainEnd {
    return this.#end;
  }

  state(): AuditState {
    return {
      status: this.#failing ? 'failing' : 'ok',
      seq: this.#end.seq,
      waiting: this.#lines.length,
      lost: this.#lost,
      failures: this.#failures,
    };
  }

  /** Puts on the disk what waits. Never throws: a failure is an alarm. */
  async flush(): Promise<void> {
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  /**
   * Writes the rest, within 5 s, and gives the log free. Lines that the disk would not take are told of, at most one too
   * many: what was under way may yet arrive.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#writeRest();
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#touch);
    const left = this.#lines.length + this.#untold;
    this.#lost += left;
    if (left > 0) this.#options.onAlarm?.({ kind: 'abandoned', lines: left });
    // A write that hangs still owns the file: the next process may have it once this one is dead.
    if (this.#flushing !== undefined) return;
    await this.#writer.close();
    await this.#lock.release();
  }

  async #writeRest(): Promise<void> {
    const timeUp = new AbortController();
    const timer = setTimeout(() => timeUp.abort(), this.#options.closeMs ?? CLOSE_MS);
    const over = new Promise<void>((resolve) => timeUp.signal.addEventListener('abort', () => resolve()));
    for (let refused = 0; this.#lines.length > 0 || this.#unanchored !== undefined; ) {
      const failures = this.#failures;
      await Promise.race([this.flush(), over]);
      if (this.#failures > failures) refused += 1;
      if (timeUp.signal.aborted || refused >= CLOSE_ATTEMPTS) break;
      if (this.#failures > failures) await Promise.race([sleep(CLOSE_PAUSE_MS), over]);
    }
    clearTimeout(timer);
  }

  #note(event: AuditEvent): void {
    this.#add(eventLine(event, new Date(), this.#end));
  }

  #add(line: string): void {
    this.#end = { seq: this.#end.seq + 1, hash: lineHash(line) };
    this.#lines.push(line);
    this.#chars += line.length + 1;
    if (this.#chars > FLUSH_CHARS && !this.#failing && this.#flushing === undefined) this.#schedule(0);
    else if (this.#timer === undefined) this.#schedule(this.#options.flushMs ?? FLUSH_MS);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, delayMs).unref();
  }

  async #drain(): Promise<void> {
    try {
      while (this.#lines.length > 0 || this.#unanchored !== undefined) {
        if (this.#lines.length > 0) await this.#write();
        if (this.#unanchored !== undefined) await this.#writer.anchor(this.#unanchored);
        this.#unanchored = undefined;
      }
      this.#recovered();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #write(): Promise<void> {
    const written = await this.#writer.write(this.#lines);
    const last = this.#lines[written - 1] ?? '';
    this.#lines = this.#lines.slice(written);
    this.#chars = this.#lines.reduce((sum, line) => sum + line.length + 1, 0);
    this.#unanchored = { seq: this.#end.seq - this.#lines.length, hash: lineHash(last) };
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    if (!this.#failing) this.#options.onAlarm?.({ kind: 'failing', reason: reasonOf(error) });
    this.#failing = true;
    this.#schedule(1_000);
  }

  #recovered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.onAlarm?.({ kind: 'recovered', lost: this.#lost });
  }
}

export function auditPath(path: string): string {
  return path.replaceAll('{host}', hostname());
}

/** The system's code says it all and quotes nothing. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.message;
}

function asConfigurationError(error: unknown, path: string): ConfigurationError {
  if (error instanceof ConfigurationError) return error;
  return new ConfigurationError(`AUDIT_LOG: não foi possível abrir ${path} para escrita (${reasonOf(error)}).`, [], {
    hint: 'A pasta precisa existir e o usuário do servidor precisa poder escrever nela.',
    cause: error,
  });
}
