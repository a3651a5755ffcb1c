/** Programs of a hub that was killed. Each carries a mark in its environment, as containers carry labels. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { statOf } from '../../gateway/links/process-stat.ts';
import { hubIdOf, readHubId } from './hub-id.ts';

export const MARK = 'OMIE_MCP_HUB_SERVER';

/**
 * The mark of a server's process: whose it is, and which run of that hub started it. The program can read it, so it holds no
 * path and no id of the house. Its last part is empty where the system does not tell when a process began.
 */
export async function markOf(dataDir: string): Promise<string> {
  return markWith(await hubIdOf(dataDir));
}

/** The same for what has an id of its own, which {@link endOrphans} is told. */
export async function markWith(id: string): Promise<string> {
  return [familyOf(id), process.pid, (await startOf('self')) ?? ''].join('|');
}

/** One for all servers of a data folder, and of no other; nobody gets from it to the id, which labels what runs elsewhere. */
function familyOf(id: string): string {
  return createHash('sha256').update(`omie-mcp-hub orphans ${id}`).digest('hex').slice(0, 32);
}

/**
 * Ends what hubs with this folder left running and no longer live themselves. Linux alone tells the environment of a
 * process; elsewhere a program ends when its stdin does.
 *
 * @param others ids of what was marked with one of its own
 * @returns how many processes were ended
 */
export async function endOrphans(dataDir: string, others: readonly string[] = []): Promise<number> {
  const hubId = await readHubId(dataDir);
  const families = new Set([...(hubId === undefined ? [] : [hubId]), ...others].map(familyOf));
  // Nothing was ever started from here.
  if (families.size === 0) return 0;
  const names = await readdir('/proc').catch((): string[] => []);
  let ended = 0;
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const mark = environment.split('\0').find((entry) => entry.startsWith(`${MARK}=`));
    const [family = '', hub = '', start = ''] = mark?.slice(MARK.length + 1).split('|') ?? [];
    // The same number may be another process by now: together with its start it is one of a kind.
    if (!families.has(family) || start === '') continue;
    const hubsStart = await startOf(hub);
    // Of a hub that cannot be looked at now nobody knows that it is dead.
    if (hubsStart === undefined || hubsStart === start) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
      ended += 1;
    } catch {
      // Gone by itself.
    }
  }
  return ended;
}

/** When a process began; empty when there is none, undefined when nobody can tell. */
async function startOf(pid: string): Promise<string | undefined> {
  const stat = await statOf(pid);
  return stat === 'gone' ? '' : stat?.start;
}
