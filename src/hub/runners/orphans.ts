/** Programs of a hub that was killed. Each carries a mark in its environment, as containers carry labels. */
import { createHash } from 'node:crypto';
import { end, leftProcesses } from '../../left-processes.ts';
import { statOf } from '../../process-stat.ts';
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
  const self = await statOf('self');
  return [familyOf(id), process.pid, self === undefined || self === 'gone' ? '' : self.start].join('|');
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
  let ended = 0;
  for (const [pid, { start }] of await leftProcesses(MARK, families)) if (await end(pid, start)) ended += 1;
  return ended;
}
