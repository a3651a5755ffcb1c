import { readFileSync } from 'node:fs';

/** Linux counts process time in hundredths of a second (USER_HZ), whatever the kernel's own tick. */
const MICROS_PER_TICK = 10_000;

/** CPU time of a process so far, user and system, all threads, in µs; undefined where there is no /proc. */
export function cpuMicros(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; utime and stime are the 12th and 13th fields after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK;
  } catch {
    return undefined;
  }
}
