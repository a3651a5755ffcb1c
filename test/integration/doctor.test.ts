import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkNode } from '../../src/doctor/check-machine.ts';
import { checkOmieDoor } from '../../src/doctor/check-omie.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { startHouse } from '../support/house.ts';
import { entry } from '../support/program.ts';
import { aCall, openLog } from '../unit/audit/open-log.ts';

let omie: Simulator;
let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  omie = await startSimulator({ titlesPerCompany: 1, limits: false });
});
afterAll(() => omie.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-doctor-'));
  env = { CREDENTIALS_FILE: join(folder, 'credentials.json'), OMIE_BASE_URL: omie.url, MCP_PORT: '0' };
  await writeFile(env['CREDENTIALS_FILE']!, JSON.stringify(omie.credentialsFile()), { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The command as an operator runs it. */
async function doctor(more: Record<string, string> = {}, args: string[] = []): Promise<{ code: number; out: string }> {
  const child = spawn(process.execPath, [entry, 'doctor', ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env, ...more },
    cwd: folder,
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const [code] = await once(child, 'close');
  for (const { appKey, appSecret } of omie.companies)
    for (const secret of [appKey, appSecret]) expect(out).not.toContain(secret);
  return { code, out };
}

describe('doctor', () => {
  it('finds nothing wrong with a good deployment, in lines and as JSON', async () => {
    const { code, out } = await doctor({ AUDIT_LOG: join(folder, 'audit.jsonl') });
    expect(
      out
        .trimEnd()
        .split('\n')
        .every((line) => line.startsWith('ok ')),
    ).toBe(true);
    expect(code).toBe(0);
    for (const { id } of omie.companies) expect(out).toContain(`empresa ${id}: o Omie respondeu`);
    expect(out).toMatch(/relógio: certo/);
    const json = JSON.parse((await doctor({}, ['--json', '--offline'])).out);
    expect(json.ok).toBe(true);
    expect(json.achados.every(({ level }: { level: string }) => level === 'ok')).toBe(true);
  });

  it('a tokens file: good, bad, open to others, and with a token that is over', async () => {
    const path = join(folder, 'tokens.json');
    const token = (id: string, more: object) => ({
      id,
      sha256: createHash('sha256').update(id).digest('hex'),
      empresas: ['*'],
      ferramentas: ['*'],
      ...more,
    });
    const examine = async (tokens: unknown, mode: number): Promise<{ code: number; out: string }> => {
      await writeFile(path, JSON.stringify({ tokens }));
      await chmod(path, mode);
      return doctor({ MCP_TOKENS_FILE: path }, ['--offline']);
    };
    const good = await examine([token('ana', { expira: '2999-12-31' })], 0o600);
    expect(good.out).toMatch(/^ok +tokens: 1,/m);
    expect(good.code).toBe(0);
    const bad = await examine([token('ana', { sha256: 'xyz' })], 0o600);
    expect(bad.out).toMatch(/^erro +tokens: tokens\.json: tokens\[0\]\.sha256/m);
    expect(bad.code).toBe(1);
    const late = await examine([token('ana', { expira: '2020-01-31' })], 0o644);
    expect(late.out).toMatch(/^aviso +tokens: .*0644/m);
    expect(late.out).toMatch(/^aviso +tokens: o de ana venceu/m);
    expect(late.code).toBe(0);
  });

  it('a gateway file: good, bad and gone', async () => {
    const path = join(folder, 'gateway.yaml');
    const examine = async (yaml: string, file = path): Promise<{ code: number; out: string }> => {
      await writeFile(path, yaml, { mode: 0o600 });
      return doctor({ GATEWAY_CONFIG: file }, ['--offline']);
    };
    const good = await examine('mcp_servers:\n  erp: {url: "http://localhost:1/mcp", transport: http, domains: [erp]}');
    expect(good.out).toMatch(/^ok +gateway: 1 servidor/m);
    expect(good.code).toBe(0);
    for (const [yaml, file] of [
      ['mcp_servers: {erp: {inventado: 1}}', path],
      ['', `${path}.gone`],
    ] as const) {
      const { code, out } = await examine(yaml, file);
      expect(out).toMatch(/^erro +gateway: gateway\.yaml/m);
      expect(code).toBe(1);
    }
  });

  it('a token for stdio that serve would refuse, and OAuth set up by halves', async () => {
    const path = join(folder, 'tokens.json');
    const sha256 = createHash('sha256').update('canario-de-ana').digest('hex');
    await writeFile(path, JSON.stringify({ tokens: [{ id: 'ana', sha256, empresas: ['*'], ferramentas: ['*'] }] }), {
      mode: 0o600,
    });
    const examine = async (settings: Record<string, string>): Promise<{ code: number; out: string }> => {
      const { code, out } = await doctor(settings, ['--offline']);
      expect(out).not.toContain('canario');
      return { code, out };
    };
    expect(await examine({ MCP_STDIO_TOKEN: 'canario' })).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^erro .*MCP_TOKENS_FILE/m),
    });
    expect(await examine({ MCP_TOKENS_FILE: path, MCP_STDIO_TOKEN: 'canario' })).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^erro .*MCP_STDIO_TOKEN não é um token válido/m),
    });
    expect((await examine({ MCP_TOKENS_FILE: path, MCP_STDIO_TOKEN: 'canario-de-ana' })).code).toBe(0);
    expect(await examine({ MCP_OAUTH_ISSUER: 'https://login.example' })).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^erro .*MCP_OAUTH_AUDIENCE/m),
    });
  });

  it('a key that Omie refuses is an error of that company alone', async () => {
    const credentials = omie.credentialsFile();
    const [first] = Object.keys(credentials);
    const spoilt = { ...credentials, [first!]: { ...credentials[first!]!, app_secret: 'canario-segredo-errado' } };
    await writeFile(env['CREDENTIALS_FILE']!, JSON.stringify(spoilt));
    const { code, out } = await doctor();
    expect(code).toBe(1);
    expect(out.match(/^erro .*$/gm)).toEqual([expect.stringContaining(`empresa ${first}: A Omie recusou as chaves`)]);
    expect(out).not.toContain('canario');
  });

  it('a credentials file open to others is a warning, and no failure', async () => {
    await chmod(env['CREDENTIALS_FILE']!, 0o644);
    const { code, out } = await doctor();
    expect(out).toMatch(/^aviso .*0644.*chmod 600/m);
    expect(code).toBe(0);
  });

  it.each([
    ['is missing', async () => rm(env['CREDENTIALS_FILE']!), /não existe/],
    ['is no JSON', async () => writeFile(env['CREDENTIALS_FILE']!, '{"a":"canario'), /JSON inválido/],
    [
      'asks for a variable',
      async () =>
        writeFile(
          env['CREDENTIALS_FILE']!,
          JSON.stringify(omie.credentialsFile()).replace(/"app_secret":"[^"]+"/, '"app_secret":"${NAO_HA}"'),
        ),
      /desativada.*NAO_HA/,
    ],
  ])('a credentials file that %s', async (_what, spoil, says) => {
    await spoil();
    const { code, out } = await doctor({}, ['--offline']);
    expect(code).toBe(1);
    expect(out).toMatch(says);
    expect(out).not.toContain('canario');
  });

  it('a port that another program holds, and one that our own server holds', async () => {
    const stranger = createServer((_req, res) => res.end('outro'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const port = (stranger.address() as AddressInfo).port;
    const taken = await doctor({ MCP_PORT: String(port) }, ['--offline']);
    stranger.closeAllConnections();
    stranger.close();
    expect(taken).toMatchObject({ code: 1, out: expect.stringMatching(/MCP_PORT: a porta \d+ está ocupada/) });
    const house = await startHouse();
    const ours = await doctor({ MCP_PORT: String(house.app.port) }, ['--offline']);
    await house.close();
    expect(ours).toMatchObject({ code: 0, out: expect.stringMatching(/o servidor já responde/) });
  });

  it('two settings of one port', async () => {
    const both = { MCP_PORT: '48211', METRICS_PORT: '48211' };
    expect(await doctor({ ...both, ENABLE_METRICS: 'true' }, ['--offline'])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^erro +METRICS_PORT e MCP_PORT são a mesma porta \(48211\)/m),
    });
    expect((await doctor(both, ['--offline'])).code).toBe(0);
  });

  it('settings that cannot be read, or would leave the door open', async () => {
    const bad = await doctor({ MCP_PORT: 'canario', CREDENTIAL_MAX_CACHE_SIZE: '0' });
    expect(bad.code).toBe(1);
    expect(bad.out.match(/^erro /gm)).toHaveLength(2);
    expect(bad.out).not.toContain('canario');
    const open = await doctor({ MCP_HOST: '0.0.0.0' }, ['--offline']);
    expect(open).toMatchObject({ code: 1, out: expect.stringMatching(/MCP_AUTH_TOKEN/) });
  });

  it('an audit log that was tampered with, or cannot be written', async () => {
    const path = join(folder, 'audit.jsonl');
    const { log } = await openLog(path);
    for (let number = 0; number < 3; number += 1) log.record(aCall(number));
    await log.close();
    expect((await doctor({ AUDIT_LOG: path }, ['--offline'])).out).toMatch(/3 linha\(s\), cadeia inteira/);
    await writeFile(path, '');
    expect(await doctor({ AUDIT_LOG: path }, ['--offline'])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/faltam linhas/),
    });
    const nowhere = await doctor({ AUDIT_LOG: join(folder, 'nao', 'ha.jsonl') }, ['--offline']);
    expect(nowhere).toMatchObject({ code: 1, out: expect.stringMatching(/não pode ser gravado \(ENOENT\)/) });
  });

  it('an Omie that nobody answers for', async () => {
    const gone = await startSimulator({ titlesPerCompany: 1 });
    await gone.close();
    const { code, out } = await doctor({ OMIE_BASE_URL: gone.url });
    expect(code).toBe(1);
    expect(out).toMatch(/Omie: 127\.0\.0\.1:\d+ não responde \(ECONNREFUSED\) — Libere/);
  });

  it('wrong usage exits with 2', async () => {
    expect((await doctor({}, ['--nada'])).code).toBe(2);
  });
});

it.each([
  [0, 'ok', /certo/],
  [-90_000, 'erro', /90 s atrasado/],
  [3_600_000, 'erro', /3600 s adiantado/],
])('a clock %i ms off is %s', async (skewMs, level, says) => {
  const server = createServer({}, (_req, res) => {
    res.sendDate = false;
    res.setHeader('date', new Date(1_800_000_000_000).toUTCString());
    res.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const [, clock] = await checkOmieDoor(url, () => 1_800_000_000_000 + skewMs).run();
  server.closeAllConnections();
  server.close();
  expect(clock).toMatchObject({ level, what: expect.stringMatching(says) });
});

it.each([
  ['20.18.3', 'erro'],
  ['20.19.0', 'ok'],
  ['24.1.0', 'ok'],
  ['18.20.0', 'erro'],
])('Node %s is %s', async (version, level) => {
  expect(await checkNode(version).run()).toMatchObject([{ level }]);
});
