/**
 * Processes that outlive whoever started them, known by a mark in their environment: `family|number|start`, of which the last
 * two tell who that was. Linux alone shows the environment of a process; elsewhere none is found.
 */
import { readdir, readFile } from 'node:fs/promises';
import { type ProcessStat, statOf } from './process-stat.ts';

/**
 * Those of these families whose starter is certainly dead, by their numbers.
 *
 * @param variable which one of the environment is the mark
 */
export async function leftProcesses(
  variable: string,
  families: ReadonlySet<string>,
): Promise<Map<string, ProcessStat>> {
  const left = new Map<string, ProcessStat>();
  for (const pid of await readdir('/proc').catch((): string[] => [])) {
    if (!/^\d+$/.test(pid)) continue;
    // Before the environment: should the number become another's in between, `end` sees it.
    const stat = await statOf(pid);
    if (stat === undefined || stat === 'gone') continue;
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const mark = environment.split('\0').find((entry) => entry.startsWith(`${variable}=`));
    const [family = '', starter = '', start = ''] = mark?.slice(variable.length + 1).split('|') ?? [];
    if (families.has(family) && (await isDead(starter, start))) left.set(pid, stat);
  }
  return left;
}

/** Of whom nobody can tell now, nobody knows that it is dead. */
async function isDead(pid: string, start: string): Promise<boolean> {
  if (!/^\d+$/.test(pid) || !/^\d+$/.test(start)) return false;
  const stat = await statOf(pid);
  // The same number may be another process by now.
  return stat === 'gone' || (stat !== undefined && stat.start !== start);
}

/** @returns whether it was still there, and is ended */
export async function end(pid: string, start: string): Promise<boolean> {
  const now = await statOf(pid);
  if (now === undefined || now === 'gone' || now.start !== start) return false;
  try {
    process.kill(Number(pid), 'SIGKILL');
    return true;
  } catch {
    // Gone by itself.
    return false;
  }
}
