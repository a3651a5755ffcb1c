/** What Linux tells of any process (proc(5)); elsewhere nobody can tell. */
import { readFile } from 'node:fs/promises';

export interface ProcessStat {
  /** Number of the process that began its session. */
  readonly session: string;
  /** In ticks since the machine began: together with its number a process is one of a kind. */
  readonly start: string;
}

/** Who only waits to be counted runs no more. */
const ENDED = new Set(['Z', 'X', 'x']);

/** @param pid a number, or `self`. Undefined when nobody can tell now. */
export async function statOf(pid: string): Promise<ProcessStat | 'gone' | undefined> {
  if (!/^(?:self|\d+)$/.test(pid)) return 'gone';
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(({ code }: NodeJS.ErrnoException) =>
    code === 'ENOENT' || code === 'ESRCH' ? '' : undefined,
  );
  if (stat === undefined) return undefined;
  // The name of the program may hold spaces and brackets; what follows its last bracket does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', , , session, start] = [...fields.slice(0, 4), fields[19]];
  if (ENDED.has(state)) return 'gone';
  return session === undefined || start === undefined ? 'gone' : { session, start };
}
