import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sandbox } from 'e2b';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type E2b, openE2b } from '../../../../src/hub/runners/e2b.ts';
import { CommandOutput, linesOf } from '../../../../src/hub/runners/e2b-output.ts';
import { reachOf } from '../../../../src/hub/runners/e2b-reach.ts';
import { LogLines } from '../../../../src/hub/servers/log-lines.ts';
import type { ServerRecord } from '../../../../src/hub/servers/server-record.ts';
import { Secret } from '../../../../src/logging/secret.ts';
import { FakeE2b } from '../../../support/e2b-server.ts';
import { probePackage } from '../../../support/npm-registry.ts';
import { supergatewayPackage } from '../../../support/supergateway.ts';
import { silent } from '../../../support/upstreams.ts';

const slow = { timeout: 30_000, interval: 20 };
const context = { signal: new AbortController().signal, log: () => {} };
const server: ServerRecord = {
  id: 'hub-abcdefghijkl',
  name: 'probe',
  source: { kind: 'npm', name: '@teste/probe-server', version: '1.2.3' },
  method: 'e2b',
  status: 'starting',
  wanted: 'running',
  domain: 'probe',
  tools: [],
  args: [],
  env: {},
  launch: { kind: 'npm', name: '@teste/probe-server', version: '1.2.3', bin: 'dist/index.cjs' },
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
};

let fake: FakeE2b;
let dataDir: string;
let lines: LogLines;
let e2b: E2b;
const open = (extendEveryMs: number, apiKey: string | undefined = FakeE2b.apiKey): E2b =>
  openE2b({
    dataDir,
    e2b: { apiKey: apiKey === '' ? undefined : new Secret(apiKey), apiUrl: fake.url, sandboxUrl: fake.url },
    lines,
    logger: silent,
    lookUpNpm: () => Promise.reject(new Error('not asked')),
    fetchArchive: () => Promise.reject(new Error('not asked')),
    extendEveryMs,
  });
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-e2b-unit-'));
  fake = await FakeE2b.start({ packages: [probePackage(), supergatewayPackage] });
  lines = new LogLines();
});
afterEach(async () => {
  await e2b.close();
  await fake.close();
  await rm(dataDir, { recursive: true, force: true });
});

it('a sandbox lives on while its server is wanted; one that E2B ended is unwell, and the logs say why', async () => {
  e2b = open(30);
  await e2b.runner.start(server, context);
  const [sandbox] = fake.sandboxes.values();
  await vi.waitFor(() => expect(sandbox?.timeouts.slice(1, 4)).toEqual([900, 900, 900]), slow);
  expect(await e2b.runner.health(server)).toEqual({ healthy: true });
  // A question that fails ends nothing.
  fake.failures.push(500);
  await vi.waitFor(() => expect(fake.failures).toEqual([]), slow);
  expect(await e2b.runner.health(server)).toEqual({ healthy: true });
  await fake.end(sandbox?.id ?? '');
  await vi.waitFor(() => expect(lines.last(server.id, 9).join()).toContain('o E2B encerrou a sandbox'), slow);
  expect(await e2b.runner.health(server)).toEqual({ healthy: false, detail: 'a sandbox terminou' });
});

it('a sandbox of which E2B says nothing is not taken for one that ended', async () => {
  e2b = open(60_000);
  await e2b.runner.start(server, context);
  await fake.close();
  expect(await e2b.runner.health(server)).toMatchObject({ healthy: false, unknown: true });
  fake = await FakeE2b.start();
});

it('a start that is called off ends its sandbox', async () => {
  e2b = open(60_000);
  const abort = new AbortController();
  const log = (line: string): void => {
    if (line.startsWith('na sandbox')) abort.abort(new Error('enough'));
  };
  await expect(e2b.runner.start(server, { signal: abort.signal, log })).rejects.toThrow();
  expect(fake.requests).toContain('POST /v2/sandboxes');
  expect(fake.sandboxes.size).toBe(0);
});

it('a command that died while the hub was away is not taken over: another sandbox is', async () => {
  e2b = open(60_000);
  await e2b.runner.start(server, context);
  await e2b.close();
  const [first] = fake.sandboxes.values();
  await first?.envd.close();
  e2b = open(60_000);
  await e2b.runner.start(server, context);
  expect([...fake.sandboxes.keys()]).toEqual([expect.not.stringMatching(first?.id ?? '')]);
});

it('a server that sends its visitors elsewhere is waited for, and nobody is told its token', async () => {
  e2b = open(60_000);
  // Whoever follows is refused: it leads inside.
  fake.sendsOn = 'https://10.0.0.1/';
  const starting = e2b.runner.start(server, context);
  await vi.waitFor(() => expect(fake.sentOn).toBeGreaterThan(1), slow);
  fake.sendsOn = undefined;
  expect(await starting).toMatchObject({ transport: 'http' });
});

it('a start that is called off while it takes over a sandbox leaves it to the next hub', async () => {
  e2b = open(60_000);
  await e2b.runner.start(server, context);
  await e2b.close();
  const before = [...fake.sandboxes.keys()];
  e2b = open(60_000);
  fake.sendsOn = 'https://other.example/';
  const abort = new AbortController();
  const starting = e2b.runner.start(server, { ...context, signal: abort.signal });
  const called = expect(starting).rejects.toThrow();
  await vi.waitFor(() => expect(fake.sentOn).toBeGreaterThan(0), slow);
  abort.abort(new Error('the hub leaves'));
  await called;
  expect([...fake.sandboxes.keys()]).toEqual(before);
  // Another hub that fails to make its own ends none but that.
  fake.sendsOn = undefined;
  await e2b.close();
  e2b = open(60_000);
  await e2b.runner.start(server, context);
  expect([...fake.sandboxes.keys()]).toEqual(before);
});

it('an answer about the last sandbox of a server says nothing of its next one', async () => {
  e2b = open(30);
  await e2b.runner.start(server, context);
  const [first] = fake.sandboxes.keys();
  let openGate = (): void => {};
  fake.gate = new Promise((resolve) => {
    openGate = resolve;
  });
  const asked = (): number => fake.requests.filter((one) => one === `POST /sandboxes/${first}/timeout`).length;
  const before = asked();
  await vi.waitFor(() => expect(asked()).toBeGreaterThan(before), slow);
  await e2b.runner.stop(server);
  await e2b.runner.start(server, context);
  fake.gate = undefined;
  openGate();
  const [second] = fake.sandboxes.values();
  await vi.waitFor(() => expect(second?.timeouts.length).toBeGreaterThan(2), slow);
  expect(await e2b.runner.health(server)).toEqual({ healthy: true });
});

it('a command that is left while it is being listened to anew is left for good', async () => {
  e2b = open(60_000);
  await e2b.runner.start(server, context);
  const [made] = fake.sandboxes.values();
  const options = { apiKey: FakeE2b.apiKey, apiUrl: fake.url, sandboxUrl: fake.url };
  const sandbox = await Sandbox.connect(made?.id ?? '', options);
  const handle = await sandbox.commands.run('sleep 300', { background: true, timeoutMs: 0 });
  await handle.disconnect();
  // The server's own alone.
  await vi.waitFor(() => expect(made?.envd.hearing).toBe(1), slow);
  const before = made?.envd.listened ?? 0;
  const output = new CommandOutput(sandbox, () => {});
  const connecting = output.connect(handle.pid);
  await output.leave();
  await connecting;
  expect(made?.envd.listened).toBe(before + 1);
  await vi.waitFor(() => expect(made?.envd.hearing).toBe(1), slow);
});

it('what a command prints is heard on after its stream was cut, until it is gone', async () => {
  e2b = open(60_000);
  await e2b.runner.start(server, context);
  const [made] = fake.sandboxes.values();
  const options = { apiKey: FakeE2b.apiKey, apiUrl: fake.url, sandboxUrl: fake.url };
  const sandbox = await Sandbox.connect(made?.id ?? '', options);
  const told: string[] = [];
  const output = new CommandOutput(sandbox, (line) => told.push(line));
  await output.start(
    'echo antes; until [ -e go ]; do sleep 0.05; done; echo depois; exec sleep 300',
    {},
    context.signal,
  );
  await vi.waitFor(() => expect(told).toEqual(['antes']), slow);
  const before = made?.envd.listened ?? 0;
  made?.envd.cut();
  // The server's own stream comes back too.
  await vi.waitFor(() => expect([made?.envd.hearing, made?.envd.listened]).toEqual([2, before + 2]), slow);
  expect(output.exitCode).toBeUndefined();
  await sandbox.commands.run('touch go');
  await vi.waitFor(() => expect(told).toEqual(['antes', 'depois']), slow);
  // It ends while nobody listens: that is said once.
  made?.envd.cut();
  await made?.envd.close();
  await vi.waitFor(() => expect(told.at(-1)).toMatch(/não pôde mais ser lida/), slow);
  expect(told).toHaveLength(3);
  await output.leave();
});

it('a list of sandboxes that breaks off ends none; the next one is whole, however many pages it has', async () => {
  e2b = open(60_000);
  for (const last of ['a', 'b', 'c']) await e2b.runner.start({ ...server, id: `hub-abcdefghijk${last}` }, context);
  const known = new Set(['hub-abcdefghijkb']);
  // The first page is told, and the second is not.
  fake.pageSize = 1;
  fake.failSecondPage = true;
  await expect(e2b.runner.sweep(known)).rejects.toMatchObject({ code: 'fonte_indisponivel' });
  expect(fake.sandboxes.size).toBe(3);
  fake.failSecondPage = false;
  await e2b.runner.sweep(known);
  expect([...fake.sandboxes.values()].map(({ metadata }) => metadata['omie-mcp-hub-server'])).toEqual([...known]);
});

it('without a key nothing is asked of E2B', async () => {
  e2b = open(60_000, '');
  expect(await e2b.runner.unusable()).toMatch(/E2B_API_KEY/);
  await e2b.runner.sweep(new Set());
  await e2b.runner.remove(server);
  expect(fake.requests).toEqual([]);
});

it('where sandboxes have hosts of their own, the server is reached at its port by https, with the token', async () => {
  e2b = open(60_000);
  await e2b.runner.start(server, context);
  const [made] = fake.sandboxes.values();
  const own = await Sandbox.connect(made?.id ?? '', { apiKey: FakeE2b.apiKey, apiUrl: fake.url, domain: 'e2b.app' });
  const { url, headers, allowPrivateAddress } = reachOf(own, undefined);
  expect(url).toBe(`https://8000-${made?.id}.e2b.app/mcp`);
  expect(Object.entries(headers).map(([name, value]) => [name, value.reveal()])).toEqual([
    ['e2b-traffic-access-token', made?.trafficAccessToken],
  ]);
  expect(allowPrivateAddress).toBe(false);
});

it('what a command prints is heard line by line, for ever, and kept by nobody', async () => {
  const heard: string[] = [];
  const whole = linesOf((line) => heard.push(line));
  for (const piece of ['a', 'b\r\nc\n\nd', 'e\n', 'f']) whole(piece);
  expect(heard).toEqual(['ab', 'c', 'de']);

  e2b = open(60_000);
  await e2b.runner.start(server, context);
  const [made] = fake.sandboxes.values();
  const sandbox = await Sandbox.connect(made?.id ?? '', {
    apiKey: FakeE2b.apiKey,
    apiUrl: fake.url,
    sandboxUrl: fake.url,
  });
  const told: string[] = [];
  const output = new CommandOutput(sandbox, (line) => told.push(line));
  // More than is heard in one go; then it waits until somebody listens again.
  const talk =
    "for i in $(seq 30); do head -c 50000 /dev/zero | tr '\\0' x; echo; done; until [ -e go ]; do sleep 0.05; done; while :; do echo fim; sleep 0.2; done";
  await output.start(talk, {}, context.signal);
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(15), slow);
  await vi.waitFor(() => expect(made?.envd.listened).toBeGreaterThan(2), slow);
  await sandbox.commands.run('touch go');
  await vi.waitFor(() => expect(told).toContain('fim'), slow);
  await output.leave();
});
