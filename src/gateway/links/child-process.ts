/** A mounted server's process: its own process group, its own small environment, and never left behind. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Logger } from '../../logging/logger.ts';
import { mountedEnvironment } from './child-environment.ts';
import { LineFramer, type LineListener } from './line-framer.ts';
import { UpstreamGoneError } from './link-errors.ts';
import { PatientReader } from './patient-reader.ts';

export interface StdioTarget {
  /** Run as it is, never through a shell. */
  readonly command: string;
  readonly args: readonly string[];
  /** Declared for this server; all it gets besides the base. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
}

export interface ChildOptions {
  readonly baseEnvironment: Readonly<Record<string, string>>;
  readonly logger: Logger;
  /** Hears what the child prints for people, line by line and within the limits of the log. */
  readonly onStderr?: ((line: string) => void) | undefined;
  /** How long the child may take for its own goodbye after its stdin closed, and then after SIGTERM, in milliseconds. */
  readonly patience?: { readonly eofMs: number; readonly termMs: number };
}

/** More than any message has a reason to be. */
export const MAX_LINE_BYTES = 16 * 1_048_576;
/** What may wait in our memory for a child that does not read. */
const MAX_UNREAD_BYTES = 16 * 1_048_576;
const STDERR_LINE_BYTES = 2_000;
/** A child that chatters must not fill our log: so many lines a second, the rest is counted. */
const STDERR_LINES_PER_SECOND = 50;
const PATIENCE = { eofMs: 300, termMs: 2_000 };

/** Those still running, so that our own end is theirs. */
const living = new Set<ChildProcess>();
const killAll = (): void => {
  for (const child of living) child.killGroup('SIGKILL');
};

export class ChildProcess {
  /**
   * Resolves when the process has ended and all it said is read, with the reason in words: its last word may be the answer
   * to a call. Of who was given up, or has had all the patience there is, no more is read.
   */
  readonly ended: Promise<Error>;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #patience: { readonly eofMs: number; readonly termMs: number };
  #gone = false;
  #unwritten = '';
  readonly #output: PatientReader;
  #failure: Error | undefined;
  #verdict: Error | undefined;

  /** @throws ConfigurationError for an environment it may not have. */
  constructor(
    target: StdioTarget,
    output: LineListener,
    { baseEnvironment, logger, onStderr, patience = PATIENCE }: ChildOptions,
  ) {
    this.#patience = patience;
    const env = mountedEnvironment(baseEnvironment, target.env);
    this.#process = spawn(target.command, [...target.args], {
      env,
      cwd: target.cwd,
      shell: false,
      windowsHide: true,
      // Its own group: what it starts in turn (npx starts node) ends with it. On Windows this would open a console.
      detached: process.platform !== 'win32',
    });
    if (living.size === 0) process.on('exit', killAll);
    living.add(this);
    this.#output = new PatientReader(this.#process.stdout, output, MAX_LINE_BYTES);
    this.#process.stdout.on('error', () => {});
    // EPIPE of a child that stopped reading; its end is told by 'close'.
    this.#process.stdin.on('error', () => {});
    this.#process.stderr.on('error', () => {});
    this.#logStderr(logger, onStderr);
    this.ended = this.#untilEnd();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Null while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  /** False when the line cannot be delivered: the process is gone, or has not read for 16 MB. */
  write(line: string): boolean {
    const { stdin } = this.#process;
    const unread = stdin.writableLength + this.#unwritten.length;
    if (this.#gone || stdin.destroyed || stdin.writableEnded || unread > MAX_UNREAD_BYTES) return false;
    if (this.#unwritten === '') setImmediate(this.#flush);
    this.#unwritten += `${line}\n`;
    return true;
  }

  /** What came in one turn of the event loop goes out together: a write of its own for each call costs as much as the call. */
  readonly #flush = (): void => {
    const { stdin } = this.#process;
    const lines = this.#unwritten;
    this.#unwritten = '';
    if (lines !== '' && !stdin.destroyed && !stdin.writableEnded) stdin.write(lines);
  };

  /** Closes its stdin, asks its group to end, and at last ends it. Resolves when nothing of it runs. */
  async close(): Promise<void> {
    this.#flush();
    this.#process.stdin.end();
    if (await this.#endsWithin(this.#patience.eofMs)) return;
    this.killGroup('SIGTERM');
    if (await this.#endsWithin(this.#patience.termMs)) return;
    this.killGroup('SIGKILL');
    // A grandchild that left the group may still hold the pipes; it is not ours to wait for.
    this.#output.stop();
    this.#process.stderr.destroy();
    await this.ended;
  }

  /** Reads nothing more of it and ends it, for this reason. */
  giveUp(reason: Error): void {
    this.#verdict ??= reason;
    this.#output.stop();
    this.close();
  }

  killGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    // Once it is gone its number may be somebody else's.
    if (pid === undefined || this.#gone) return;
    try {
      if (process.platform === 'win32') this.#process.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // ESRCH: nobody of the group is left.
    }
  }

  #untilEnd(): Promise<Error> {
    return new Promise((resolve) => {
      const finish = (reason: () => Error): void => {
        if (this.#gone) return;
        this.#gone = true;
        living.delete(this);
        if (living.size === 0) process.off('exit', killAll);
        this.#output.drained().then(() => resolve(reason()));
      };
      this.#process.once('error', (error) => {
        this.#failure = error;
        // Never started: there will be no 'close'.
        if (this.#process.pid === undefined)
          finish(() => new UpstreamGoneError(`O programa não pôde ser iniciado (${codeOf(error)}).`, { sent: false }));
      });
      this.#process.once('exit', () => {
        // What it left running in its group would hold the pipes open, and be nobody's.
        this.killGroup('SIGKILL');
      });
      this.#process.once('close', (code, signal) => {
        const how = signal === null ? `com o código ${code ?? 'desconhecido'}` : `por ${signal}`;
        finish(
          () =>
            this.#verdict ?? new UpstreamGoneError(`O programa terminou ${how}.`, { sent: true, cause: this.#failure }),
        );
      });
    });
  }

  async #endsWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, ms, false);
    });
    const ended = await Promise.race([this.ended.then(() => true), late]);
    clearTimeout(timer);
    return ended;
  }

  /** What servers print for people. At debug, because nobody knows what they print. */
  #logStderr(logger: Logger, onStderr: ChildOptions['onStderr']): void {
    let second = 0;
    let lines = 0;
    const log = (line: string): void => {
      const now = Math.floor(performance.now() / 1_000);
      if (now !== second) {
        if (lines > STDERR_LINES_PER_SECOND)
          logger.debug({ dropped: lines - STDERR_LINES_PER_SECOND }, 'upstream stderr');
        second = now;
        lines = 0;
      }
      lines += 1;
      if (lines > STDERR_LINES_PER_SECOND) return;
      logger.debug({ line }, 'upstream stderr');
      onStderr?.(line);
    };
    const framer = new LineFramer(
      { line: (bytes) => log(bytes.toString('utf8').trim()), tooLong: (head) => log(`${head}…`) },
      STDERR_LINE_BYTES,
    );
    this.#process.stderr.on('data', (chunk: Buffer) => framer.push(chunk));
  }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
