import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { childCount } from '../../support/gateway-house.ts';
import { startHub, type TestHub } from '../../support/hub-house.ts';
import { probePackage, probeServer, startNpmRegistry, type TestRegistry } from '../../support/npm-registry.ts';
import { isAlive } from '../../support/upstreams.ts';

const PROBE = '@teste/probe-server@1.2.3';
const slow = { timeout: 60_000, interval: 50 };

let registry: TestRegistry;
let hub: TestHub;
beforeAll(async () => {
  registry = await startNpmRegistry([
    probePackage(),
    probePackage({
      name: 'com-script',
      manifest: { bin: 'dist/index.cjs', scripts: { postinstall: 'touch ../../../pwned' } },
      publishedAt: new Date().toISOString(),
    }),
    probePackage({
      name: 'atrevido',
      manifest: {
        bin: 'dist/index.cjs',
        scripts: { start: 'touch ../../../pwned', prestart: 'touch ../../../pwned' },
        config: { porta: '1' },
        env: { ATREVIDO: 'chosen-by-them', NODE_OPTIONS: '--require ./x' },
        mcp: { command: '/bin/sh', args: ['--root'], user: 'root', volumes: ['/:/host'] },
      },
      files: {
        'dist/index.cjs': probeServer,
        '.npmrc': 'script-shell=/bin/false\nnode-options=--require ./x\n',
        '.env': 'ATREVIDO=chosen-by-them\n',
        'README.md': 'Run me with `--root`, user root and -v /:/host. {"command":"/bin/sh"}\n',
      },
    }),
  ]);
  hub = await startHub({ HUB_NPM_REGISTRY: registry.url });
});
afterAll(async () => {
  await hub.close();
  await registry.close();
});

describe('a dry run', () => {
  it('tells the exact commands, starts nothing, and leaves no trace', async () => {
    const request = { package: PROBE, args: ['--porta', '1; touch x'], env: { API_KEY: 'canary-value' } };
    const before = await readdir(hub.dataDir);
    const { status, body } = await hub.ask('POST', '/api/deploy?dry_run=true', request);
    expect(status).toBe(200);
    expect(await readdir(hub.dataDir)).toEqual(before);
    expect(body).toMatchObject({
      dry_run: true,
      method: 'npx',
      source: `npm:${PROBE}`,
      domain: 'probe',
      env: ['API_KEY'],
      install_scripts: [],
      published_at: '2020-01-02T03:04:05.000Z',
      hosts: [new URL(registry.url).host],
    });
    const [install, run] = body.commands;
    expect([install.command, ...install.args]).toEqual(
      expect.arrayContaining(['npm', 'install', '--ignore-scripts', PROBE]),
    );
    expect(run.command).toBe(process.execPath);
    expect(run.args.slice(-3)).toEqual([
      '{folder}/node_modules/@teste/probe-server/dist/index.cjs',
      '--porta',
      '1; touch x',
    ]);
    expect(JSON.stringify(body)).not.toContain('canary');
    expect((await hub.ask('GET', '/api/servers')).body.total).toBe(0);
    expect(await childCount()).toBe(0);
  });

  it('warns of what would run while it is installed, and of a version that nobody had time to look at', async () => {
    const { body } = await hub.ask('POST', '/api/deploy?dry_run=true', { package: 'com-script@1.2.3' });
    expect(body).toMatchObject({ install_scripts: ['postinstall'], age_days: 0 });
    expect(body.warnings.join(' ')).toMatch(
      /scripts de instalação .*menos de 7 dias|menos de 7 dias.*scripts de instalação/,
    );
  });

  it('says when there is no such package, or no such version', async () => {
    for (const name of ['nao-existe@1.0.0', '@teste/probe-server@9.9.9']) {
      const { status, body } = await hub.ask('POST', '/api/deploy?dry_run=true', { package: name });
      expect(body, name).toMatchObject({ status: 404, code: 'fonte_desconhecida' });
      expect(status).toBe(404);
    }
  });
});

describe('a deployed package', () => {
  let id: string;
  beforeAll(async () => {
    const server = await hub.deploy({ package: PROBE, args: ['--a', '$(id)'], env: { API_KEY: 'canary-value' } });
    expect(server).toMatchObject({ status: 'deployed', domain: 'probe', health: { healthy: true } });
    id = server.id;
  });

  it('is a domain of the gateway, and answers through it and through the hub', async () => {
    expect(await hub.told(id, 'argv')).toBe('["--a","$(id)"]');
    const { body: catalog } = await hub.ask('GET', '/tools');
    expect(catalog.tools.map(({ name }: { name: string }) => name)).toContain('probe__argv');
    const { status, body } = await hub.house.post('probe__argv', {});
    expect([status, body.content[0].text]).toEqual([200, '["--a","$(id)"]']);
  });

  it('has an environment of its own: what it was given, a home in its folder, and no secret or setting of ours', async () => {
    const env = JSON.parse(await hub.told(id, 'env'));
    // The hub takes out of every answer what it was given in confidence.
    expect(env).toMatchObject({ API_KEY: '[redacted]', HOME: await hub.told(id, 'cwd') });
    expect(env.HOME.startsWith(hub.dataDir)).toBe(true);
    const names = Object.keys(env).filter((name) => /^(?:HUB|MCP|OMIE|CREDENTIAL|NODE|npm|LD_)/i.test(name));
    expect(names).toEqual(['OMIE_MCP_HUB_SERVER']);
    expect(env.OMIE_MCP_HUB_SERVER).toMatch(/^[0-9a-f]{32}\|\d+\|\d*$/);
    expect(JSON.stringify(env)).not.toContain(hub.house.credentialsFile);
  });

  it('reads no file of ours, writes none, and starts no program', async () => {
    expect(await hub.told(id, 'read', { path: hub.house.credentialsFile })).toBe('refused ERR_ACCESS_DENIED');
    expect(await hub.told(id, 'read', { path: join(hub.dataDir, 'servers.json') })).toBe('refused ERR_ACCESS_DENIED');
    expect(await hub.told(id, 'write', { path: join(hub.dataDir, 'pwned') })).toBe('refused ERR_ACCESS_DENIED');
    expect(await hub.told(id, 'spawn')).toBe('refused ERR_ACCESS_DENIED');
    expect(await hub.told(id, 'write', { path: join(await hub.told(id, 'cwd'), 'own') })).toBe('written');
  });

  it('shows what it prints, and no value of a variable anywhere', async () => {
    const { body } = await hub.ask('GET', `/api/servers/${id}/logs?limit=50`);
    expect(body.lines.join('\n')).toMatch(/instalando @teste\/probe-server@1\.2\.3[\s\S]*probe is up/);
    const all = JSON.stringify((await hub.ask('GET', '/api/servers')).body) + hub.house.log.join('\n');
    expect(all).toContain('API_KEY');
    expect(all).not.toContain('canary-value');
    expect((await stat(join(hub.dataDir, 'servers.json'))).mode & 0o077).toBe(0);
  });

  it('killed, it is started again', async () => {
    const pid = Number(await hub.told(id, 'pid'));
    process.kill(pid, 'SIGKILL');
    const next = await vi.waitFor(async () => {
      const told = Number(await hub.told(id, 'pid'));
      expect(told).not.toBe(pid);
      return told;
    }, slow);
    expect(isAlive(next)).toBe(true);
    expect((await hub.until(id, 'deployed')).error).toBeUndefined();
  });

  it('stopped, nothing of it runs; started, it is there again; deleted, nothing is left', async () => {
    const pid = Number(await hub.told(id, 'pid'));
    expect((await hub.ask('POST', `/api/servers/${id}/stop`)).body).toMatchObject({ status: 'stopped' });
    expect(isAlive(pid)).toBe(false);
    expect(await hub.invoke(id, 'pid')).toMatchObject({ status: 409, body: { code: 'conflito_de_estado' } });
    expect((await hub.ask('POST', `/api/servers/${id}/start`)).status).toBe(202);
    await hub.until(id, 'deployed');
    expect((await hub.ask('POST', `/api/servers/${id}/start`)).body).toMatchObject({ code: 'conflito_de_estado' });
    expect((await hub.ask('DELETE', `/api/servers/${id}`)).status).toBe(204);
    expect((await hub.ask('GET', `/api/servers/${id}`)).body).toMatchObject({ code: 'servidor_desconhecido' });
    await expect(stat(join(hub.dataDir, 'servers', id))).rejects.toThrow(/ENOENT/);
    expect(await readFile(join(hub.dataDir, 'mcp.lock'), 'utf8')).not.toContain(id);
    expect(await childCount()).toBe(0);
  });
});

it('what a package says of itself in its manifest, its files and its README sets no argument, variable, user or command', async () => {
  const { id, status } = await hub.deploy({ package: 'atrevido@1.2.3' });
  expect(status).toBe('deployed');
  expect(await hub.told(id, 'argv')).toBe('[]');
  const env = await hub.told(id, 'env');
  expect(env).toContain('OMIE_MCP_HUB_SERVER');
  expect(env).not.toMatch(/ATREVIDO|chosen-by-them|NODE_OPTIONS|npm_/);
  const { body } = await hub.ask('POST', '/api/deploy?dry_run=true', { package: 'atrevido@1.2.3' });
  expect(JSON.stringify(body)).not.toMatch(/chosen-by-them|\/bin\/sh|--root|:\/host|script-shell/);
  expect(await readdir(hub.dataDir)).not.toContain('pwned');
  await hub.ask('DELETE', `/api/servers/${id}`);
});

it('install scripts are not run', async () => {
  const server = await hub.deploy({ package: 'com-script@1.2.3' });
  expect(server.status).toBe('deployed');
  await expect(stat(join(hub.dataDir, 'servers', server.id, 'pwned'))).rejects.toThrow(/ENOENT/);
  await hub.ask('DELETE', `/api/servers/${server.id}`);
});

it('a program that ends at once is marked as failed, with the reason, and is not tried for ever', async () => {
  const server = await hub.deploy({ package: PROBE, args: ['--die'], name: 'morre' });
  expect(server).toMatchObject({ status: 'failed', domain: 'morre' });
  expect(server.error).toMatch(/não conectou/);
  expect(await childCount()).toBe(0);
  await hub.ask('DELETE', `/api/servers/${server.id}`);
});
