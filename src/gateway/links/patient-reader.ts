/** Reads the lines of a pipe, and lets everybody else have a turn when there are too many of them. */
import type { Readable } from 'node:stream';
import { LineFramer, type LineListener } from './line-framer.ts';

/** Of one turn of the event loop. A pipe brings up to 2 MiB in a turn, which may be a million lines. */
const SLICE_MS = 5;
const SLICE_LINES = 64;

export class PatientReader {
  readonly #pipe: Readable;
  readonly #framer: LineFramer;
  readonly #left: Buffer[] = [];
  #stopped = false;
  #drained: (() => void) | undefined;

  constructor(pipe: Readable, listener: LineListener, maxLineBytes: number) {
    this.#pipe = pipe;
    this.#framer = new LineFramer(listener, maxLineBytes);
    pipe.on('data', (chunk: Buffer) => {
      // While it is paused too: Node resumes the pipes of a process that ended.
      this.#left.push(chunk);
      if (this.#left.length === 1) this.#read();
    });
  }

  readonly #read = (): void => {
    if (this.#stopped) return;
    const endsAt = performance.now() + SLICE_MS;
    for (let [chunk] = this.#left; chunk !== undefined; [chunk] = this.#left) {
      const rest = this.#framer.push(chunk, SLICE_LINES);
      if (this.#stopped) return;
      if (rest === undefined) this.#left.shift();
      else this.#left[0] = rest;
      if (this.#left.length > 0 && performance.now() > endsAt) {
        this.#pipe.pause();
        setImmediate(this.#read);
        return;
      }
    }
    this.#drained?.();
    if (this.#pipe.isPaused()) this.#pipe.resume();
  };

  /** Resolves when everything that came so far is read, or nothing more is. Asked once, of a pipe that has ended. */
  drained(): Promise<void> {
    if (this.#stopped || this.#left.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Nothing more is read. */
  stop(): void {
    this.#stopped = true;
    this.#left.length = 0;
    this.#pipe.destroy();
    this.#drained?.();
  }
}
