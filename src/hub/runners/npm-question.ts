/** npm asked for what it knows: nothing of the question stays, not even what npm would remember of it. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk } from '../servers/data-disk.ts';
import { type CommandEnd, type RunOptions, runCommand } from './run-command.ts';

const PREFIX = 'npm-question-';
/** Folders of questions that this process has not yet had answered. */
const asking = new Set<string>();

/**
 * @param options `cwd` is HUB_DATA_DIR, where npm looks for settings of a project: a folder that is ours, never one that anybody
 *   may write to
 * @throws the signal's reason when it was aborted; HubError (`disco_indisponivel`) without room for a folder
 */
export async function askNpm(args: readonly string[], options: RunOptions): Promise<CommandEnd> {
  const cache = join(options.cwd, PREFIX + randomUUID());
  asking.add(cache);
  try {
    await onDisk(() => mkdir(cache, { mode: 0o700 }));
    return await runCommand({ command: 'npm', args }, { ...options, env: { ...options.env, npm_config_cache: cache } });
  } finally {
    await rm(cache, { recursive: true, force: true, maxRetries: 3 });
    asking.delete(cache);
  }
}

/** Removes what a hub that was killed over its questions has left. */
export async function sweepQuestions(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch((): string[] => []);
  for (const path of names.filter((name) => name.startsWith(PREFIX)).map((name) => join(dataDir, name)))
    if (!asking.has(path)) await rm(path, { recursive: true, force: true });
}
