/** npm asked for what it knows: nothing of the question stays, not even what npm would remember of it. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk } from '../servers/data-disk.ts';
import { MARK, markWith } from './orphans.ts';
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
  const id = randomUUID();
  const cache = join(options.cwd, PREFIX + id);
  asking.add(cache);
  try {
    await onDisk(() => mkdir(cache, { mode: 0o700 }));
    const env = { ...options.env, npm_config_cache: cache, [MARK]: await markWith(id) };
    return await runCommand({ command: 'npm', args }, { ...options, env });
  } finally {
    asking.delete(cache);
    await remove(cache);
  }
}

/** Ids of the questions that a hub which was killed over them has left: their npm carries each its own mark. */
export async function questionsLeft(dataDir: string): Promise<string[]> {
  const names = await readdir(dataDir).catch((): string[] => []);
  return names.flatMap((name) =>
    name.startsWith(PREFIX) && !asking.has(join(dataDir, name)) ? [name.slice(PREFIX.length)] : [],
  );
}

/** Removes what is left of them, once none of their npm runs. */
export async function sweepQuestions(dataDir: string): Promise<void> {
  for (const id of await questionsLeft(dataDir)) await remove(join(dataDir, PREFIX + id));
}

/** What cannot go now is no reason to lose an answer, or to leave the others: the sweep of a later hub comes to it again. */
async function remove(cache: string): Promise<void> {
  await rm(cache, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
}

/** What npm printed; undefined when it is no JSON. */
export function readAnswer(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // Some versions of npm answer with a list of one.
    return Array.isArray(value) && value.length === 1 ? value[0] : value;
  } catch {
    return undefined;
  }
}
