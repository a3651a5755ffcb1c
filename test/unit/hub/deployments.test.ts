import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UpstreamConfig } from '../../../src/gateway/config/gateway-config.ts';
import { deployRequestSchema } from '../../../src/hub/deploy/deploy-request.ts';
import { Deployments } from '../../../src/hub/deploy/deployments.ts';
import { Planner } from '../../../src/hub/deploy/planner.ts';
import { npmResolver } from '../../../src/hub/deploy/resolve-npm.ts';
import type { MountedState, Mounting } from '../../../src/hub/mounting.ts';
import { HubError } from '../../../src/hub/problem.ts';
import type { Health, Reach, Runner, StartContext } from '../../../src/hub/runners/runner.ts';
import { diskProblem } from '../../../src/hub/servers/data-disk.ts';
import { FileStore } from '../../../src/hub/servers/file-store.ts';
import { ServerList } from '../../../src/hub/servers/server-list.ts';
import { type ServerRecord, viewOf } from '../../../src/hub/servers/server-record.ts';
import { silent } from '../../support/upstreams.ts';

/** A disk that can be full, or fill up after so many more writes. */
class Disk extends FileStore {
  left = Number.POSITIVE_INFINITY;
  /** So many of the next writes find no room. */
  failing = 0;
  trouble: 'ENOSPC' | 'EROFS' = 'ENOSPC';
  /** No write ends before it. */
  held: Promise<void> | undefined;
  override async save(record: ServerRecord): Promise<void> {
    await this.held;
    this.#use();
    await super.save(record);
  }
  override async remove(id: string): Promise<void> {
    this.#use();
    await super.remove(id);
  }
  #use(): void {
    this.left -= 1;
    this.failing -= 1;
    const problem = this.left < 0 || this.failing >= 0 ? diskProblem(this.trouble) : undefined;
    if (problem !== undefined) throw problem;
  }
}

/** A gateway that does what the test says. */
class FakeMounting implements Mounting {
  mounted: readonly UpstreamConfig[] = [];
  readonly states = new Map<string, MountedState>();
  readonly #listeners = new Set<() => void>();
  /** What becomes of a server as soon as it is mounted. */
  onMount: MountedState['state'] = 'connected';
  async mount(servers: readonly UpstreamConfig[]): Promise<void> {
    const before = new Set(this.mounted.map(({ id }) => id));
    this.mounted = servers;
    for (const { id } of servers) if (!before.has(id)) this.become(id, this.onMount);
    for (const id of this.states.keys()) if (!servers.some((one) => one.id === id)) this.states.delete(id);
  }
  become(id: string, state: MountedState['state'], tools = ['ping']): void {
    this.states.set(id, { state, problem: undefined, tools });
    for (const listener of this.#listeners) listener();
  }
  stateOf(id: string): MountedState | undefined {
    return this.states.get(id);
  }
  toolsOf = () => [];
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  takenDomains = () => new Set(['arquivo']);
  onOutput = () => () => {};
  call = () => Promise.reject(new Error('not asked'));
  unpin = vi.fn(async () => {});
}

class FakeRunner implements Runner {
  readonly method = 'npx';
  readonly calls: string[] = [];
  reach: Reach = { transport: 'stdio', command: 'x', args: [], env: {}, cwd: '/' };
  starting: (context: StartContext) => Promise<void> = async () => {};
  unusable = (): string | undefined => undefined;
  fit = () => ({ fits: true, why: 'sempre' });
  plan = async () => ({ commands: [], hosts: [], warnings: [], launch: {} });
  async start({ id }: { id: string }, context: StartContext): Promise<Reach> {
    this.calls.push(`start ${id}`);
    await this.starting(context);
    return this.reach;
  }
  async stop({ id }: { id: string }): Promise<void> {
    this.calls.push(`stop ${id}`);
  }
  async remove({ id }: { id: string }): Promise<void> {
    this.calls.push(`remove ${id}`);
  }
  logs = async () => [];
  health = async (): Promise<Health> => ({ healthy: true });
  sweep = async (_known: ReadonlySet<string>): Promise<void> => {};
}

let folder: string;
let disk: Disk;
let servers: ServerList;
let mounting: FakeMounting;
let runner: FakeRunner;
let deployments: Deployments;

const open = async (
  more: { startTimeoutMs?: number; healthLimitMs?: number; lookAgainMs?: number } = {},
): Promise<void> => {
  disk = new Disk(join(folder, 'servers.json'));
  servers = new ServerList({ store: disk });
  await servers.load();
  const taken = (): Set<string> => new Set(servers.all().map(({ domain }) => domain));
  const planner = new Planner({
    runners: [runner],
    resolvers: [npmResolver],
    isOurs: () => false,
    takenDomains: taken,
  });
  deployments = new Deployments({
    servers,
    planner,
    runners: [runner],
    mounting,
    logger: silent,
    log: () => {},
    maxServers: 3,
    startTimeoutMs: 60_000,
    ...more,
  });
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-deployments-'));
  mounting = new FakeMounting();
  runner = new FakeRunner();
  await open();
});
afterEach(async () => {
  await deployments.close();
  await servers.close();
  await rm(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;
const deploy = (more: object = {}) =>
  deployments.deploy(deployRequestSchema.parse({ package: 'mcp-server-one@1.0.0', ...more }), signal);
const until = (id: string, status: string): Promise<void> =>
  vi.waitFor(() => expect(servers.get(id).status).toBe(status), { timeout: 10_000 });
/** A start that ends when the test says, or when it is no longer wanted. */
function held(): { release: () => void } {
  let release = (): void => {};
  runner.starting = ({ signal: stop }) =>
    new Promise((resolve, reject) => {
      release = resolve;
      stop.addEventListener('abort', () => reject(stop.reason), { once: true });
    });
  return { release: () => release() };
}

it('two at once never share a domain, nor one of the gateway file', async () => {
  const found = await Promise.all([deploy(), deploy(), deploy({ name: 'arquivo' })]);
  expect(found.map(({ domain }) => domain)).toEqual(['one', 'one-2', 'arquivo-2']);
  await expect(deploy({ domain: 'one' })).rejects.toThrow(HubError);
});

it('a server has started when it was mounted, not when its start was refused or left to the next hub', async () => {
  const hold = held();
  const { id } = await deploy();
  await until(id, 'starting');
  await deployments.close();
  expect((await disk.load())[0]?.started).toBeUndefined();
  runner.starting = async () => {
    throw new HubError('conflito_de_estado', 'A pasta mudou.');
  };
  hold.release();
  await open();
  await deployments.restore();
  expect(servers.get(id)).toMatchObject({ status: 'failed' });
  expect(servers.get(id).started).toBeUndefined();
  runner.starting = async () => {};
  await deployments.start(id);
  await until(id, 'deployed');
  // Written a moment after it is so.
  await vi.waitFor(async () => expect((await disk.load())[0]?.started).toBe(true), { timeout: 10_000 });
});

it('nothing is taken away before what an earlier hub left at work has been ended', async () => {
  const { id } = await deploy();
  await until(id, 'deployed');
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  runner.sweep = async () => {
    await ended;
    runner.calls.push('swept');
  };
  const restored = deployments.restore();
  const removed = deployments.remove(id);
  // Long enough for what does not wait.
  await servers.note(id, { error: 'gravado' });
  end();
  await Promise.all([restored, removed]);
  expect(runner.calls.filter((call) => !call.startsWith('start'))).toEqual(['swept', `stop ${id}`, `remove ${id}`]);
});

it('no more than the most', async () => {
  await Promise.all([deploy(), deploy(), deploy()]);
  await expect(deploy()).rejects.toMatchObject({ code: 'limite_de_servidores' });
});

it('stopped while it is being started: nothing of it is mounted, and nothing is a failure', async () => {
  held();
  const { id } = await deploy();
  await vi.waitFor(() => expect(runner.calls).toEqual([`start ${id}`]), { timeout: 10_000 });
  expect(await deployments.stop(id)).toMatchObject({ status: 'stopped', wanted: 'stopped' });
  expect(servers.get(id).error).toBeUndefined();
  expect(mounting.mounted).toEqual([]);
});

it.each(['deployed', 'starting'])('one that is %s is stopped before anything is written', async (status) => {
  if (status === 'starting') held();
  const { id } = await deploy();
  let release = (): void => {};
  disk.held = new Promise((resolve) => {
    release = resolve;
  });
  await until(id, status);
  await vi.waitFor(() => expect(runner.calls).toEqual([`start ${id}`]), { timeout: 10_000 });
  for (const name of ['um', 'dois']) void servers.note(id, { name });
  const stopped = deployments.stop(id);
  await vi.waitFor(() => expect(runner.calls).toContain(`stop ${id}`), { timeout: 10_000 });
  expect(mounting.mounted).toEqual([]);
  release();
  // Whoever is answered knows what the next hub will do.
  expect(await stopped).toMatchObject({ status: 'stopped', wanted: 'stopped' });
  expect((await disk.load())[0]).toMatchObject({ status: 'stopped', wanted: 'stopped' });
});

it('deleted while it is being started: nothing is left, in memory or on disk', async () => {
  held();
  const { id } = await deploy();
  await vi.waitFor(() => expect(runner.calls).toEqual([`start ${id}`]), { timeout: 10_000 });
  await deployments.remove(id);
  expect(servers.all()).toEqual([]);
  expect(runner.calls.at(-1)).toBe(`remove ${id}`);
  expect(mounting.unpin).toHaveBeenCalledWith(id);
  expect(await readFile(join(folder, 'servers.json'), 'utf8')).not.toContain(id);
});

it('a start beyond its time is a failure that says so, and nothing of it stays', async () => {
  await open({ startTimeoutMs: 30 });
  held();
  const { id } = await deploy();
  await until(id, 'failed');
  expect(servers.get(id).error).toMatch(/não respondeu em .*HUB_START_TIMEOUT_SECONDS/);
  expect(runner.calls).toEqual([`start ${id}`, `stop ${id}`]);
});

it('a server that the gateway cannot reach fails and is taken down', async () => {
  mounting.onMount = 'down';
  const { id } = await deploy();
  await until(id, 'failed');
  expect(mounting.mounted).toEqual([]);
  expect(runner.calls).toEqual([`start ${id}`, `stop ${id}`]);
});

it('what fell is told; what falls again and again is given up until somebody starts it', async () => {
  const { id } = await deploy();
  await until(id, 'deployed');
  for (let fall = 1; fall <= 4; fall += 1) {
    mounting.become(id, 'connecting');
    await until(id, 'starting');
    expect(servers.get(id).error).toMatch(/iniciado de novo/);
    mounting.become(id, 'connected');
    await until(id, 'deployed');
  }
  mounting.become(id, 'connecting');
  await until(id, 'failed');
  expect(servers.get(id).error).toMatch(/caiu vezes demais/);
  expect(mounting.mounted).toEqual([]);
  // Nor by the next hub.
  await deployments.close();
  await servers.close();
  mounting = new FakeMounting();
  await open();
  await deployments.restore();
  expect(servers.get(id)).toMatchObject({ status: 'failed', error: expect.stringMatching(/caiu vezes demais/) });
  expect(runner.calls.filter((call) => call.startsWith('start'))).toHaveLength(1);
  await deployments.start(id);
  await until(id, 'deployed');
  mounting.become(id, 'connecting');
  await until(id, 'starting');
  // And then it is as any other.
  await deployments.close();
  await servers.close();
  mounting = new FakeMounting();
  await open();
  await deployments.restore();
  expect(servers.get(id).status).toBe('deployed');
});

it('one that falls as soon as it is there is told to have fallen', async () => {
  mounting.onMount = 'connecting';
  const { id } = await deploy();
  await vi.waitFor(() => expect(mounting.states.size).toBe(1), { timeout: 10_000 });
  mounting.become(id, 'connected');
  mounting.become(id, 'connecting');
  await vi.waitFor(() => expect(servers.get(id).error).toMatch(/caiu e está sendo iniciado de novo/), {
    timeout: 10_000,
  });
  expect(servers.get(id).status).toBe('starting');
});

it('tools that change are kept up', async () => {
  const { id } = await deploy();
  await until(id, 'deployed');
  mounting.become(id, 'connected', ['ping', 'pong']);
  await vi.waitFor(() => expect(servers.get(id).tools).toEqual(['ping', 'pong']), { timeout: 10_000 });
});

it('a hub that leaves in the middle of a start leaves it to the next one', async () => {
  held();
  const { id } = await deploy();
  await vi.waitFor(() => expect(runner.calls).toEqual([`start ${id}`]), { timeout: 10_000 });
  await deployments.close();
  runner.starting = async () => {};
  await open();
  expect(servers.get(id)).toMatchObject({ status: 'starting', wanted: 'running' });
  await deployments.restore();
  expect(servers.get(id).status).toBe('deployed');
});

it('nothing is started while what an earlier hub left is swept away, and what was deployed meanwhile is started once', async () => {
  let swept = (): void => {};
  let known: readonly string[] = [];
  runner.sweep = (ids) =>
    new Promise((resolve) => {
      known = [...ids];
      swept = resolve;
    });
  const restored = deployments.restore();
  const { id } = await deploy();
  // Records are written one after the other: behind these two, a start that did not wait has begun.
  for (const name of ['um', 'dois']) await servers.note(id, { name });
  await new Promise(setImmediate);
  expect([known, runner.calls]).toEqual([[], []]);
  swept();
  await restored;
  await until(id, 'deployed');
  expect(runner.calls).toEqual([`start ${id}`]);
});

it('a hub that leaves does not wait for what never ends', async () => {
  // Hears of no abort, as a runner whose Engine is silent.
  let release = (): void => {};
  runner.starting = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const { id } = await deploy();
  await vi.waitFor(() => expect(runner.calls).toEqual([`start ${id}`]), { timeout: 10_000 });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const left = deployments.close();
    await vi.advanceTimersByTimeAsync(8_000);
    await left;
  } finally {
    vi.useRealTimers();
    release();
  }
});

it('a server whose runner is gone is stopped, tried again and deleted all the same, and says what may be left', async () => {
  const { id } = await deploy();
  await until(id, 'deployed');
  const gone = async (): Promise<void> => {
    throw new HubError('fonte_indisponivel', 'O motor não respondeu.');
  };
  runner.stop = gone;
  runner.remove = gone;
  expect(await deployments.stop(id)).toMatchObject({
    status: 'stopped',
    wanted: 'stopped',
    error: 'pode ainda estar em execução: O motor não respondeu.',
  });
  expect(mounting.mounted).toEqual([]);
  await deployments.start(id);
  await until(id, 'deployed');
  // It is there, and could not: the record stays, so that it can be tried again.
  await expect(deployments.remove(id)).rejects.toThrow('O motor não respondeu.');
  expect(servers.get(id)).toMatchObject({
    status: 'stopped',
    error: expect.stringContaining('O motor não respondeu.'),
  });
  runner.unusable = () => 'O motor não está aqui.';
  await deployments.remove(id);
  expect(servers.all()).toEqual([]);
  expect(mounting.unpin).toHaveBeenCalledWith(id);
});

it('a runner that never says how a server is holds nobody: its health is unknown, and it is stopped all the same', async () => {
  await open({ healthLimitMs: 20 });
  // What listens by itself is its runner's to look after.
  runner.reach = { transport: 'http', url: 'https://example.test/mcp', allowPrivateAddress: false };
  const { id } = await deploy();
  await until(id, 'deployed');
  expect(await deployments.health(id)).toEqual({ healthy: true });
  const asked = vi.fn(() => new Promise<never>(() => {}));
  runner.health = asked;
  expect(await deployments.health(id)).toEqual({
    healthy: false,
    unknown: true,
    detail: expect.stringContaining('não disse em 0.02 s'),
  });
  // It fell: before anything else happens to it, its runner is asked.
  mounting.become(id, 'connecting');
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2), { timeout: 10_000 });
  expect(await deployments.stop(id)).toMatchObject({ status: 'stopped' });
  expect(runner.calls.filter((call) => call.startsWith('start'))).toHaveLength(1);
});

it.each(['connecting', 'down'] as const)(
  'one that is %s is neither ended nor started while nobody can say how it is',
  async (state) => {
    await open({ lookAgainMs: 10 });
    runner.reach = { transport: 'http', url: 'https://example.test/mcp', allowPrivateAddress: false };
    const { id } = await deploy();
    await until(id, 'deployed');
    const asked = vi.fn(async (): Promise<Health> => ({ healthy: false, unknown: true }));
    runner.health = asked;
    mounting.become(id, state);
    // It is looked at again by itself.
    await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(2), { timeout: 10_000 });
    expect(servers.get(id)).toMatchObject({ status: 'starting', wanted: 'running' });
    expect([runner.calls, mounting.mounted.length]).toEqual([[`start ${id}`], 1]);
    runner.health = async () => ({ healthy: false, detail: 'terminou' });
    await vi.waitFor(() => expect(runner.calls.slice(0, 2)).toEqual([`start ${id}`, `start ${id}`]), {
      timeout: 10_000,
    });
  },
);

it('its health repeats no value that it was given, whatever its name', async () => {
  const { id } = await deploy({ env: { MODO: 'segredo-1' } });
  await until(id, 'deployed');
  runner.health = async () => ({ healthy: false, detail: 'terminou: MODO=segredo-1' });
  expect(await deployments.health(id)).toEqual({ healthy: false, detail: 'terminou: MODO=[redacted]' });
});

it('one that is given up is told to have failed, whatever its runner says', async () => {
  const { id } = await deploy();
  await until(id, 'deployed');
  runner.stop = () => Promise.reject(new Error('secret words of the runner'));
  for (let fall = 1; fall <= 4; fall += 1) {
    mounting.become(id, 'connecting');
    await until(id, 'starting');
    mounting.become(id, 'connected');
    await until(id, 'deployed');
  }
  mounting.become(id, 'connecting');
  await until(id, 'failed');
  expect(servers.get(id).error).toMatch(/caiu vezes demais/);
});

describe('on a disk that is full', () => {
  const onDisk = async (): Promise<string> => readFile(join(folder, 'servers.json'), 'utf8').catch(() => '');
  const full = { code: 'disco_indisponivel', hint: expect.stringContaining('Libere espaço') };

  it('nothing is deployed, and what was not is not there when there is room again', async () => {
    disk.left = 0;
    await expect(deploy()).rejects.toMatchObject(full);
    expect([servers.all(), runner.calls]).toEqual([[], []]);
    disk.left = Number.POSITIVE_INFINITY;
    const { id } = await deploy();
    await until(id, 'deployed');
    expect(JSON.parse(await onDisk()).servers).toHaveLength(1);
  });

  it('a server is deleted all the same where what it took up was the room that is missing', async () => {
    const { id } = await deploy();
    await until(id, 'deployed');
    disk.left = 0;
    runner.remove = async () => {
      disk.left = Number.POSITIVE_INFINITY;
    };
    await deployments.remove(id);
    expect([servers.all(), mounting.mounted]).toEqual([[], []]);
    expect(JSON.parse(await onDisk()).servers).toEqual([]);
  });

  it('one whose folder was not enough is stopped, says so, and can be deleted again', async () => {
    const { id } = await deploy();
    await until(id, 'deployed');
    disk.left = 0;
    await expect(deployments.remove(id)).rejects.toMatchObject(full);
    expect(runner.calls.slice(1)).toEqual([`stop ${id}`, `remove ${id}`]);
    expect(servers.get(id)).toMatchObject({
      status: 'stopped',
      wanted: 'stopped',
      unwritten: true,
      error: expect.stringContaining('repita o DELETE'),
    });
    disk.left = Number.POSITIVE_INFINITY;
    await deployments.remove(id);
    expect(JSON.parse(await onDisk()).servers).toEqual([]);
  });

  it('on one that nothing can be written to a server is not deleted by halves: it runs on until it can', async () => {
    const { id } = await deploy();
    await until(id, 'deployed');
    const calls = [...runner.calls];
    disk.trouble = 'EROFS';
    disk.left = 0;
    await expect(deployments.remove(id)).rejects.toMatchObject({ code: 'disco_indisponivel' });
    expect(servers.get(id)).toMatchObject({ status: 'deployed', wanted: 'running' });
    expect([runner.calls, mounting.mounted.length]).toEqual([calls, 1]);
    expect(await onDisk()).toContain('"wanted": "running"');
    disk.left = Number.POSITIVE_INFINITY;
    await deployments.remove(id);
    expect([servers.all(), JSON.parse(await onDisk()).servers]).toEqual([[], []]);
  });

  it('one that fills up in the middle leaves a server that says so, does not come back, and can be deleted again', async () => {
    const { id } = await deploy();
    await until(id, 'deployed');
    disk.left = 1;
    await expect(deployments.remove(id)).rejects.toMatchObject(full);
    expect(servers.get(id)).toMatchObject({
      status: 'stopped',
      wanted: 'stopped',
      error: expect.stringMatching(/repita o DELETE: O disco .*cheio/),
    });
    expect(await onDisk()).toContain('"wanted": "stopped"');
    disk.left = Number.POSITIVE_INFINITY;
    await deployments.remove(id);
    expect(servers.all()).toEqual([]);
  });

  it('files that cannot be removed are told, and the server stays', async () => {
    const { id } = await deploy();
    await until(id, 'deployed');
    runner.remove = () => Promise.reject(diskProblem('EROFS'));
    await expect(deployments.remove(id)).rejects.toMatchObject({ code: 'disco_indisponivel' });
    expect(servers.get(id)).toMatchObject({ status: 'stopped', error: expect.stringMatching(/só para leitura/) });
    expect(mounting.unpin).not.toHaveBeenCalled();
  });

  it('a server is stopped all the same, says that it is not written, and is written with the next change of any', async () => {
    const [{ id }, other] = [await deploy(), await deploy()];
    await Promise.all([until(id, 'deployed'), until(other.id, 'deployed')]);
    disk.left = 0;
    const stopped = await deployments.stop(id);
    expect(stopped).toMatchObject({ status: 'stopped', unwritten: true });
    expect(viewOf(stopped)).toMatchObject({ unwritten: true });
    expect(stopped.error).toBeUndefined();
    expect(runner.calls).toContain(`stop ${id}`);
    expect(await onDisk()).not.toContain('"wanted": "stopped"');
    disk.left = Number.POSITIVE_INFINITY;
    mounting.become(other.id, 'connected', ['outra']);
    await vi.waitFor(async () => expect(await onDisk()).toContain('"wanted": "stopped"'), { timeout: 10_000 });
    await vi.waitFor(() => expect(viewOf(servers.get(id))).not.toHaveProperty('unwritten'), { timeout: 10_000 });
  });

  it('a stopped server is not started, and is as it was', async () => {
    const { id } = await deploy();
    await until(id, 'deployed');
    await deployments.stop(id);
    const calls = [...runner.calls];
    disk.left = 0;
    await expect(deployments.start(id)).rejects.toMatchObject(full);
    expect(servers.get(id)).toMatchObject({ status: 'stopped', wanted: 'stopped' });
    expect(runner.calls).toEqual(calls);
  });

  it('what becomes of a server is true whether it can be written or not', async () => {
    held();
    const { id } = await deploy();
    await vi.waitFor(() => expect(runner.calls).toEqual([`start ${id}`]), { timeout: 10_000 });
    disk.left = 0;
    runner.starting = async () => {};
    mounting.onMount = 'connected';
    await deployments.stop(id);
    disk.left = 1;
    await deployments.start(id);
    await until(id, 'deployed');
    expect(await onDisk()).toContain('"status": "starting"');
  });
});

describe('several at once with one server', () => {
  /** Ends when the test says; how many were at it together. */
  function slowStops(): { release: () => void; most: () => number } {
    let [now, most] = [0, 0];
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const during = async (call: string): Promise<void> => {
      runner.calls.push(call);
      now += 1;
      most = Math.max(most, now);
      await released;
      now -= 1;
    };
    runner.stop = ({ id }) => during(`stop ${id}`);
    runner.remove = ({ id }) => during(`remove ${id}`);
    return { release, most: () => most };
  }
  const outcome = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'done',
      (thrown: unknown) => (thrown instanceof HubError ? thrown.code : thrown),
    );

  it('deletes wait for one end: it is stopped and removed once, and who comes later finds nothing', async () => {
    const { id } = await deploy();
    await until(id, 'deployed');
    runner.calls.length = 0;
    const { release, most } = slowStops();
    const deletes = [1, 2, 3].map(() => outcome(deployments.remove(id)));
    await vi.waitFor(() => expect(runner.calls).toEqual([`stop ${id}`]), { timeout: 10_000 });
    const started = outcome(deployments.start(id));
    const stopped = outcome(deployments.stop(id));
    // The domain is free when the server is gone, and not before.
    const taken = outcome(deploy({ domain: 'one' }));
    expect([await started, await taken]).toEqual(['conflito_de_estado', 'conflito_de_estado']);
    release();
    expect(await Promise.all(deletes)).toEqual(['done', 'done', 'done']);
    expect(await stopped).toBe('servidor_desconhecido');
    expect([runner.calls, most()]).toEqual([[`stop ${id}`, `remove ${id}`], 1]);
    expect(await outcome(deployments.remove(id))).toBe('servidor_desconhecido');
    expect(JSON.parse(await readFile(join(folder, 'servers.json'), 'utf8')).servers).toEqual([]);
  });

  it('a delete that cannot be written leaves the server to the one behind it: nobody starts it meanwhile, nor the next hub', async () => {
    const { id } = await deploy();
    await until(id, 'deployed');
    await deployments.stop(id);
    await servers.note(id, { wanted: 'running' });
    const { release } = slowStops();
    disk.trouble = 'EROFS';
    disk.failing = 1;
    let go = (): void => {};
    disk.held = new Promise((resolve) => {
      go = resolve;
    });
    const save = vi.spyOn(disk, 'save');
    const first = outcome(deployments.remove(id));
    // Two that wait share one write.
    await vi.waitFor(() => expect(save).toHaveBeenCalled(), { timeout: 10_000 });
    const second = outcome(deployments.remove(id));
    go();
    expect(await first).toBe('disco_indisponivel');
    expect(await outcome(deployments.start(id))).toBe('conflito_de_estado');
    expect(servers.get(id).wanted).toBe('stopped');
    await vi.waitFor(() => expect(runner.calls).toContain(`stop ${id}`), { timeout: 10_000 });
    // It cannot be either, in the middle: what it wished for stays.
    disk.failing = 1;
    release();
    expect(await second).toBe('disco_indisponivel');
    expect(servers.get(id)).toMatchObject({ wanted: 'stopped', status: 'stopped' });
    await deployments.remove(id);
    expect(servers.all()).toEqual([]);
  });

  it('one that is stopped and being deleted is not started', async () => {
    const { id } = await deploy();
    await until(id, 'deployed');
    await deployments.stop(id);
    const { release } = slowStops();
    const removed = deployments.remove(id);
    await vi.waitFor(() => expect(runner.calls.filter((call) => call.startsWith('stop'))).toHaveLength(2), {
      timeout: 10_000,
    });
    await expect(deployments.start(id)).rejects.toThrow('sendo apagado');
    release();
    await removed;
  });

  it('stops come one after the other, and what was asked for last is what is', async () => {
    const { id } = await deploy();
    await until(id, 'deployed');
    const { release, most } = slowStops();
    const stops = [1, 2].map(() => deployments.stop(id));
    await vi.waitFor(() => expect(runner.calls).toContain(`stop ${id}`), { timeout: 10_000 });
    release();
    await Promise.all(stops);
    expect([servers.get(id).status, most()]).toEqual(['stopped', 1]);
    const starts = [1, 2, 3].map(() => outcome(deployments.start(id)));
    expect((await Promise.all(starts)).toSorted()).toEqual(['conflito_de_estado', 'conflito_de_estado', 'done']);
    await deployments.stop(id);
    expect(servers.get(id)).toMatchObject({ status: 'stopped', wanted: 'stopped' });
    expect(mounting.mounted).toEqual([]);
  });
});
