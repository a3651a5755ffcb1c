/**
 * Programs of a gateway that was killed. One that heeds the end of its stdin is gone by then; of one that does not, only its
 * environment still tells whose it was. Linux alone shows that; elsewhere nothing is marked and nothing ended.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { type ProcessStat, statOf } from './process-stat.ts';

const MARK = 'OMIE_MCP_HUB_GATEWAY';

/**
 * The variable that every program of this gateway is given: whose it is, and which run of that gateway started it. The program
 * can read it, so it holds no path. None where the system does not tell enough to know a process again.
 *
 * @param configPath absolute path of the gateway's file
 */
export async function orphanMark(configPath: string): Promise<Record<string, string>> {
  const family = await familyOf(configPath);
  const self = await statOf('self');
  if (family === undefined || self === undefined || self === 'gone') return {};
  return { [MARK]: [family, process.pid, self.start].join('|') };
}

/**
 * Ends what gateways with this file left running and no longer live themselves: every program that such a gateway spoke with,
 * and what is still in its session. What a program put into a session of its own (a browser, a daemon) may be meant to outlive
 * it, and is left alone; so is everything of a gateway of which nobody can tell that it is dead.
 *
 * @returns how many processes were ended
 */
export async function endOrphans(configPath: string): Promise<number> {
  const family = await familyOf(configPath);
  if (family === undefined) return 0;
  const left = new Map<string, ProcessStat>();
  for (const pid of await readdir('/proc').catch((): string[] => [])) {
    if (!/^\d+$/.test(pid) || !(await isLeft(pid, family))) continue;
    const stat = await statOf(pid);
    if (stat !== undefined && stat !== 'gone') left.set(pid, stat);
  }
  const conversations = new Set<string>();
  for (const [pid, { session }] of left) if (pid === session && (await isSpokenWith(pid))) conversations.add(session);
  let ended = 0;
  for (const [pid, { session, start }] of left) {
    if (conversations.has(session) && (await end(pid, start))) ended += 1;
  }
  return ended;
}

/**
 * One for all programs of a file, and of no other: a file of the same path in another container, or another user's, is another,
 * and so is one whose numbers of processes and times mean something else.
 */
async function familyOf(configPath: string): Promise<string | undefined> {
  const numbers = await readlink('/proc/self/ns/pid').catch(() => undefined);
  // Older kernels have one time for all.
  const times = await readlink('/proc/self/ns/time').catch(() => '');
  if (numbers === undefined) return undefined;
  const whose = JSON.stringify(['omie-mcp-hub gateway', configPath, process.getuid?.(), numbers, times]);
  return createHash('sha256').update(whose).digest('hex').slice(0, 32);
}

/** Whether it is of this family, and the gateway that started it is certainly dead. */
async function isLeft(pid: string, family: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  const mark = environment.split('\0').find((entry) => entry.startsWith(`${MARK}=`));
  const [its, gateway = '', start = ''] = mark?.slice(MARK.length + 1).split('|') ?? [];
  if (its !== family || !/^\d+$/.test(gateway) || !/^\d+$/.test(start)) return false;
  const stat = await statOf(gateway);
  // The same number may be another process by now.
  return stat === 'gone' || (stat !== undefined && stat.start !== start);
}

/** Programs that are spoken with have one end of a socket for stdin (so Node makes pipes); daemons have `/dev/null`. */
async function isSpokenWith(pid: string): Promise<boolean> {
  return (await readlink(`/proc/${pid}/fd/0`).catch(() => '')).startsWith('socket:');
}

async function end(pid: string, start: string): Promise<boolean> {
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
