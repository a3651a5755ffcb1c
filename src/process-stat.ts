/** What Linux tells of any process (proc(5)); elsewhere nobody can tell. */
import { readFile } from 'node:fs/promises';

export interface ProcessStat {
  /** Number of the process that started it, or of the one that took it over when that was gone. */
  readonly parent: string;
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
    (code === 'ENOENT' || code === 'ESRCH') && hasNobody(pid) ? '' : undefined,
  );
  if (stat === undefined) return undefined;
  // The name of the program may hold spaces and brackets; what follows its last bracket does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent, , session, start] = [...fields.slice(0, 4), fields[19]];
  if (ENDED.has(state)) return 'gone';
  return parent === undefined || session === undefined || start === undefined ? 'gone' : { parent, session, start };
}

/** Whether no process has this number: where `/proc` is mounted with `hidepid` it hides some that live. */
function hasNobody(pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
