// What the house counts and tells, where what it was asked is known to the last call.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocked } from '../../src/simulator/faults.ts';
import { startHouse, type TestHouse, toolBody } from '../support/house.ts';

const token = 'um-token-de-teste-0002';
const headers = { authorization: `Bearer ${token}` };
const tool = 'consultar_categorias_empresa';
let house: TestHouse;
beforeAll(async () => {
  house = await startHouse({
    variables: { MCP_AUTH_TOKEN: token, CREDENTIAL_MAX_CACHE_SIZE: '2', ENABLE_METRICS: 'true', METRICS_PORT: '0' },
  });
});
afterAll(() => house.close());

const health = async () => toolBody(await (await fetch(`${house.origin}/health`, { headers })).json());
const metrics = async (): Promise<string> => {
  const port = /"metricsPort":(\d+)/.exec(house.log.join(''))?.[1];
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
};

it('health and metrics tell the counts of what was asked', async () => {
  // With room for two, 1 and 2 come in, 1 is there, 3 pushes 2 out, and 2 is there no more.
  for (const at of [1, 2, 1, 3, 2]) {
    expect((await house.post(tool, { company_id: `empresa_00${at}` }, headers)).status).toBe(200);
  }
  expect(await health()).toMatchObject({
    status: 'ok',
    chamadas_em_andamento: 0,
    credenciais: { hits: 1, misses: 4, evictions: 2, total_requests: 5, hit_rate: '20.00%', cached_items: 2 },
    sessoes: { http: 0, sse: 0, stdio: 0 },
    omie: { requests: 3, retries: 0, queued: 0, inFlight: 0, cache: { hits: 2, misses: 3, shared: 0 } },
  });
  const text = await metrics();
  for (const [what, count] of Object.entries({ hits: 1, misses: 4, evictions: 2, cached_items: 2 })) {
    expect(text).toMatch(new RegExp(`^omie_mcp_credential_cache\\w*\\{what="${what}"\\} ${count}$`, 'm'));
  }
});

it('a client hears in a log notification of what may be tried again, and nothing of what may not', async () => {
  const requestInit = { headers };
  const http = new Client({ name: 'http', version: '1.0.0' });
  await http.connect(new StreamableHTTPClientTransport(new URL(`${house.origin}/mcp`), { requestInit }));
  const heard: unknown[] = [];
  http.setNotificationHandler('notifications/message', ({ params }) => void heard.push(params));
  await http.callTool({ name: tool, arguments: { company_id: 'Padaria' } });
  house.simulator.faults.next('ListarMovimentos', blocked(), { company: 'empresa_003' });
  const name = 'consultar_contas_pagar_empresa';
  const { structuredContent } = await http.callTool({ name, arguments: { company_id: 'empresa_003' } });
  const { codigo, mensagem } = toolBody(structuredContent).erro;
  expect(codigo).toBe('omie_bloqueada');
  await expect.poll(() => heard).toEqual([{ level: 'warning', data: `${name}: ${mensagem}` }]);
  expect(await health()).toMatchObject({ sessoes: { http: 1 }, omie: { breakers: { blocked: 1 } } });
  await http.close();
});
