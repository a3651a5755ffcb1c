/** npm asked for what it knows: nothing of the question stays, not even what npm would remember of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onDisk } from '../servers/data-disk.ts';
import { type CommandEnd, type RunOptions, runCommand } from './run-command.ts';

/**
 * @param options `cwd` is where npm looks for settings of a project: a folder that is ours, never one that anybody may write to
 * @throws the signal's reason when it was aborted; HubError (`disco_indisponivel`) without room for a folder
 */
export async function askNpm(args: readonly string[], options: RunOptions): Promise<CommandEnd> {
  const cache = await onDisk(() => mkdtemp(join(tmpdir(), 'omie-mcp-hub-npm-')));
  try {
    return await runCommand({ command: 'npm', args }, { ...options, env: { ...options.env, npm_config_cache: cache } });
  } finally {
    await rm(cache, { recursive: true, force: true, maxRetries: 3 });
  }
}
