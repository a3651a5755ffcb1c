// The tokens file as people meet it: what a token opens, when it stops, and what nobody learns on the way.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFrameReader } from '../../../bench/load/event-frames.ts';
import { startHouse, type TestHouse } from '../../support/house.ts';
import { bearer, type TestToken, testToken, tokensText, writeTokens } from '../../support/tokens.ts';
import { ENVELOPE, initialize, JSON_HEADERS } from '../transports/raw-http.ts';

const ana = testToken('ana', ['empresa_001']);
const boss = testToken('chefe', ['*'], { modo: 'escrita' });
const clerk = testToken('caixa', ['empresa_002'], { modo: 'escrita' });
const narrow = testToken('estreita', ['empresa_001'], { ferramentas: ['consultar_categorias*'] });
/** These tests send more bad tokens than an address may; test/integration/edge/limits.test.ts is about that. */
const unlimitedLogins = { MCP_FAILED_LOGINS_PER_MINUTE: '0' };
const everybody = [ana, boss, clerk, narrow];

let folder: string;
let file: string;
let house: TestHouse;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-tokens-'));
  file = writeTokens(folder, everybody);
  house = await startHouse({ variables: { MCP_TOKENS_FILE: file, ...unlimitedLogins } });
});
afterEach(async () => {
  writeFileSync(file, tokensText(everybody));
  await until(async () => (await statusOf(ana)) === 200);
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

const list = (token: TestToken) => house.post('listar_empresas', {}, bearer(token));
const statusOf = async (token: TestToken) => (await list(token)).status;

async function until(holds: () => Promise<boolean> | boolean, ms = 2_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`still not so after ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const rpc = (id: number, method: string, params: object = {}) => JSON.stringify({ jsonrpc: '2.0', id, method, params });

async function openSession(token: TestToken): Promise<Record<string, string>> {
  const response = await fetch(`${house.origin}/mcp`, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...bearer(token) },
    body: JSON.stringify(initialize()),
  });
  return { ...JSON_HEADERS, 'mcp-session-id': response.headers.get('mcp-session-id') ?? '' };
}

/** An event stream: what came so far, and whether it has ended. */
async function stream(path: string, init: RequestInit): Promise<{ events: string[]; ended: boolean }> {
  const seen: { events: string[]; ended: boolean } = { events: [], ended: false };
  const response = await fetch(`${house.origin}${path}`, init);
  expect(response.status).toBe(200);
  const read = createFrameReader((_event, data) => seen.events.push(data));
  void (async () => {
    for await (const chunk of response.body ?? []) read(Buffer.from(chunk).toString());
  })()
    .catch(() => {})
    .finally(() => {
      seen.ended = true;
    });
  return seen;
}

const listen = (token: TestToken) =>
  stream('/mcp', {
    method: 'POST',
    headers: {
      ...JSON_HEADERS,
      ...bearer(token),
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: rpc(1, 'subscriptions/listen', {
      notifications: {
        resourcesListChanged: true,
        resourceSubscriptions: ['omie://dashboard/empresa_001', 'omie://dashboard/empresa_002'],
      },
      _meta: ENVELOPE,
    }),
  });

describe('what a token opens', () => {
  it('its companies alone, in its mode, with its tools', async () => {
    expect((await list(ana)).body.empresas.map(({ id }: { id: string }) => id)).toEqual(['empresa_001']);
    const reload = await house.post('reload_credenciais', {}, bearer(ana));
    expect([reload.status, reload.body.erro.codigo]).toEqual([403, 'sem_permissao']);
    const { status, body } = await house.post('listar_empresas', {}, bearer(narrow));
    expect([status, body.erro.codigo]).toEqual([403, 'sem_permissao']);
  });

  it('gives no numbers by a resource that its tools would not give', async () => {
    const session = { ...(await openSession(narrow)), ...bearer(narrow) };
    const ask = async (method: string, params: object = {}) =>
      (await fetch(`${house.origin}/mcp`, { method: 'POST', headers: session, body: rpc(1, method, params) })).text();
    expect(await ask('resources/templates/list')).not.toContain('dashboard');
    expect(await ask('resources/read', { uri: 'omie://dashboard/empresa_001' })).toContain('Não existe esse recurso');
  });

  it.each([
    ['none', {}],
    ['an unknown one', { authorization: `Bearer omcp_${'z'.repeat(43)}` }],
    ['the digest itself', { authorization: `Bearer ${String(ana.entry['sha256'])}` }],
    ['another scheme', { authorization: `Basic ${ana.token}` }],
    ['another letter case', { authorization: `Bearer ${ana.token.toUpperCase()}` }],
  ])('401 with WWW-Authenticate on every route for %s', async (_name, headers: Record<string, string>) => {
    for (const path of [
      '/mcp',
      '/streamable',
      '/sse',
      '/messages?sessionId=x',
      '/tools',
      '/tools/listar_empresas',
      '/nada',
    ]) {
      const response = await fetch(`${house.origin}${path}`, { headers });
      expect(response.status, path).toBe(401);
      expect(response.headers.get('www-authenticate'), path).toMatch(/^Bearer realm=/);
    }
  });

  it.each(['access_token', 'ACCESS_TOKEN', 'access%5Ftoken'])(
    'a token as ?%s= is refused, even beside a good header, and logged nowhere',
    async (name) => {
      const url = `${house.origin}/tools?x=1&${name}=${ana.token}`;
      expect((await fetch(url)).status).toBe(401);
      expect((await fetch(url, { headers: bearer(ana) })).status).toBe(401);
      expect(house.log.join('')).not.toContain(ana.token);
    },
  );

  it('details of health are for those who see all', async () => {
    const health = async (token: TestToken) =>
      (await fetch(`${house.origin}/health`, { headers: bearer(token) })).json();
    expect(await health(ana)).toEqual({ status: 'ok' });
    expect(await health(boss)).toHaveProperty('credenciais');
  });
});

const withoutId = (text: string): string => text.replace(/"id_requisicao":"[^"]+"/, '"id_requisicao":""');

describe('a session is its principal’s', () => {
  it('on POST, GET, DELETE and /messages; others get what a session that never was gets', async () => {
    const session = await openSession(boss);
    const url = `${house.origin}/mcp`;
    const body = rpc(1, 'tools/call', { name: 'listar_empresas', arguments: {} });
    for (const init of [{ method: 'POST', body }, { method: 'GET' }, { method: 'DELETE' }]) {
      const theirs = await fetch(url, { ...init, headers: { ...session, ...bearer(ana) } });
      const never = await fetch(url, { ...init, headers: { ...session, ...bearer(ana), 'mcp-session-id': 'nunca' } });
      expect([theirs.status, withoutId(await theirs.text())]).toEqual([404, withoutId(await never.text())]);
    }
    const sse = await stream('/sse', { headers: bearer(boss) });
    await until(() => sse.events.length > 0);
    const messages = { method: 'POST', headers: { ...JSON_HEADERS, ...bearer(ana) }, body };
    expect((await fetch(house.origin + (sse.events[0] ?? ''), messages)).status).toBe(404);
    const own = await fetch(url, { method: 'POST', body, headers: { ...session, ...bearer(boss) } });
    expect(await own.text()).toContain('empresa_003');
  });
});

describe('a token that is revoked, changed or over', () => {
  it.each<[string, () => void]>([
    ['in place', () => writeFileSync(file, tokensText(everybody.slice(1)))],
    ['by a renamed-over file', () => renameSync(writeTokens(folder, everybody.slice(1), 'new.tmp'), file)],
  ])('revoked %s: 401 on its session, its streams end, others go on', async (_name, revoke) => {
    const session = await openSession(ana);
    const get = await stream('/mcp', { headers: { ...session, ...bearer(ana), accept: 'text/event-stream' } });
    const sse = await stream('/sse', { headers: bearer(ana) });
    const modern = await listen(ana);
    const other = await stream('/sse', { headers: bearer(boss) });
    revoke();
    await until(() => get.ended && sse.ended && modern.ended, 3_000);
    // The graceful end of a subscription, not a broken line.
    expect(modern.events.at(-1)).toContain('"resultType":"complete"');
    const late = await fetch(`${house.origin}/mcp`, {
      method: 'POST',
      headers: { ...session, ...bearer(ana) },
      body: rpc(1, 'ping'),
    });
    expect(late.status).toBe(401);
    expect(other.ended).toBe(false);
    expect(await statusOf(boss)).toBe(200);
  });

  it('a narrowed one keeps no session of its wider days; a new note keeps it', async () => {
    const session = { ...(await openSession(clerk)), ...bearer(clerk) };
    const ping = async () =>
      (await fetch(`${house.origin}/mcp`, { method: 'POST', headers: session, body: rpc(1, 'ping') })).status;
    const changed = (more: object) => {
      const token: TestToken = { ...clerk, entry: { ...clerk.entry, ...more } };
      writeFileSync(file, tokensText([ana, boss, token, narrow]));
    };
    changed({ nota: 'férias em julho' });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await ping()).toBe(200);
    changed({ empresas: ['empresa_003'] });
    await until(async () => (await list(clerk)).body.empresas[0]?.id === 'empresa_003');
    expect(await ping()).toBe(404);
  });

  it('one that expires in mid-session is refused from that moment, and its streams end', async () => {
    const expira = new Date(Date.now() + 6_000).toISOString();
    const short = testToken('breve', ['empresa_001'], { expira });
    writeFileSync(file, tokensText([...everybody, short]));
    await until(async () => (await statusOf(short)) === 200);
    const session = { ...(await openSession(short)), ...bearer(short) };
    const sse = await stream('/sse', { headers: bearer(short) });
    await until(() => sse.ended, 10_000);
    expect(Date.now()).toBeGreaterThan(Date.parse(expira) - 100);
    const late = await fetch(`${house.origin}/mcp`, { method: 'POST', headers: session, body: rpc(1, 'ping') });
    expect(late.status).toBe(401);
  });

  it('a bad file keeps the last good set, is logged once, and shows in health without a value', async () => {
    const before = house.log.length;
    writeFileSync(file, '{"tokens": [{"id": "ana", "sha256": "canario-');
    await until(async () => JSON.stringify(await (await fetch(`${house.origin}/health`)).json()).includes('degraded'));
    expect(await statusOf(ana)).toBe(200);
    const told = house.log.slice(before).filter((line) => line.includes('tokens file refused'));
    expect(told).toHaveLength(1);
    expect(told[0]).not.toContain('canario');
  });
});

describe('what is told of companies out of scope', () => {
  it('a reload names none of them, neither when it works nor when it fails', async () => {
    const credentials = house.simulator.credentialsFile();
    const { empresa_003, ...others } = credentials;
    await house.writeCredentials({ ...others, empresa_003: { ...empresa_003, app_key: '${CHAVE_QUE_FALTA}' } });
    const disabled = await house.post('reload_credenciais', {}, bearer(clerk));
    expect(disabled.body).toMatchObject({ empresas_disponiveis: ['empresa_002'], empresas_desativadas: [] });

    await house.writeCredentials({ ...others, empresa_003: { ...empresa_003, cnpj: 'nenhum' } });
    const failed = await house.post('reload_credenciais', {}, bearer(clerk));
    expect(failed.body.erro.codigo).toBe('configuracao_invalida');
    expect(JSON.stringify(failed.body)).not.toContain('empresa_003');
    expect(JSON.stringify((await house.post('reload_credenciais', {}, bearer(boss))).body)).toContain('empresa_003');
    await house.writeCredentials(credentials);
    await house.post('reload_credenciais', {}, bearer(boss));
  });

  it('a change is announced by name only to who may see the company, in both eras', async () => {
    const session = { ...(await openSession(ana)), ...bearer(ana) };
    for (const company of ['empresa_001', 'empresa_002']) {
      const body = rpc(1, 'resources/subscribe', { uri: `omie://dashboard/${company}` });
      const answer = await fetch(`${house.origin}/mcp`, { method: 'POST', headers: session, body });
      expect(await answer.json()).toMatchObject({ result: {} });
    }
    const old = await stream('/mcp', { headers: { ...session, accept: 'text/event-stream' } });
    const modern = await listen(ana);
    const full = await listen(boss);
    const credentials = house.simulator.credentialsFile();
    await house.writeCredentials({
      ...credentials,
      empresa_002: { ...credentials['empresa_002'], nome: 'Outro Nome LTDA' },
    });
    const heard = (seen: { events: string[] }) => seen.events.slice(0).join('\n');
    await until(() => [old, modern, full].every((seen) => heard(seen).includes('resources/updated')));
    await until(() => heard(full).includes('"uri":"omie://dashboard/empresa_002"'));
    for (const seen of [old, modern]) {
      expect(heard(seen)).toContain('"uri":"omie://dashboard/empresa_001"');
      expect(heard(seen)).not.toContain('"uri":"omie://dashboard/empresa_002"');
    }
    await house.writeCredentials(credentials);
  });

  it('follows the groups of the credentials file as they change', async () => {
    const grouped = testToken('grupo', ['grupo:novo']);
    writeFileSync(file, tokensText([...everybody, grouped]));
    await until(async () => (await statusOf(grouped)) === 200);
    expect((await list(grouped)).body.total).toBe(0);
    const credentials = house.simulator.credentialsFile();
    await house.writeCredentials({
      ...credentials,
      empresa_003: { ...credentials['empresa_003'], grupos: ['novo'] },
    });
    await until(async () => (await list(grouped)).body.empresas[0]?.id === 'empresa_003');
    await house.writeCredentials(credentials);
    await until(async () => (await list(grouped)).body.total === 0);
  });
});

it('no token ever reaches Omie, in a header, a path or a body', async () => {
  const received: string[] = [];
  const target = new URL(house.simulator.url);
  const tap = createServer((req, res) => {
    const sent = request({ port: target.port, path: req.url, method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(res);
    });
    received.push(`${req.url} ${req.rawHeaders.join(' ')}`);
    req.on('data', (chunk: Buffer) => received.push(chunk.toString()));
    req.pipe(sent);
  });
  await new Promise<void>((resolve) => tap.listen(0, '127.0.0.1', resolve));
  const address = tap.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const tapped = await startHouse({
    variables: {
      MCP_TOKENS_FILE: file,
      ...unlimitedLogins,
      OMIE_BASE_URL: `http://127.0.0.1:${port}/api/v1/`,
      MCP_AUTH_TOKEN: 'palavra-fixa',
    },
  });
  for (const token of [ana, boss, { token: 'palavra-fixa', entry: {} }]) {
    const { status } = await tapped.post(
      'consultar_contas_pagar_empresa',
      { company_id: 'empresa_001' },
      bearer(token),
    );
    expect(status).toBe(200);
    await tapped.post('consultar_categorias_empresa', { company_id: token.token }, bearer(token));
  }
  await tapped.close();
  await new Promise((resolve) => tap.close(resolve));
  expect(received.join('\n')).toContain('app_secret');
  for (const token of [ana.token, boss.token, 'palavra-fixa', String(ana.entry['sha256'])]) {
    expect(received.join('\n')).not.toContain(token);
  }
});
