import { setTimeout as sleep } from 'node:timers/promises';
import { type ChainEnd, lineHash } from './audit-line.ts';
import type { AuditWriter } from './audit-writer.ts';

/** Lines reach the disk, fsync included, at most this long after the call. */
const FLUSH_MS = 500;
/** Earlier when this many characters wait. */
const FLUSH_CHARS = 262_144;
/** While the disk refuses, lines wait in memory up to here. */
const MAX_WAITING_CHARS = 33_554_432;
/** How long after a failure the disk is asked again. */
const FAILED_PAUSE_MS = 1_000;
/** A disk that refuses is asked again, one that is slow is waited for. */
const CLOSE_ATTEMPTS = 3;
const CLOSE_PAUSE_MS = 200;

export interface QueueOptions {
  readonly writer: AuditWriter;
  /** Where the chain on the disk stands. */
  readonly end: ChainEnd;
  readonly flushMs?: number | undefined;
  /** Told when writing begins to fail, and why. */
  readonly onFailing: (error: unknown) => void;
  /** Told when it works again and nothing waits any more. */
  readonly onRecovered: () => void;
}

/** The lines that wait for the disk: chained as they come, written in batches, kept while the disk refuses. */
export class AuditQueue {
  readonly #options: QueueOptions;
  #end: ChainEnd;
  #lines: string[] = [];
  #chars = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #failing = false;
  #failures = 0;
  /** On the disk, but not in the anchor yet. */
  #unanchored: ChainEnd | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#end = options.end;
  }

  /** Where the chain stands, lines that wait included. */
  get end(): ChainEnd {
    return this.#end;
  }

  /** Lines that wait. */
  get waiting(): number {
    return this.#lines.length;
  }

  /** The disk has refused for so long that memory should hold no more lines. */
  get isFull(): boolean {
    return this.#chars > MAX_WAITING_CHARS;
  }

  get isFailing(): boolean {
    return this.#failing;
  }

  /** Attempts to write that failed. */
  get failures(): number {
    return this.#failures;
  }

  /** A write is under way. */
  get isWriting(): boolean {
    return this.#flushing !== undefined;
  }

  /** Adds a line that was made to follow `end`. Never throws and never waits. */
  add(line: string): void {
    this.#end = { seq: this.#end.seq + 1, hash: lineHash(line) };
    this.#lines.push(line);
    this.#chars += line.length + 1;
    if (this.#chars > FLUSH_CHARS && !this.#failing && this.#flushing === undefined) this.#schedule(0);
    else if (this.#timer === undefined) this.#schedule(this.#options.flushMs ?? FLUSH_MS);
  }

  /** Puts on the disk what waits. Never throws: who must know is told by `onFailing`. */
  async flush(): Promise<void> {
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  /** Writes the rest, as far as the disk takes it within `ms`. */
  async writeRest(ms: number): Promise<void> {
    const timeUp = new AbortController();
    const timer = setTimeout(() => timeUp.abort(), ms);
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

  /** Begins no write by itself any more, unless the one under way fails. */
  stop(): void {
    clearTimeout(this.#timer);
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
        if (this.#unanchored !== undefined) await this.#options.writer.anchor(this.#unanchored);
        this.#unanchored = undefined;
      }
      this.#recovered();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #write(): Promise<void> {
    const written = await this.#options.writer.write(this.#lines);
    const last = this.#lines[written - 1] ?? '';
    this.#lines = this.#lines.slice(written);
    this.#chars = this.#lines.reduce((sum, line) => sum + line.length + 1, 0);
    this.#unanchored = { seq: this.#end.seq - this.#lines.length, hash: lineHash(last) };
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    if (!this.#failing) this.#options.onFailing(error);
    this.#failing = true;
    this.#schedule(FAILED_PAUSE_MS);
  }

  #recovered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.onRecovered();
  }
}
