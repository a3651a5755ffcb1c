import { ConfigurationError } from '../errors.ts';
import { type HeldFile, LOCK_TOUCH_MS } from '../files/held-file.ts';
import type { Secret } from '../logging/secret.ts';
import { argumentDigest } from './argument-digest.ts';
import { auditPath, lockFile } from './audit-files.ts';
import { type AuditKeys, ensureKeys } from './audit-key.ts';
import { type ChainEnd, callLine, eventLine } from './audit-line.ts';
import { lockAudit } from './audit-lock.ts';
import { AuditQueue } from './audit-queue.ts';
import type { AuditEvent, AuditRecord } from './audit-record.ts';
import { AuditWriter, type SyncFile } from './audit-writer.ts';
import { openChain, refuseSpecialFile } from './open-chain.ts';

/** How long a process that ends waits for its last lines; with the 10 s that its calls may take it is gone within the usual 20 s. */
const CLOSE_MS = 5_000;

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
 * the disk refuses, reads go on, and the state says `failing` until every line that waits is on the disk. Lines beyond
 * what memory holds are counted, and the count goes into the log.
 */
export class AuditLog {
  readonly #options: AuditOptions;
  readonly #keys: AuditKeys;
  readonly #lock: HeldFile;
  readonly #writer: AuditWriter;
  readonly #queue: AuditQueue;
  #lost = 0;
  /** Of the lost lines, those the log does not tell of yet. */
  #untold = 0;
  readonly #touch: NodeJS.Timeout;
  #closed = false;

  private constructor(options: AuditOptions, keys: AuditKeys, lock: HeldFile, writer: AuditWriter, end: ChainEnd) {
    this.#options = options;
    this.#keys = keys;
    this.#lock = lock;
    this.#writer = writer;
    this.#queue = new AuditQueue({
      writer,
      end,
      flushMs: options.flushMs,
      onFailing: (error) => options.onAlarm?.({ kind: 'failing', reason: reasonOf(error) }),
      onRecovered: () => options.onAlarm?.({ kind: 'recovered', lost: this.#lost }),
    });
    // An idle log is still ours. That it was taken is noticed when there is something to write.
    this.#touch = setInterval(() => void lock.keep().catch(() => {}), LOCK_TOUCH_MS).unref();
  }

  /** @throws ConfigurationError when the log cannot be written, is another process's, or contradicts its anchor. */
  static async open(given: AuditOptions): Promise<AuditLog> {
    const options = { ...given, path: auditPath(given.path) };
    const { path } = options;
    let lock: HeldFile | undefined;
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
    if (this.#queue.isFull) {
      this.#lost += 1;
      this.#untold += 1;
      return;
    }
    if (this.#untold > 0) {
      this.#note({ event: 'lost', lines: this.#untold });
      this.#untold = 0;
    }
    this.#queue.add(callLine(record, argumentDigest(record.args, this.#keys.args), new Date(), this.end));
  }

  /** Number and hash of the last line: worth keeping somewhere else, for `audit verify --head`. */
  get end(): ChainEnd {
    return this.#queue.end;
  }

  state(): AuditState {
    return {
      status: this.#queue.isFailing ? 'failing' : 'ok',
      seq: this.end.seq,
      waiting: this.#queue.waiting,
      lost: this.#lost,
      failures: this.#queue.failures,
    };
  }

  /** Puts on the disk what waits. Never throws: a failure is an alarm. */
  flush(): Promise<void> {
    return this.#queue.flush();
  }

  /**
   * Writes the rest, within 5 s, and gives the log free. Lines that the disk would not take are told of, at most one too
   * many: what was under way may yet arrive.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#queue.writeRest(this.#options.closeMs ?? CLOSE_MS);
    this.#closed = true;
    this.#queue.stop();
    clearInterval(this.#touch);
    const left = this.#queue.waiting + this.#untold;
    this.#lost += left;
    if (left > 0) this.#options.onAlarm?.({ kind: 'abandoned', lines: left });
    // A write that hangs still owns the file: the next process may have it once this one is dead.
    if (this.#queue.isWriting) return;
    await this.#writer.close();
    await this.#lock.release();
  }

  #note(event: AuditEvent): void {
    this.#queue.add(eventLine(event, new Date(), this.end));
  }
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
