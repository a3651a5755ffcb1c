// The servers as the pages see them: however many pages are open, no server is asked for its health more often.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LiveServers, type LiveServersParts } from '../../../src/hub/live/live-servers.ts';
import type { Health } from '../../../src/hub/runners/runner.ts';
import type { ServerRecord } from '../../../src/hub/servers/server-record.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const record = (name: string): ServerRecord => ({
  id: `hub-${name}`,
  name,
  source: { kind: 'npm', name, version: '1.0.0' },
  method: 'npx',
  status: 'deployed',
  wanted: 'running',
  domain: name,
  tools: [],
  args: [],
  env: {},
  launch: {},
  created_at: '2026-11-21T12:00:00Z',
  updated_at: '2026-11-21T12:00:00Z',
});

/** Two servers; what is asked, and how each is answered. */
function twoServers() {
  const records = new Map(['a', 'b'].map((name) => [`hub-${name}`, record(name)]));
  const asked: string[] = [];
  const answers = new Map<string, () => Promise<Health>>();
  const parts: LiveServersParts = {
    servers: { all: () => [...records.values()], find: (id) => records.get(id) },
    deployments: {
      health: async (id) => {
        asked.push(id);
        return answers.get(id)?.() ?? { healthy: true };
      },
    },
    mounting: { stateOf: () => undefined },
  };
  const live = new LiveServers(parts);
  const healths = async () => (await live.read()).map(({ health }) => health.detail ?? health.healthy);
  return { records, asked, answers, live, healths };
}

it('asks each server once for all who look, and again when the answer is old or the server is another', async () => {
  const { records, asked, healths } = twoServers();
  await Promise.all(Array.from({ length: 20 }, healths));
  expect(asked).toEqual(['hub-a', 'hub-b']);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await healths()).toEqual([true, true]);
  expect(asked).toHaveLength(2);

  records.set('hub-a', { ...record('a'), status: 'stopped' });
  await healths();
  expect(asked).toEqual(['hub-a', 'hub-b', 'hub-a']);
  await vi.advanceTimersByTimeAsync(6_000);
  await Promise.all([healths(), healths()]);
  expect(asked).toHaveLength(5);
});

it('a server that does not answer hides no other, is not asked again and again, and is told once it answers', async () => {
  const { asked, answers, healths } = twoServers();
  let answer = (_health: Health): void => {};
  answers.set(
    'hub-a',
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  const seen = healths();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await seen).toEqual(['a saúde não foi dita a tempo', true]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await healths()).toEqual(['a saúde não foi dita a tempo', true]);
  expect(asked.filter((id) => id === 'hub-a')).toHaveLength(1);

  answer({ healthy: true });
  await vi.advanceTimersByTimeAsync(0);
  expect(await healths()).toEqual([true, true]);
});

it('a health that cannot be had says so', async () => {
  const { answers, live } = twoServers();
  answers.set('hub-b', () => Promise.reject(new Error('no Engine')));
  expect((await live.read()).map(({ health }) => health)).toEqual([
    { healthy: true },
    { healthy: false, unknown: true, detail: 'a saúde não pôde ser consultada' },
  ]);
});
