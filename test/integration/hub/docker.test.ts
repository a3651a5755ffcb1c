import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { DockerEngine } from '../../support/docker-engine.ts';
import { toolBody } from '../../support/house.ts';
import { adminToken, startHub, type TestHub } from '../../support/hub-house.ts';
import { McpRegistryServer } from '../../support/mcp-registry.ts';
import { probeServer } from '../../support/npm-registry.ts';

const IMAGE = 'ghcr.io/teste/probe:1.2.3';
const HTTP_IMAGE = 'ghcr.io/teste/http:2';
const PATIENCE = { timeout: 30_000, interval: 50 };
/** A server over Streamable HTTP, as stateless as they come. */
const HTTP_SERVER = `
const tools = {
  pid: () => process.pid,
  env: () => JSON.stringify(process.env),
  shout: () => console.log('env ' + JSON.stringify(process.env)),
};
const text = (t) => ({ content: [{ type: 'text', text: String(t) }] });
require('node:http').createServer((req, res) => {
  if (req.url !== (process.env.MCP_PATH || '/mcp') || req.method !== 'POST') return res.writeHead(404).end();
  let body = '';
  req.on('data', (c) => (body += c)).on('end', () => {
    const { id, method, params } = JSON.parse(body);
    if (id === undefined) return res.writeHead(202).end();
    const result = {
      initialize: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'web', version: '1' } },
      'tools/list': { tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } })) },
      'tools/call': method === 'tools/call' && text(tools[params.name]()),
      ping: {},
    }[method];
    const answer = result ? { result } : { error: { code: -32601, message: 'no' } };
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  });
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));
`;

let root: string;
let engine: DockerEngine;
let mcp: McpRegistryServer;
let hub: TestHub;
let digest: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-docker-'));
  await writeFile(join(root, 'probe.cjs'), probeServer);
  await writeFile(join(root, 'http.cjs'), HTTP_SERVER);
  const transport = { type: 'streamable-http', url: 'http://localhost:8080/mcp' };
  const packages = [{ registryType: 'oci', identifier: HTTP_IMAGE, transport }];
  mcp = await McpRegistryServer.start([{ server: { name: 'io.github.teste/web', version: '2.0.0', packages } }]);
  await open();
});
afterAll(async () => {
  await hub.close();
  await engine.close();
  await mcp.close();
  await rm(root, { recursive: true, force: true });
});
/** Each test has the Engine to itself. */
beforeEach(() => {
  engine.calls.length = 0;
  engine.bodies.length = 0;
  engine.images.length = 0;
});
afterEach(async () => {
  engine.fails = {};
  engine.holds = false;
  const { body } = await hub.ask('GET', '/api/servers');
  for (const { id } of body.servers) await hub.ask('DELETE', `/api/servers/${id}`);
});

const variables = () => ({ DOCKER_HOST: engine.host, MCP_REGISTRY_URL: mcp.url });
async function open(): Promise<void> {
  engine = await DockerEngine.start();
  digest = engine.publish(IMAGE, () => ({ command: process.execPath, args: [join(root, 'probe.cjs')] }));
  engine.publish(HTTP_IMAGE, (port) => ({ command: process.execPath, args: [join(root, 'http.cjs'), String(port)] }));
  hub = await startHub(variables());
}

const pinned = (): string => `ghcr.io/teste/probe@${digest}`;
const left = () => ({ containers: engine.containers.size, networks: engine.networks.length });
/** Without ids and filters, and what only looks left out. */
const doings = (): string[] =>
  engine.calls.filter((call) => !call.startsWith('GET')).map((call) => call.replaceAll(/[0-9a-f]{64}/g, '{…}'));
const lines = async (id: string): Promise<string> =>
  (await hub.ask('GET', `/api/servers/${id}/logs`)).body.lines.join('\n');

it('a dry run resolves the tag, says what would run, and makes nothing', async () => {
  const request = { image: IMAGE, env: { API_KEY: 'canary' }, args: ['um'] };
  const { status, body } = await hub.ask('POST', '/api/deploy?dry_run=true', request);
  expect(status).toBe(200);
  expect(body).toMatchObject({ method: 'docker', image: pinned(), hosts: ['ghcr.io'] });
  // Not in the Engine yet: nobody can say which.
  expect(body.warnings).toEqual([expect.stringMatching(/^Os volumes que a imagem declare começam vazios, têm 64 MB/)]);
  expect(body.why).toEqual([
    `Imagem ${IMAGE}.`,
    'não npx: não há pacote npm publicado desta fonte.',
    'docker: é uma imagem de contêiner',
  ]);
  const commands: { command: string; args: string[] }[] = body.commands;
  const flags =
    '--read-only --tmpfs=/tmp:rw,noexec,nosuid,nodev,size=64m --cap-drop=ALL --security-opt=no-new-privileges:true --pids-limit=256 --memory=512m --memory-swap=512m --cpus=1 --init --restart=no';
  expect(commands.map(({ command, args }) => [command, ...args].join(' '))).toEqual([
    `docker pull ${pinned()}`,
    'docker network create --opt=com.docker.network.bridge.enable_icc=false omie-mcp-hub-{id}',
    `docker run --interactive --rm --log-driver=none --network=omie-mcp-hub-{id} ${flags} --env API_KEY ${pinned()} um`,
  ]);
  expect(JSON.stringify(body)).not.toContain('canary');
  expect(doings()).toEqual([]);
});

it('deploys, answers, stops, starts and is removed, with exactly these calls', async () => {
  const server = await hub.deploy({ image: IMAGE, env: { API_KEY: 'canary' }, args: ['um', '--dois'] });
  expect(server).toMatchObject({ status: 'deployed', method: 'docker', domain: 'probe' });
  expect(await hub.told(server.id, 'argv')).toBe('["um","--dois"]');
  const env = JSON.parse(await hub.told(server.id, 'env'));
  expect(Object.keys(env).sort()).toEqual(['API_KEY', 'HOSTNAME']);

  const hubId = (await readFile(join(hub.dataDir, 'hub-id'), 'utf8')).trim();
  const labels = { 'omie-mcp-hub.hub': hubId, 'omie-mcp-hub.server': server.id };
  const network = `omie-mcp-hub-${server.id}`;
  expect(engine.bodiesOf('POST /networks/create')).toEqual([
    {
      Name: network,
      Driver: 'bridge',
      Attachable: false,
      Labels: labels,
      Options: { 'com.docker.network.bridge.enable_icc': 'false' },
    },
  ]);
  expect(engine.bodiesOf('POST /containers/create')[0]).toEqual({
    Image: pinned(),
    Cmd: ['um', '--dois'],
    Env: ['API_KEY=canary'],
    Labels: { ...labels, 'omie-mcp-hub.kind': 'conversation', 'omie-mcp-hub.image': pinned() },
    Tty: false,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: network,
      Privileged: false,
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': 'rw,noexec,nosuid,nodev,size=64m' },
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      PidsLimit: 256,
      Memory: 536_870_912,
      MemorySwap: 536_870_912,
      NanoCpus: 1_000_000_000,
      Init: true,
      IpcMode: 'private',
      RestartPolicy: { Name: 'no' },
      AutoRemove: true,
      LogConfig: { Type: 'none', Config: {} },
    },
  });
  expect(doings().slice(0, 6)).toEqual([
    `POST /images/create?fromImage=ghcr.io/teste/probe&tag=sha256:{…}`,
    'POST /networks/create',
    'POST /containers/create',
    'POST /containers/{…}/attach?stream=true&stdin=true&stdout=true&stderr=true&hijack=true',
    'POST /containers/{…}/wait?condition=next-exit',
    'POST /containers/{…}/start',
  ]);
  // Addresses are seen by logs and proxies.
  expect(engine.calls.join('\n')).not.toContain('canary');
  expect(await lines(server.id)).toContain('probe is up');

  expect((await hub.ask('POST', `/api/servers/${server.id}/stop`)).body.status).toBe('stopped');
  await vi.waitFor(() => expect(engine.running).toEqual([]), PATIENCE);
  await hub.ask('POST', `/api/servers/${server.id}/start`);
  await hub.until(server.id, 'deployed');
  expect(await hub.told(server.id, 'argv')).toBe('["um","--dois"]');
  // What is there already is not pulled again.
  expect(doings().filter((call) => call.startsWith('POST /images'))).toHaveLength(1);
  expect((await hub.ask('DELETE', `/api/servers/${server.id}`)).status).toBe(204);
  await vi.waitFor(() => expect(left()).toEqual({ containers: 0, networks: 0 }), PATIENCE);
});

it.each([
  ['over stdio', { image: IMAGE }],
  ['with a port', { image: HTTP_IMAGE, port: 8080 }],
])('what a server %s was trusted with is in none of its answers and logs, nor after a restart', async (_, request) => {
  const env = { API_KEY: 'trusted-to-docker', MODE: 'plain-words' };
  const { id } = await hub.deploy({ ...request, env });
  const told = expect.objectContaining({ API_KEY: '[redacted]', MODE: 'plain-words' });
  const look = async (): Promise<void> => {
    expect(JSON.parse(await hub.told(id, 'env'))).toEqual(told);
    await hub.told(id, 'shout');
    await vi.waitFor(async () => expect(await lines(id)).toContain('"API_KEY":"[redacted]"'), PATIENCE);
    expect(await lines(id)).not.toContain('trusted-to');
  };
  await look();
  await hub.stop();
  hub = await startHub(variables(), hub.dataDir);
  await hub.until(id, 'deployed');
  await look();
});

it('two sessions never share a container, and the eighth is the last', async () => {
  const { id } = await hub.deploy({ image: IMAGE });
  const clients: Client[] = [];
  const connect = async (): Promise<Client> => {
    const client = new Client({ name: 'chat', version: '1' });
    const requestInit = { headers: { authorization: `Bearer ${adminToken}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', hub.house.origin), { requestInit }));
    clients.push(client);
    return client;
  };
  const pid = async (client: Client) => toolBody(await client.callTool({ name: 'probe__pid', arguments: {} }));
  try {
    const [one, two] = [await connect(), await connect()];
    const [first, second] = [await pid(one), await pid(two)];
    expect(first).not.toEqual(second);
    // It is theirs for as long as they come back.
    expect([await pid(one), await pid(two)]).toEqual([first, second]);
    // And one for the lists, which belongs to nobody.
    expect(engine.running).toHaveLength(3);
    for (let more = 0; more < 7; more += 1) await pid(await connect());
    await vi.waitFor(() => expect(engine.running).toHaveLength(9), PATIENCE);
    expect(await pid(two)).toEqual(second);
    expect(await pid(one)).not.toEqual(first);
  } finally {
    for (const client of clients) await client.close();
  }
  await hub.ask('POST', `/api/servers/${id}/stop`);
  await vi.waitFor(() => expect(engine.running).toEqual([]), PATIENCE);
});

it('volumes of an image are folders in memory, and the plan says so', async () => {
  const program = engine.registry.get(IMAGE)?.program;
  if (program === undefined) throw new TypeError('not published');
  engine.publish('ghcr.io/teste/volumes:1', program, ['/data/', '/var/lib/x']);
  const server = await hub.deploy({ image: 'ghcr.io/teste/volumes:1' });
  expect(server.status).toBe('deployed');
  const bounded = 'rw,noexec,nosuid,nodev,size=64m';
  expect(engine.bodiesOf('POST /containers/create')[0]).toMatchObject({
    HostConfig: { Tmpfs: { '/tmp': bounded, '/data': bounded, '/var/lib/x': bounded } },
  });
  const { body } = await hub.ask('POST', '/api/deploy?dry_run=true', { image: 'ghcr.io/teste/volumes:1' });
  expect(body.commands.at(-1).args).toEqual(
    expect.arrayContaining(['/tmp', '/data', '/var/lib/x'].map((path) => `--tmpfs=${path}:${bounded}`)),
  );
  expect(body.warnings).toEqual([expect.stringContaining('/data, /var/lib/x')]);
});

it('a server over stdio is started again by the next hub, and nothing of the last one stays', async () => {
  const server = await hub.deploy({ image: IMAGE });
  const pid = await hub.told(server.id, 'pid');
  const before = [...engine.containers.keys()];
  // As after a hub that was killed: something of it is left, and something of another hub too.
  const hubId = (await readFile(join(hub.dataDir, 'hub-id'), 'utf8')).trim();
  await hub.stop();
  await vi.waitFor(() => expect(engine.running).toEqual([]), PATIENCE);
  const leave = (hubLabel: string, id: string) =>
    engine.networks.push({
      id: id.padEnd(64, '0'),
      body: {
        Name: `omie-mcp-hub-${id}`,
        Driver: 'bridge',
        Attachable: false,
        Labels: { 'omie-mcp-hub.hub': hubLabel, 'omie-mcp-hub.server': id },
        Options: {},
      },
    });
  leave(hubId, 'hub-aaaaaaaaaaaa');
  leave('another-hub', 'hub-bbbbbbbbbbbb');
  hub = await startHub(variables(), hub.dataDir);
  await hub.until(server.id, 'deployed');
  expect(await hub.told(server.id, 'pid')).not.toBe(pid);
  expect(before.some((id) => engine.containers.has(id))).toBe(false);
  expect(engine.networks.map(({ body }) => body.Name).sort()).toEqual(
    ['omie-mcp-hub-hub-bbbbbbbbbbbb', `omie-mcp-hub-${server.id}`].sort(),
  );
  engine.networks.length = 0;
});

it('a server with a port is reached on loopback, is found again after a restart, and is started again when it falls', async () => {
  const server = await hub.deploy({ image: HTTP_IMAGE, port: 8080 });
  expect(server.error).toBeUndefined();
  expect(server).toMatchObject({
    status: 'deployed',
    tools: ['pid', 'env', 'shout'],
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/),
  });
  expect(engine.bodiesOf('POST /containers/create')).toMatchObject([
    {
      ExposedPorts: { '8080/tcp': {} },
      HostConfig: {
        PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
        AutoRemove: false,
        RestartPolicy: { Name: 'no' },
        LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
      },
    },
  ]);
  const pid = await hub.told(server.id, 'pid');
  expect(await lines(server.id)).toMatch(/Z listening/);

  await hub.stop();
  expect(engine.running).toHaveLength(1);
  hub = await startHub(variables(), hub.dataDir);
  await hub.until(server.id, 'deployed');
  expect(await hub.told(server.id, 'pid')).toBe(pid);

  await engine.running[0]?.kill();
  // A call is how the gateway notices. Those that come meanwhile wait for a server that is then replaced: none is held.
  await vi.waitFor(async () => {
    const { status, body } = await hub.invoke(server.id, 'pid');
    expect([status, body.result?.content[0].text === pid]).toEqual([200, false]);
  }, PATIENCE);
  await hub.until(server.id, 'deployed');
  await hub.ask('DELETE', `/api/servers/${server.id}`);
  expect(left()).toEqual({ containers: 0, networks: 0 });
});

it('an image of the registry is reached at the port that its entry says', async () => {
  const server = await hub.deploy({ registry_name: 'io.github.teste/web' });
  expect(server).toMatchObject({ status: 'deployed', tools: ['pid', 'env', 'shout'] });
  expect(engine.bodiesOf('POST /containers/create')).toMatchObject([{ ExposedPorts: { '8080/tcp': {} } }]);
});

it('a hub that leaves while it takes a container over leaves it running', async () => {
  const { id } = await hub.deploy({ image: HTTP_IMAGE, port: 8080 });
  const pid = await hub.told(id, 'pid');
  await hub.stop();
  // Runs, and answers nobody for now.
  process.kill(Number(pid), 'SIGSTOP');
  try {
    engine.calls.length = 0;
    hub = await startHub({ DOCKER_HOST: engine.host }, hub.dataDir);
    // Looked at twice: whether it runs, and at which port.
    await vi.waitFor(
      () => expect(engine.calls.filter((call) => /^GET .containers.[0-9a-f]{64}.json/.test(call))).toHaveLength(2),
      PATIENCE,
    );
    await hub.stop();
    expect(engine.running).toHaveLength(1);
  } finally {
    process.kill(Number(pid), 'SIGCONT');
  }
  hub = await startHub({ DOCKER_HOST: engine.host }, hub.dataDir);
  await hub.until(id, 'deployed');
  expect(await hub.told(id, 'pid')).toBe(pid);
});

it('a port behind which nobody speaks MCP fails, and what was made is gone', async () => {
  const { status, error } = await hub.deploy({ image: HTTP_IMAGE, port: 8080, env: { MCP_PATH: '/other' } });
  expect([status, error]).toEqual(['failed', expect.stringContaining('não fala MCP em /mcp nem em /sse')]);
  expect(left()).toEqual({ containers: 0, networks: 0 });
});

it.each([
  ['pull', /não pôde ser baixada/],
  ['network', /recusou \(500\) ao criar a rede/],
  ['create', /recusou \(500\) ao criar o contêiner/],
  ['start', /recusou \(500\) ao iniciar o contêiner/],
] as const)(
  'a start that fails at %s says so, removes what it made, and keeps the Engine’s words in the logs',
  async (step, told) => {
    engine.fails = { [step]: 'words of the engine' };
    const { id, status, error } = await hub.deploy({ image: HTTP_IMAGE, port: 8080 });
    expect([status, error]).toEqual(['failed', expect.stringMatching(told)]);
    expect(error).not.toContain('words of the engine');
    expect(await lines(id)).toContain('words of the engine');
    expect(left()).toEqual({ containers: 0, networks: 0 });
  },
);

it('a pull that is stopped by hand ends in the Engine as well', async () => {
  engine.holds = true;
  const { body } = await hub.ask('POST', '/api/deploy', { image: IMAGE });
  await vi.waitFor(() => expect(doings().join('\n')).toContain('/images/create'), PATIENCE);
  expect((await hub.ask('POST', `/api/servers/${body.id}/stop`)).body.status).toBe('stopped');
  await vi.waitFor(() => expect(engine.givenUp).toBe(1), PATIENCE);
});

it('an image that no registry shows is used from the Engine, and one that nobody has is unknown', async () => {
  const local = engine.registry.get(IMAGE);
  if (local === undefined) throw new TypeError('not published');
  engine.images.push({ ...local, tags: ['minha/imagem:1'] });
  const { body } = await hub.ask('POST', '/api/deploy?dry_run=true', { image: 'minha/imagem:1' });
  expect(body).toMatchObject({ image: local.id, hosts: [] });
  expect(body.warnings).toHaveLength(1);
  const unknown = await hub.ask('POST', '/api/deploy', { image: 'ninguem/tem:1' });
  expect(unknown.body).toMatchObject({ status: 404, code: 'fonte_desconhecida' });
  const server = await hub.deploy({ image: 'minha/imagem:1' });
  expect(server.status).toBe('deployed');
});

it.each<[string, object]>([
  ['an option in front of the image', { image: '--privileged ghcr.io/teste/probe:1.2.3' }],
  ['an option behind it', { image: 'ghcr.io/teste/probe:1.2.3 --privileged' }],
  ['a substitution', { image: 'ghcr.io/$(id)/probe:1' }],
  ['a path', { image: '../probe:1' }],
  ['an address', { image: 'https://ghcr.io/teste/probe:1' }],
  ['no tag', { image: 'ghcr.io/teste/probe' }],
  ['latest', { image: 'ghcr.io/teste/probe:latest' }],
  ['half a digest', { image: 'ghcr.io/teste/probe@sha256:abc' }],
  ['--privileged', { image: IMAGE, args: ['--privileged'] }],
  ['a mount', { image: IMAGE, args: ['-v', '/:/host'] }],
  ['a mount in one', { image: IMAGE, args: ['--volume=/:/host'] }],
  ['a capability', { image: IMAGE, args: ['--cap-add=SYS_ADMIN'] }],
  ['the network of the host', { image: IMAGE, args: ['--network=host'] }],
  ['another entrypoint', { image: IMAGE, args: ['--entrypoint', 'sh'] }],
  ['a loader', { image: IMAGE, env: { LD_PRELOAD: '/x.so' } }],
  ['our own Engine', { image: IMAGE, env: { DOCKER_HOST: 'unix:///var/run/docker.sock' } }],
  ['a field for privileges', { image: IMAGE, privileged: true }],
  ['a field for mounts', { image: IMAGE, volumes: ['/:/h'] }],
  ['a field of the Engine', { image: IMAGE, HostConfig: { Privileged: true } }],
  ['a port that is none', { image: IMAGE, port: 70_000 }],
])('%s is refused, and the Engine hears nothing', async (_, body) => {
  const { status } = await hub.ask('POST', '/api/deploy', body);
  expect(status).toBe(400);
  expect(engine.calls).toEqual([]);
});

it('an Engine that goes away is told, the hub stays, and its servers can be stopped, started and deleted', async () => {
  const server = await hub.deploy({ image: HTTP_IMAGE, port: 8080 });
  await engine.close();
  const { status, body } = await hub.ask('POST', `/api/servers/${server.id}/stop`);
  expect([status, body.status, body.error]).toEqual([
    200,
    'stopped',
    expect.stringMatching(/^pode ainda estar em execução: O Docker Engine não respondeu/),
  ]);
  const health = (await hub.ask('GET', `/api/servers/${server.id}`)).body;
  expect(JSON.stringify(health)).not.toContain('ENOENT');
  const refused = await hub.ask('POST', '/api/deploy', { image: IMAGE });
  expect(refused.body).toMatchObject({ status: 422, code: 'sem_executor' });
  expect(refused.body.detail).toContain('DOCKER_HOST');
  expect((await hub.ask('POST', `/api/servers/${server.id}/start`)).status).toBe(202);
  expect((await hub.until(server.id, 'failed')).error).toContain('DOCKER_HOST');
  expect((await hub.ask('DELETE', `/api/servers/${server.id}`)).status).toBe(204);
  expect((await hub.ask('GET', '/api/servers')).body.total).toBe(0);
  await hub.close();
  await open();
});
