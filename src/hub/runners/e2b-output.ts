/** What a command in a sandbox prints, line by line, for as long as somebody listens. */
import type { CommandHandle, Sandbox } from 'e2b';

/** The SDK keeps all that it hears of a command: after so many characters it is left, and listened to anew. */
const MOST_HEARD = 1_000_000;
const MAX_LINE = 4_000;

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
    handle.wait().catch(() => {});
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
      if (this.#heard > MOST_HEARD) this.#again();
    };
    return { onStdout: onPiece, onStderr: onPiece };
  }

  #again(): void {
    const handle = this.#handle;
    if (this.#left || handle === undefined) return;
    this.#handle = undefined;
    void handle
      .disconnect()
      .then(async () => {
        if (!this.#left) await this.connect(handle.pid);
      })
      .catch(() => {
        if (!this.#left) this.#hear('hub: a saída do servidor não pôde mais ser lida');
      });
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
