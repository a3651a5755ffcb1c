import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** The load runs on one core and the servers on another, so that neither slows the other. */
export const LOAD_CORE = 0;
export const SERVER_CORE = 1;

const canPin = cpus().length > SERVER_CORE && spawnSync('taskset', ['-c', String(SERVER_CORE), 'true']).status === 0;

/** A command line bound to a core, where the machine has taskset and a second core. */
export function pinned(core: number, command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  return canPin ? ['taskset', '-c', String(core), ...command] : command;
}

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const memory = Math.round(totalmem() / 2 ** 30);
  const pinning = canPin ? `load on core ${LOAD_CORE}, servers on core ${SERVER_CORE}` : 'no core pinning (no taskset)';
  return `${model}, ${cpus().length} cores, ${memory} GB, Node ${process.version}, ${process.platform}; ${pinning}`;
}
