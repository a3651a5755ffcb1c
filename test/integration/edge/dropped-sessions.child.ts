/** A server in a process of its own, which tells its parent what it holds. */
import { readdirSync } from 'node:fs';
import { openEdge } from './open-edge.ts';

const edge = await openEdge({ sessionCap: 20_000, idleMs: 1_000 });

process.on('message', (question) => {
  if (question !== 'holds?') return;
  for (let n = 0; n < 3; n += 1) globalThis.gc?.();
  process.send?.({
    heapBytes: process.memoryUsage().heapUsed,
    descriptors: readdirSync('/proc/self/fd').length,
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
    sessions: edge.endpoints.stats().sessions,
  });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: edge.port });
