import type { LoadSpec } from '../load/load-spec.ts';
import type { RunningServer } from '../processes.ts';
import type { Contender } from '../rounds.ts';

/** Eight clients with four calls in flight each, on a server that listens. */
export function eightByFour(
  name: string,
  { origin, pid }: RunningServer,
  load: Omit<LoadSpec, 'sessions' | 'inFlight' | 'warmUpMs' | 'measureMs'>,
): Contender {
  return { name, load: { ...load, origin, serverPid: pid, sessions: 8, inFlight: 4 } };
}
