/** An Engine that takes every connection and never says a word. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ContainerJob } from '../../../../src/hub/runners/docker/container-spec.ts';
import { containerLogs, containerProblem, hostPort } from '../../../../src/hub/runners/docker/container-state.ts';
import { engineUnusable } from '../../../../src/hub/runners/docker/engine-unusable.ts';
import { type Engine, openEngine } from '../../../../src/hub/runners/docker/open-engine.ts';
import { localImage, pinImage } from '../../../../src/hub/runners/docker/pinned-image.ts';
import { ServerThings } from '../../../../src/hub/runners/docker/server-things.ts';

let mute: Server;
let engine: Engine;
let port: number;
const open = new Set<Socket>();
beforeEach(async () => {
  mute = createServer((socket) => {
    open.add(socket.on('error', () => {}));
    // Asked, and silent from here on.
    socket.on('data', () => {});
    socket.on('close', () => open.delete(socket));
  }).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  ({ port } = mute.address() as AddressInfo);
  engine = await openEngine({ host: '127.0.0.1', port, local: true });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const socket of open) socket.destroy();
  await new Promise((resolve) => mute.close(resolve));
});

const never = new AbortController().signal;
const job: ContainerJob = {
  hub: 'h',
  server: 's',
  image: 'i',
  args: [],
  env: {},
  volumes: [],
  limits: { memoryBytes: 1, cpus: 1 },
};
const things = (): ServerThings => new ServerThings(engine);

it.each<[string, () => Promise<unknown>]>([
  ['containers', () => things().containers({})],
  ['stopContainers', () => things().stopContainers('s')],
  ['makeNetwork', () => things().makeNetwork(job, never)],
  ['makeContainer', () => things().makeContainer(job, never)],
  ['removeAll', () => things().removeAll('s')],
  ['sweep', () => things().sweep('h', new Set())],
  ['containerProblem', () => containerProblem(engine, 'c')],
  ['hostPort', () => hostPort(engine, 'c', 1)],
  ['containerLogs', () => containerLogs(engine, 'c', 1)],
  ['localImage', () => localImage(engine, 'i')],
  ['pinImage', () => pinImage(engine, 'i:1')],
])('%s is told that it does not answer, and keeps no connection', async (_, call) => {
  const asked = once(mute, 'connection');
  const told = expect(call()).rejects.toMatchObject({ code: 'fonte_indisponivel' });
  await asked;
  expect(open.size).toBe(1);
  await vi.advanceTimersByTimeAsync(30_000);
  await told;
  await new Promise<void>((resolve) => [...open][0]?.once('close', resolve) ?? resolve());
  expect(open.size).toBe(0);
});

it('no container can run there', async () => {
  const asked = once(mute, 'connection');
  const told = engineUnusable(`tcp://127.0.0.1:${port}`);
  await asked;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await told).toMatch(/não responde/);
});

it('what lasts as long as it lasts is not cut', async () => {
  const ended = vi.fn();
  const asked = once(mute, 'connection');
  void engine
    .getContainer('c')
    .wait()
    .finally(ended)
    .catch(() => {});
  await asked;
  await vi.advanceTimersByTimeAsync(600_000);
  expect([ended.mock.calls, open.size]).toEqual([[], 1]);
});
