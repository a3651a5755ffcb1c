/**
 * Programs of a gateway that was killed. One that heeds the end of its stdin is gone by then; of one that does not, only its
 * environment still tells whose it was. Linux alone shows that; elsewhere nothing is marked and nothing ended.
 */
import { createHash } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { end, leftProcesses } from '../../left-processes.ts';
import { type ProcessStat, statOf } from '../../process-stat.ts';

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
 * it, and is left alone, but for one whose stdin and stdout are both pipes when what started it is gone: nothing tells it from a
 * program of the gateway. Left alone is, too, everything of a gateway of which nobody can tell that it is dead.
 *
 * @returns how many processes were ended
 */
export async function endOrphans(configPath: string): Promise<number> {
  const family = await familyOf(configPath);
  if (family === undefined) return 0;
  const left = await leftProcesses(MARK, new Set([family]));
  const conversations = new Set<string>();
  for (const [pid, stat] of left) if (await speaksFor(pid, stat, left)) conversations.add(stat.session);
  let ended = 0;
  for (const [pid, { session, start }] of left) {
    if (conversations.has(session) && (await end(pid, start))) ended += 1;
  }
  return ended;
}

/** Who began a session speaks for it; when that one is gone, whoever of it is still spoken with. */
async function speaksFor(
  pid: string,
  { parent, session }: ProcessStat,
  left: Map<string, ProcessStat>,
): Promise<boolean> {
  // Started by a program, not by the gateway.
  if (left.has(parent)) return false;
  if (pid !== session && (await statOf(session)) !== 'gone') return false;
  return isSpokenWith(pid);
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

/** Such programs have an end of a socket for stdin and stdout (so Node makes pipes); daemons have `/dev/null` or a file. */
async function isSpokenWith(pid: string): Promise<boolean> {
  for (const descriptor of [0, 1]) {
    const leadsTo = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    if (!leadsTo.startsWith('socket:')) return false;
  }
  return true;
}
