import { ChildProcess } from '../../gateway/links/child-process.ts';
import type { LineListener } from '../../gateway/links/line-framer.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Command } from './runner.ts';

export interface RunOptions {
  readonly cwd: string;
  /** All of it: nothing of ours is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Each line of its errors as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface CommandEnd {
  /** Null when it could not be started, or was ended by a signal. */
  readonly exitCode: number | null;
  /** What it wrote for programs, as far as it is kept. */
  readonly stdout: string;
}

/** More than any answer we ask for. */
const MAX_STDOUT = 4 * 1_048_576;

/**
 * Runs a program to its end: never through a shell, in a process group that ends with it, with us, or with the signal.
 *
 * @throws the signal's reason when it was aborted
 */
export async function runCommand({ command, args }: Command, options: RunOptions): Promise<CommandEnd> {
  const { cwd, env, logger, signal, onLine } = options;
  signal.throwIfAborted();
  const lines: string[] = [];
  let size = 0;
  const keep = (line: string): void => {
    size += line.length + 1;
    if (size <= MAX_STDOUT) lines.push(line);
  };
  const output: LineListener = { line: (bytes) => keep(bytes.toString('utf8')), tooLong: (head) => keep(head) };
  const child = new ChildProcess({ command, args, env: {}, cwd }, output, {
    baseEnvironment: env,
    logger,
    ...(onLine === undefined ? {} : { onStderr: onLine }),
  });
  const end = (): void => {
    void child.close();
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    await child.ended;
  } finally {
    signal.removeEventListener('abort', end);
  }
  signal.throwIfAborted();
  return { exitCode: child.exitCode, stdout: lines.join('\n') };
}
