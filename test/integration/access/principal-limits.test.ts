// Everybody who shows a token may ask so often and no more, whichever way the token came to be good.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AuthorizationServer, startAuthorizationServer } from '../../support/authorization-server.ts';
import { startHouse, type TestHouse } from '../../support/house.ts';
import { bearer, testToken, writeTokens } from '../../support/tokens.ts';
import { call, JSON_HEADERS, openSession } from '../transports/raw-http.ts';

const LIMIT = 3;
const STATIC = 'palavra-combinada-do-teste';
const plain = testToken('ana', ['*']);
const own = testToken('bia', ['*'], { limite_por_minuto: 5 });
const batcher = testToken('caio', ['*']);
const folder = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-limits-'));

let issuer: AuthorizationServer;
let house: TestHouse;
beforeAll(async () => {
  issuer = await startAuthorizationServer();
  house = await startHouse({
    variables: {
      MCP_AUTH_TOKEN: STATIC,
      MCP_TOKENS_FILE: writeTokens(folder, [plain, own, batcher]),
      MCP_OAUTH_ISSUER: issuer.issuer,
      MCP_OAUTH_AUDIENCE: 'https://omie.exemplo.com.br/mcp',
      MCP_TRUST_PROXY: 'loopback',
      MCP_RATE_LIMIT_PER_PRINCIPAL: String(LIMIT),
    },
  });
});
afterAll(async () => {
  await house?.close();
  await issuer?.close();
  rmSync(folder, { recursive: true, force: true });
});

type Headers = Record<string, string>;
const from = (address: string, headers: Headers): Headers => ({ ...headers, 'x-forwarded-for': address });
const oauth = async (): Promise<Headers> => ({
  authorization: `Bearer ${await issuer.token('empresas:todas omie:leitura')}`,
});

it.each<[string, () => Promise<Headers> | Headers, number]>([
  ['the static token', () => ({ authorization: `Bearer ${STATIC}` }), LIMIT],
  ['a token of the file without a limit of its own', () => bearer(plain), LIMIT],
  ['a token of the file with one', () => bearer(own), 5],
  // A new token each time: it is the person who is counted.
  ['OAuth', oauth, LIMIT],
])('%s', async (_kind, headers, limit) => {
  for (let asked = 0; asked < limit; asked += 1) {
    // From one address after the other: it is not the address that is counted.
    const answer = await house.post('listar_empresas', {}, from(`198.51.100.${asked}`, await headers()));
    expect(answer.status).toBe(200);
  }
  const refused = await house.post('listar_empresas', {}, from('198.51.100.9', await headers()));
  expect(refused.status).toBe(429);
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(refused.body.erro).toMatchObject({ codigo: 'limite_de_uso', tente_novamente: true, espera_segundos: seconds });
  const mcp = await fetch(`${house.origin}/mcp`, {
    method: 'POST',
    headers: from('198.51.100.9', { ...JSON_HEADERS, ...(await headers()) }),
    body: JSON.stringify(call(1, 'listar_empresas')),
  });
  expect([mcp.status, Number(mcp.headers.get('retry-after')) > 0]).toEqual([429, true]);
  expect(await mcp.json()).toMatchObject({ error: { data: { codigo: 'limite_de_uso' } } });
});

it('the server’s limit does not count this machine', async () => {
  const headers = { authorization: `Bearer ${STATIC}` };
  for (let asked = 0; asked < LIMIT + 3; asked += 1) {
    expect((await house.post('listar_empresas', {}, headers)).status).toBe(200);
  }
});

it('a batch costs as much as its requests', async () => {
  const headers = from('198.51.100.7', bearer(batcher));
  const session = await openSession(house.origin, headers, '2025-03-26');
  const batch = JSON.stringify(Array.from({ length: LIMIT }, (_, id) => call(id, 'listar_empresas')));
  const send = () =>
    fetch(`${house.origin}/mcp`, { method: 'POST', headers: { ...JSON_HEADERS, ...session }, body: batch });
  expect((await send()).status).toBe(200);
  expect((await send()).status).toBe(429);
});
