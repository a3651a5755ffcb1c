import type { Command } from './runner.ts';

/** Node's own limits on what a program may touch: named differently before Node 22.13. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/**
 * A JavaScript program with the Node that runs us. With `folder`, it reads and writes nothing outside of it and starts no
 * program of its own: our credentials are files of the same user.
 */
export function nodeProgram(file: string, args: readonly string[], readable: readonly string[] | undefined): Command {
  const limits =
    readable === undefined
      ? []
      : [
          PERMISSION,
          ...readable.map((path) => `--allow-fs-read=${path}/`),
          `--allow-fs-write=${readable[0]}/`,
          // It warns that it is experimental, which is no news to the reader of the logs.
          '--disable-warning=ExperimentalWarning',
        ];
  return { command: process.execPath, args: [...limits, file, ...args] };
}
