import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authFault } from '../../src/simulator/faults.ts';
import { startHouse, type TestHouse, toolBody } from '../support/house.ts';
import { initialize, JSON_HEADERS } from './transports/raw-http.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

describe('the tools over REST', () => {
  it('lists them with their schemas', async () => {
    const { tools } = toolBody(await (await fetch(`${house.origin}/tools`)).json());
    expect(tools).toHaveLength(5);
    expect(tools[0].inputSchema.type).toBe('object');
  });

  it('answers with the structured result itself', async () => {
    const { status, body } = await house.post('consultar_contas_receber_empresa', {
      company_id: 'empresa_001',
      apenas_vencidas: true,
    });
    expect(status).toBe(200);
    const books = house.simulator.store.totals('empresa_001', { kind: 'receivable', situation: 'overdue' });
    expect(Math.round(body.totais.saldo_em_aberto * 100)).toBe(books.open);
    expect(body.totais).toMatchObject({ quantidade: books.count, abrangencia: 'consulta' });
  });

  it.each([
    ['consultar_contas_pagar_empresa', {}, 400, 'parametro_invalido', /company_id/],
    [
      'consultar_contas_pagar_empresa',
      { company_id: 'empresa_001', data_de: '2026-01-01' },
      400,
      'parametro_invalido',
      /data_de/,
    ],
    [
      'consultar_contas_pagar_empresa',
      { company_id: 'empresa_001', vencimento_de: '31/02/2026' },
      400,
      'parametro_invalido',
      /vencimento_de/,
    ],
    [
      'consultar_contas_pagar_empresa',
      { company_id: 'empresa_001', registros_por_pagina: 501 },
      400,
      'parametro_invalido',
      /registros_por_pagina/,
    ],
    ['consultar_contas_pagar_empresa', { company_id: '__proto__' }, 404, 'empresa_nao_encontrada', /__proto__/],
    ['listar_empresas', { tudo: true }, 400, 'parametro_invalido', /tudo/],
    ['__proto__', {}, 404, 'nao_encontrado', /__proto__/],
    ['constructor', {}, 404, 'nao_encontrado', /constructor/],
  ])('%s %j is refused with %i %s', async (tool, args, status, codigo, says) => {
    const answer = await house.post(tool, args);
    expect(answer.status).toBe(status);
    expect(answer.body.erro).toMatchObject({ codigo, tente_novamente: false });
    expect(answer.body.erro.mensagem).toMatch(says);
  });

  it.each([['not json'], ['[1,2'], ['"text"'], ['[]'], ['null'], ['42']])(
    'body %j is refused by name or runs nothing',
    async (body) => {
      const response = await fetch(`${house.origin}/tools/listar_empresas`, { method: 'POST', body });
      const answer = toolBody(await response.json());
      if (body === 'null') expect(response.status).toBe(200);
      else expect(answer.erro.codigo).toBe('parametro_invalido');
    },
  );

  it.each(['[]', '"text"', '42', '{"company_id":"empresa_001","__proto__":{"x":1}}'])(
    'a company tool refuses the body %s by name',
    async (body) => {
      const response = await fetch(`${house.origin}/tools/consultar_contas_pagar_empresa`, { method: 'POST', body });
      expect(response.status).toBe(400);
      expect(toolBody(await response.json()).erro.codigo).toBe('parametro_invalido');
    },
  );

  it.each([
    ['PUT', '/tools', 405],
    ['DELETE', '/tools/listar_empresas', 405],
    ['GET', '/tools/listar_empresas', 405],
    ['GET', '/messages', 405],
    ['POST', '/tools/%ff', 404],
  ])('%s %s is %i', async (method, path, status) => {
    expect((await fetch(`${house.origin}${path}`, { method })).status).toBe(status);
  });

  it('refuses a body over 4 MB with 413', async () => {
    const response = await fetch(`${house.origin}/tools/listar_empresas`, {
      method: 'POST',
      body: `{"a":"${'x'.repeat(4 << 20)}"}`,
    });
    expect(response.status).toBe(413);
  });

  it('says which company was refused by Omie and leaves the others alone', async () => {
    house.simulator.faults.always('*', authFault(), { company: 'empresa_002' });
    const refused = await house.post('consultar_categorias_empresa', { company_id: 'empresa_002' });
    const other = await house.post('consultar_categorias_empresa', { company_id: 'empresa_003' });
    house.simulator.faults.clear();
    expect(refused.body.erro).toMatchObject({ codigo: 'credencial_invalida', empresa: 'empresa_002' });
    expect(other.status).toBe(200);
  });
});

describe('a key pasted into a record', () => {
  it('does not leave over REST', async () => {
    const fresh = await startHouse();
    const company = fresh.simulator.store.company('empresa_003');
    const { appSecret } = fresh.simulator.companies[2]!;
    for (const category of company.categories.values()) category.description = `senha ${appSecret}`;
    company.touch();
    const { status, body } = await fresh.post('consultar_categorias_empresa', { company_id: 'empresa_003' });
    await fresh.close();
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain(appSecret);
    expect(body.resultado.itens[0].descricao).toContain('[redacted]');
  });
});

describe('the edge', () => {
  const routes = ['/mcp', '/streamable', '/sse', '/messages', '/tools', '/health', '/nada'];
  const bad = [
    { host: 'evil.example.com' },
    { host: '127.0.0.1.evil.example.com' },
    { origin: 'http://evil.example.com' },
    { origin: 'null' },
    { origin: 'file://' },
  ];
  it.each(routes.flatMap((route) => bad.map((headers) => [route, headers] as const)))(
    '%s with %j is 403',
    async (route, headers) => {
      expect(await statusOf(route, headers)).toBe(403);
    },
  );

  it('refuses two Host headers', async () => {
    const port = Number(new URL(house.origin).port);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.com\r\nConnection: close\r\n\r\n');
      });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
  });

  it('answers unknown paths with 404 and health without details', async () => {
    expect(await statusOf('/nada', {})).toBe(404);
    expect(await (await fetch(`${house.origin}/health`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${house.origin}/health/live`)).status).toBe(200);
    expect((await fetch(`${house.origin}/health/ready`)).status).toBe(200);
  });

  function statusOf(path: string, headers: Record<string, string>): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const sent = request(`${house.origin}${path}`, { headers }, (res) => {
        res.resume();
        resolve(res.statusCode);
      });
      sent.on('error', reject);
      sent.end();
    });
  }
});

describe('with a token', () => {
  it('wants it everywhere but in /health, and shows details only with it', async () => {
    const guarded = await startHouse({ variables: { MCP_AUTH_TOKEN: 'palavra-combinada' } });
    const good = { authorization: 'Bearer palavra-combinada' };
    for (const path of ['/mcp', '/sse', '/messages', '/tools', '/nada']) {
      for (const headers of [{}, { authorization: 'Bearer errada' }, { authorization: 'Basic palavra-combinada' }]) {
        const response = await fetch(`${guarded.origin}${path}?access_token=palavra-combinada`, { headers });
        expect(response.status, path).toBe(401);
        expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    }
    expect((await guarded.post('listar_empresas', {}, good)).body.total).toBe(3);
    expect(await (await fetch(`${guarded.origin}/health`)).json()).toEqual({ status: 'ok' });
    const details = toolBody(await (await fetch(`${guarded.origin}/health`, { headers: good })).json());
    expect(details.credenciais).toHaveProperty('hit_rate');
    expect(guarded.log.join('')).not.toContain('palavra-combinada');
    await guarded.close();
  });
});

it('MCP_SSE_PORT and MCP_HTTP_PORT serve one transport each, and MCP_PORT both', async () => {
  const own = await startHouse({ companies: 1, variables: { MCP_SSE_PORT: '0', MCP_HTTP_PORT: '0' } });
  const { port, ssePort, httpPort } = JSON.parse(own.log.find((line) => line.includes('ssePort')) ?? '{}');
  const body = JSON.stringify(initialize());
  const asked = async (at: number, path: string, init: RequestInit = {}): Promise<number> => {
    const stop = new AbortController();
    const response = await fetch(`http://127.0.0.1:${at}${path}`, { ...init, signal: stop.signal });
    stop.abort();
    return response.status;
  };
  const open = (at: number) =>
    Promise.all([
      asked(at, '/mcp', { method: 'POST', headers: JSON_HEADERS, body }),
      asked(at, '/streamable', { method: 'POST', headers: JSON_HEADERS, body }),
      asked(at, '/sse'),
      // 400, not 404, would be the answer of a transport that misses its session's id.
      asked(at, '/messages?sessionId=x'),
      asked(at, '/tools'),
    ]);
  expect(await open(port)).toEqual([200, 200, 200, 405, 200]);
  expect(await open(ssePort)).toEqual([404, 404, 200, 405, 404]);
  expect(await open(httpPort)).toEqual([200, 200, 404, 404, 404]);
  await own.close();
});
