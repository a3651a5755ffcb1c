// The built program with its hub: what only the package can show.
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isNpmReachable, npmVariables } from '../support/npm-reachable.ts';
import { type Bench, type Program, startBench } from '../support/program.ts';
import { isAlive } from '../support/upstreams.ts';

const token = 'token-de-administracao-do-hub-0001';
let bench: Bench;
let dataDir: string;
let program: Program;
let origin: string;
beforeAll(async () => {
  bench = await startBench();
  dataDir = await realpath(await mkdtemp(join(tmpdir(), 'omie-mcp-hub-e2e-')));
  program = start();
  origin = `http://127.0.0.1:${await program.port()}`;
});
afterAll(async () => {
  program.kill();
  await bench.close();
  await rm(dataDir, { recursive: true, force: true });
});

const start = (): Program =>
  bench.run(['serve', '--transports', 'http'], {
    HUB_ENABLED: 'true',
    HUB_ADMIN_TOKEN: token,
    HUB_DATA_DIR: dataDir,
    ...npmVariables,
    HUB_START_TIMEOUT_SECONDS: '110',
  });
async function ask(method: string, path: string, body?: object) {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

it('without a token it does not start, and says in one line what to set', async () => {
  const refused = bench.run(['serve', '--transports', 'http'], { HUB_ENABLED: 'true' });
  expect((await refused.exit()).code).toBe(1);
  expect(refused.stderr).toMatch(/HUB_ENABLED pede HUB_ADMIN_TOKEN/);
  expect(refused.stderr).not.toMatch(/\n\s+at /);
});

it('with a data folder that cannot be made it does not start, and says which and why', async () => {
  const HUB_DATA_DIR = '/proc/omie-mcp-hub/data';
  const hub = { HUB_ENABLED: 'true', HUB_ADMIN_TOKEN: token, HUB_DATA_DIR };
  const refused = bench.run(['serve', '--transports', 'http'], hub);
  expect((await refused.exit()).code).toBe(1);
  expect(refused.stderr).toContain('\nHUB_DATA_DIR não pode ser usada: ');
  expect(refused.stderr).toContain(`: ${HUB_DATA_DIR}\n`);
  expect(refused.stderr).not.toMatch(/\n\s+at /);
});

describe('the pages of its API', () => {
  it.each(['/docs', '/redoc'])(
    '%s comes whole from this host, under a policy that lets in nothing else',
    async (path) => {
      const page = await fetch(`${origin}${path}`);
      expect(page.status).toBe(200);
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/default-src 'none'.*script-src 'self';/);
      expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
      expect(page.headers.get('x-content-type-options')).toBe('nosniff');
      const html = await page.text();
      expect(html).not.toMatch(/https?:\/\/|<script>|onload=|style=/);
      for (const [, asset = ''] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
        const response = await fetch(`${origin}${asset}`);
        expect([asset, response.status]).toEqual([asset, 200]);
        expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(50);
      }
    },
  );

  it('/ is a page under a policy without anything inline, and all it loads is here', async () => {
    const page = await fetch(`${origin}/`);
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).toMatch(/form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const html = await page.text();
    expect(html).not.toMatch(/https?:\/\/|<script>|<style|\son\w+=|\sstyle=/);
    const assets = [...html.matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)].map(([, asset = '']) => asset);
    expect(new Set(assets)).toEqual(new Set(['/page/icon.png', '/page/page.css', '/page/page.js']));
    for (const asset of assets) {
      const response = await fetch(`${origin}${asset}`);
      expect([asset, response.status]).toEqual([asset, 200]);
      const bytes = (await response.arrayBuffer()).byteLength;
      // Nothing of the server's own code came along.
      expect(bytes).toBeLessThan(100_000);
    }
  });

  it('no path leads out of their folder', async () => {
    for (const path of [
      '/docs/../main.js',
      '/docs/%2e%2e/main.js',
      '/docs/..%2fmain.js',
      '/redoc/LICENSE',
      '/page/index.html',
      '/page/../main.js',
      '/page/%2e%2e%2f%2e%2e/main.js',
      '/docs/x',
    ]) {
      expect([path, (await fetch(`${origin}${path}`)).status]).not.toContain(200);
    }
  });

  it('the document names every route', async () => {
    const { body } = await ask('GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.1');
    expect(Object.keys(body.paths)).toEqual([
      '/api/discover',
      '/api/deploy',
      '/api/servers',
      '/api/servers/{id}',
      '/api/servers/{id}/start',
      '/api/servers/{id}/stop',
      '/api/servers/{id}/logs',
      '/api/invoke',
      '/api/orchestrate',
      '/api/servers/{id}/tools',
      '/api/overview',
      '/api/events',
    ]);
  });
});

it.skipIf(!(await isNpmReachable()))(
  'packages of others: deployed, asked through the hub and through MCP, killed, back again; after kill -9 of the hub too',
  async () => {
    const wanted = [
      '@modelcontextprotocol/server-memory@2026.8.31',
      '@modelcontextprotocol/server-everything@2026.8.31',
    ];
    const ids: string[] = [];
    for (const name of wanted) {
      const { status, body } = await ask('POST', '/api/deploy', { package: name });
      if (status !== 202) throw new Error(JSON.stringify(body));
      ids.push(body.id);
    }
    const until = async (id: string) => {
      const settled = async () => {
        const { body } = await ask('GET', `/api/servers/${id}`);
        expect(['deployed', 'failed']).toContain(body.status);
        return body;
      };
      const server = await vi.waitFor(settled, { timeout: 120_000, interval: 250 });
      if (server.status === 'deployed') return server;
      throw new Error(`${server.error} ${(await ask('GET', `/api/servers/${id}/logs`)).body.lines.join('\n')}`);
    };
    const [memory, everything] = [await until(ids[0] ?? ''), await until(ids[1] ?? '')];
    expect(memory.tools).toContain('read_graph');
    const echo = { server_id: everything.id, tool_name: 'echo', args: { message: 'olá' } };
    expect((await ask('POST', '/api/invoke', echo)).body.result.content[0].text).toMatch(/olá/);
    const create = { entities: [{ name: 'Alfa', entityType: 'empresa', observations: [] }] };
    expect((await ask('POST', '/tools/memory__create_entities', create)).status).toBe(200);

    const hub = program.child.pid;
    const before = await marked(dataDir);
    expect(before.length).toBe(2);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await vi.waitFor(async () => expect((await ask('POST', '/api/invoke', echo)).status).toBe(200), {
      timeout: 60_000,
    });

    // What the server wrote in its folder is there after its hub was killed and another one came.
    program.kill('SIGKILL');
    await program.exit();
    program = start();
    origin = `http://127.0.0.1:${await program.port()}`;
    expect(program.child.pid).not.toBe(hub);
    await until(memory.id);
    const read = await ask('POST', '/api/invoke', { server_id: memory.id, tool_name: 'read_graph' });
    expect(JSON.stringify(read.body)).toContain('Alfa');

    program.kill('SIGTERM');
    expect((await program.exit()).code).toBe(0);
    await vi.waitFor(async () => expect((await marked(dataDir)).filter(isAlive)).toEqual([]), { timeout: 10_000 });
  },
  300_000,
);

/** Processes of deployed servers: they carry the mark, and live in the folder. */
async function marked(folder: string): Promise<number[]> {
  const pids: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    const variables = environment.split('\0');
    const has = (begin: string): boolean => variables.some((variable) => variable.startsWith(begin));
    if (has('OMIE_MCP_HUB_SERVER=') && has(`HOME=${folder}/servers/`)) pids.push(Number(name));
  }
  return pids;
}
