// The real SDK of E2B against a fake E2B on loopback (test/support/e2b-server.ts), whose sandboxes run for real.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FakeE2b, type FakeSandbox } from '../../support/e2b-server.ts';
import { startHub, type TestHub } from '../../support/hub-house.ts';
import { McpRegistryServer } from '../../support/mcp-registry.ts';
import { probePackage, probeServer, startNpmRegistry, type TestRegistry } from '../../support/npm-registry.ts';
import { supergatewayPackage } from '../../support/supergateway.ts';

const PROBE = { package: '@teste/probe-server@1.2.3', method: 'e2b' };
/** What a shell would make something else of, at each of the two that stand in between. */
const ARGS = ["it's", '$(touch pwned)', '`id`', '; exit 9', '"double"', '*', '\\', '', '--flag=a b', 'ção'];
const ENV = { API_KEY: 'canary-value', MODE: 'plain-words' };
/** Python packages are not asked of npm first, which takes its time. */
const TEMPO = { registry_name: 'io.github.ana/tempo' };
const slow = { timeout: 60_000, interval: 50 };

/** As much of Python as is asked of it: an environment whose pip installs one program. */
const python3 = `#!/bin/sh
mkdir -p "$3/bin" && cat > "$3/bin/python" <<'END'
#!/bin/sh
[ "$2" = pip ] || exit 7
for spec; do :; done
[ "$spec" = 'mcp-tempo==2.0.1' ] || { echo "no $spec" >&2; exit 8; }
cat > hub/venv/bin/mcp-tempo <<'PROBE'
${probeServer}
PROBE
chmod +x hub/venv/bin/mcp-tempo
END
chmod +x "$3/bin/python"
`;

let npm: TestRegistry;
let mcp: McpRegistryServer;
let e2b: FakeE2b;
let folder: string;
let hub: TestHub;
beforeAll(async () => {
  npm = await startNpmRegistry([probePackage()]);
  const pypi = { registryType: 'pypi', version: '2.0.1', transport: { type: 'stdio' } };
  mcp = await McpRegistryServer.start([
    { server: { name: TEMPO.registry_name, version: '2.0.0', packages: [{ ...pypi, identifier: 'mcp-tempo' }] } },
    { server: { name: 'io.github.ana/nada', version: '2.0.0', packages: [{ ...pypi, identifier: 'mcp-nada' }] } },
  ]);
  folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-e2b-test-'));
  e2b = await FakeE2b.start({ packages: [probePackage(), supergatewayPackage], programs: { python3 }, pageSize: 2 });
  hub = await start();
});
afterAll(async () => {
  await hub.close();
  await e2b.close();
  await mcp.close();
  await npm.close();
  await rm(folder, { recursive: true, force: true });
});

const start = (): Promise<TestHub> =>
  startHub({ ...e2b.variables, HUB_NPM_REGISTRY: npm.url, MCP_REGISTRY_URL: mcp.url }, join(folder, 'data'));
const only = (): FakeSandbox => {
  const [one, ...more] = e2b.sandboxes.values();
  if (one === undefined || more.length > 0) throw new Error(`there are ${e2b.sandboxes.size} sandboxes`);
  return one;
};
const logsOf = async (id: string): Promise<string> =>
  (await hub.ask('GET', `/api/servers/${id}/logs?limit=500`)).body.lines.join('\n');

it('a dry run tells what would run in the sandbox, argument by argument, and creates none', async () => {
  const request = { ...PROBE, args: ['$(id)'], env: { API_KEY: 'canary-value' } };
  const { status, body } = await hub.ask('POST', '/api/deploy?dry_run=true', request);
  expect(status).toBe(200);
  expect(body).toMatchObject({ method: 'e2b', env: ['API_KEY'], published_at: '2020-01-02T03:04:05.000Z' });
  expect(body.commands.map(({ command, args }: { command: string; args: string[] }) => [command, args.at(-1)])).toEqual(
    [
      ['npm', 'supergateway@4.0.0'],
      ['npm', '@teste/probe-server@1.2.3'],
      ['node', '/healthz'],
    ],
  );
  expect(body.commands[2].args).toContain(
    "exec 'node' 'hub/server/node_modules/@teste/probe-server/dist/index.cjs' '$(id)'",
  );
  expect(body.warnings.join()).toContain('entregues ao E2B');
  expect(JSON.stringify(body)).not.toContain('canary');
  expect(e2b.requests).toEqual([]);
});

describe('a package in a sandbox', () => {
  let id: string;
  beforeAll(async () => {
    const server = await hub.deploy({ ...PROBE, args: ARGS, env: ENV });
    expect(server).toMatchObject({ status: 'deployed', method: 'e2b', health: { healthy: true } });
    id = server.id;
  });

  it('gets its arguments as they were given, through both shells, and its variables besides the command line', async () => {
    expect(JSON.parse(await hub.told(id, 'argv'))).toEqual(ARGS);
    // The server has it, and whoever asks the server for it has not.
    expect(JSON.parse(await hub.told(id, 'env'))).toMatchObject({ API_KEY: '[redacted]', MODE: 'plain-words' });
    const { started } = only().envd;
    expect(JSON.stringify(started.map(({ cmd, args }) => [cmd, args]))).not.toContain('canary');
    // What installs it is given none of them.
    expect(started.map(({ envs }) => envs)).toEqual([{}, {}, ENV]);
  });

  it('is labelled, lives a quarter of an hour, and answers to nobody without the token', async () => {
    const { metadata, timeouts, id: sandbox } = only();
    expect(metadata).toMatchObject({ 'omie-mcp-hub-server': id });
    expect(timeouts[0]).toBe(900);
    const headers = { 'e2b-sandbox-id': sandbox, 'e2b-sandbox-port': '8000' };
    expect((await fetch(`${e2b.url}/mcp`, { method: 'POST', headers, body: '{}' })).status).toBe(403);
  });

  it('its stderr is in the logs without what it was trusted with, and messages that pass are not', async () => {
    await hub.told(id, 'shout');
    await vi.waitFor(
      async () => expect(await logsOf(id)).toMatch(/probe is up(?:.|\n)*"API_KEY":"\[redacted\]"/),
      slow,
    );
    expect(await logsOf(id)).not.toMatch(/Child → StreamableHttp|canary/);
  });

  it('is found again by the next hub, in the same sandbox', async () => {
    const { id: sandbox } = only();
    const creations = e2b.requests.filter((one) => one === 'POST /v2/sandboxes').length;
    await hub.stop();
    // Of another hub with the same key, and of a server that this one forgot.
    const mine = only().metadata['omie-mcp-hub'] ?? '';
    const other = await createdBy('another-hub', 'hub-zzzzzzzzzzzz');
    await createdBy(mine, 'hub-yyyyyyyyyyyy');
    await createdBy(mine, 'hub-xxxxxxxxxxxx');
    hub = await start();
    await hub.until(id, 'deployed');
    expect(JSON.parse(await hub.told(id, 'argv'))).toEqual(ARGS);
    expect([...e2b.sandboxes.keys()].toSorted()).toEqual([sandbox, other].toSorted());
    expect(e2b.requests.filter((one) => one === 'POST /v2/sandboxes').length).toBe(creations + 3);
    await vi.waitFor(async () => expect(await logsOf(id)).toContain('probe is up'), slow);
    await e2b.end(other);
  });

  it('stop ends the sandbox, start makes another one, and nothing is left of what was deleted', async () => {
    const { id: first } = only();
    expect((await hub.ask('POST', `/api/servers/${id}/stop`)).body.status).toBe('stopped');
    expect(e2b.sandboxes.size).toBe(0);
    await hub.ask('POST', `/api/servers/${id}/start`);
    await hub.until(id, 'deployed');
    expect(only().id).not.toBe(first);
    expect((await hub.ask('DELETE', `/api/servers/${id}`)).status).toBe(204);
    expect(e2b.sandboxes.size).toBe(0);
  });
});

/** As another program would. @returns its id */
async function createdBy(owner: string, server: string): Promise<string> {
  const metadata = { 'omie-mcp-hub': owner, 'omie-mcp-hub-server': server };
  const response = await fetch(`${e2b.url}/v2/sandboxes`, {
    method: 'POST',
    headers: { 'x-api-key': FakeE2b.apiKey },
    body: JSON.stringify({ templateID: 'base', metadata }),
  });
  return ((await response.json()) as { sandboxID: string }).sandboxID;
}

describe('a start that fails half-way leaves no sandbox', () => {
  const failed = async (request: object): Promise<string> => {
    const { id, status, error } = await hub.deploy({ ...TEMPO, ...request });
    expect(status).toBe('failed');
    expect(e2b.sandboxes.size).toBe(0);
    const logs = await logsOf(id);
    await hub.ask('DELETE', `/api/servers/${id}`);
    return `${error}\n${logs}`;
  };

  it('a server that ends at once', async () => {
    expect(await failed({ args: ['--die'] })).toMatch(/não conectou/);
  });

  it('a package that cannot be installed there', async () => {
    const said = await failed({ registry_name: 'io.github.ana/nada' });
    expect(said).toMatch(/não pôde ser instalado na sandbox/);
    expect(said).toContain('no mcp-nada==2.0.1');
  });

  it('a sandbox that anybody could call', async () => {
    e2b.open = true;
    try {
      expect(await failed({})).toMatch(/aberta|abriu a sandbox a qualquer um/);
    } finally {
      e2b.open = false;
    }
  });

  it.each([
    [500, /O E2B não atendeu/],
    [401, /recusou a chave/],
  ])('E2B says %i, and none of what it says is passed on', async (status, expected) => {
    // The question for one that runs still is answered; the creation is not.
    e2b.failures.push(...Array(20).fill(status));
    const said = await failed({});
    e2b.failures.length = 0;
    expect(said).toMatch(expected);
    expect(said).not.toContain('canary');
  });
});

it('a sandbox that E2B does not end now is no reason not to stop, and the logs say what becomes of it', async () => {
  const { id } = await hub.deploy(TEMPO);
  e2b.failures.push(500);
  expect((await hub.ask('POST', `/api/servers/${id}/stop`)).body.status).toBe('stopped');
  expect(await logsOf(id)).toMatch(/termina sozinha em até 15 minutos/);
  await hub.ask('DELETE', `/api/servers/${id}`);
  expect(e2b.sandboxes.size).toBe(0);
});

it('a Python package of the registry, pinned, in its own environment', async () => {
  const server = await hub.deploy({ ...TEMPO, args: ['um'] });
  expect(server).toMatchObject({ status: 'deployed', method: 'e2b', source: 'pypi:mcp-tempo==2.0.1' });
  expect(await hub.told(server.id, 'argv')).toBe('["um"]');
  await hub.ask('DELETE', `/api/servers/${server.id}`);
});
