/** What a command in a sandbox prints, line by line, for as long as somebody listens. */
import { setTimeout as wait } from 'node:timers/promises';
import type { CommandHandle, Sandbox } from 'e2b';
import { isGone } from './e2b-sandboxes.ts';

/** The SDK keeps all that it hears of a command: after so many characters it is left, and listened to anew. */
const MOST_HEARD = 1_000_000;
const MAX_LINE = 4_000;
/** Before each try to listen anew; a service that is away for longer than all of them says nothing more of this command. */
const PAUSES_MS = [1_000, 5_000, 30_000];

export type HearLine = (line: string) => void;

/** Pieces of text in, whole lines out. */
export function linesOf(hear: HearLine): (piece: string) => void {
  let rest = '';
  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\r|\n/);
    rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const line of lines) if (line !== '') hear(line);
  };
}

export class CommandOutput {
  readonly #sandbox: Sandbox;
  readonly #hear: HearLine;
  #handle: CommandHandle | undefined;
  #heard = 0;
  #left = false;

  constructor(sandbox: Sandbox, hear: HearLine) {
    this.#sandbox = sandbox;
    this.#hear = hear;
  }

  /** Starts it and listens. @throws what the SDK throws */
  async start(line: string, envs: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    const { commands } = this.#sandbox;
    const options = { background: true, timeoutMs: 0, envs: { ...envs }, ...this.#callbacks() } as const;
    await this.#take(await untilStarted(signal, (started) => commands.run(line, { ...options, signal: started })));
  }

  /** Listens to one that runs. @throws what the SDK throws */
  async connect(pid: number): Promise<void> {
    await this.#take(await this.#sandbox.commands.connect(pid, { timeoutMs: 0, ...this.#callbacks() }));
  }

  /** Undefined while it runs, as far as we hear. */
  get exitCode(): number | undefined {
    return this.#handle?.exitCode;
  }

  /** It runs on, and nobody listens. */
  async leave(): Promise<void> {
    this.#left = true;
    await this.#handle?.disconnect();
  }

  async #take(handle: CommandHandle): Promise<void> {
    // How it ended is asked of the exit code; a connection that is cut is no end.
    handle.wait().catch(() => this.#listenAnew(handle, PAUSES_MS));
    // It was left while the connection was being made.
    if (this.#left) return void (await handle.disconnect());
    this.#handle = handle;
    this.#heard = 0;
  }

  #callbacks() {
    const lines = linesOf(this.#hear);
    const onPiece = (piece: string): void => {
      this.#heard += piece.length;
      lines(piece);
      if (this.#heard > MOST_HEARD) this.#listenAnew(this.#handle, [0, ...PAUSES_MS]);
    };
    return { onStdout: onPiece, onStderr: onPiece };
  }

  /** @param handle which is listened to no longer; nothing for one that was left, or has ended */
  #listenAnew(handle: CommandHandle | undefined, pausesMs: readonly number[]): void {
    if (this.#left || handle === undefined || this.#handle !== handle || handle.exitCode !== undefined) return;
    this.#handle = undefined;
    this.#connectAgain(handle, pausesMs).catch(() => {
      if (!this.#left) this.#hear('hub: a saída do servidor não pôde mais ser lida');
    });
  }

  /** @throws what the last try threw */
  async #connectAgain(handle: CommandHandle, pausesMs: readonly number[]): Promise<void> {
    await handle.disconnect();
    const pauses = [...pausesMs];
    for (let pause = pauses.shift(); pause !== undefined && !this.#left; pause = pauses.shift()) {
      await wait(pause, undefined, { ref: false });
      if (this.#left) return;
      try {
        return await this.connect(handle.pid);
      } catch (thrown) {
        if (isGone(thrown) || pauses.length === 0) throw thrown;
      }
    }
  }
}

/** The SDK would end the command's stream when the signal of its start is aborted later. */
async function untilStarted<T>(signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const starting = new AbortController();
  const abort = (): void => starting.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await start(starting.signal);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
