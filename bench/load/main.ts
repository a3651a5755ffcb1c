/** The load generator: one JSON argument in, one JSON line out. Runs in a process of its own. */
import { runClosedLoop } from './closed-loop.ts';
import { openHttpSession } from './http-session.ts';
import { type CheckedLoadSpec, loadSpecSchema } from './load-spec.ts';
import type { Session } from './session.ts';
import { openSseSession } from './sse-session.ts';
import { openStdioSession } from './stdio-session.ts';

const openers: Record<CheckedLoadSpec['transport'], (spec: CheckedLoadSpec) => Promise<Session>> = {
  http: openHttpSession,
  modern: openHttpSession,
  sse: openSseSession,
  stdio: openStdioSession,
};

const spec = loadSpecSchema.parse(JSON.parse(process.argv[2] ?? ''));
const sessions: Session[] = [];
for (let count = 0; count < spec.sessions; count += 1) sessions.push(await openers[spec.transport](spec));
const result = await runClosedLoop(spec, sessions);
for (const session of sessions) session.close();
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
