import { expect, it } from 'vitest';
import { deployRequestSchema } from '../../../src/hub/deploy/deploy-request.ts';
import { Planner } from '../../../src/hub/deploy/planner.ts';
import { npmResolver } from '../../../src/hub/deploy/resolve-npm.ts';
import { hubProblems } from '../../../src/hub/problem.ts';
import type { Runner } from '../../../src/hub/runners/runner.ts';
import type { Method } from '../../../src/hub/servers/server-record.ts';

const runner = (method: Method, more: Pick<Runner, 'servesPorts'> = {}): Runner => ({
  method,
  ...more,
  unusable: () => undefined,
  fit: () => ({ fits: true, why: 'sempre' }),
  plan: async () => ({ commands: [], hosts: [], warnings: [], launch: {} }),
  start: () => Promise.reject(new Error('not asked')),
  stop: async () => {},
  remove: async () => {},
  logs: async () => [],
  health: async () => ({ healthy: true }),
  sweep: async () => {},
});
const plan = (runners: Runner[], more: object) =>
  new Planner({ runners, resolvers: [npmResolver], isOurs: () => false, takenDomains: () => new Set() }).plan(
    deployRequestSchema.parse({ package: 'pacote-de-teste@1.0.0', ...more }),
    new AbortController().signal,
  );
const [npx, e2b, docker] = [runner('npx'), runner('e2b'), runner('docker', { servesPorts: true })];

it.each(['auto', 'npx'] as const)(
  'a port that nobody would listen for is refused, with what to do (%s)',
  async (method) => {
    const refused = plan([npx, e2b], { port: 8080, method });
    await expect(refused).rejects.toMatchObject({
      code: 'sem_executor',
      message: expect.stringContaining('port só vale em contêiner (docker): com npx'),
      errors: [{ field: 'port' }],
      hint: expect.stringContaining('Retire port'),
    });
    expect(hubProblems.sem_executor.status).toBe(422);
  },
);

it('says why what would serve it was passed over', async () => {
  const away: Runner = { ...docker, unusable: () => 'o Docker não responde.' };
  await expect(plan([npx, away, e2b], { port: 8080 })).rejects.toMatchObject({
    message:
      'port só vale em contêiner (docker): com npx e e2b o servidor fala por stdin e stdout. docker: o Docker não responde.',
    errors: [{ field: 'port' }],
  });
});

it('auto takes what serves it; without one nothing is another than before', async () => {
  expect(await plan([npx, docker], { port: 8080 })).toMatchObject({ method: 'docker', port: 8080 });
  expect(await plan([npx, docker], {})).toMatchObject({ method: 'npx' });
});
