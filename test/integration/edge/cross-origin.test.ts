import { afterAll, beforeAll, expect, it } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { initialize, JSON_HEADERS } from '../transports/raw-http.ts';
import { corsOrigin, type Edge, goodToken, openEdge } from './open-edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await openEdge({ principals: { [goodToken]: fullAccess('ana') } });
});
afterAll(() => edge.close());

const routes = ['/mcp', '/streamable', '/sse', '/messages', '/tools', '/tools/echo', '/health', '/nada'];
const asked = 'authorization, content-type, mcp-method, mcp-name, mcp-param-empresa, mcp-session-id, last-event-id';

it.each(routes)('a listed origin may ask before it calls %s, without a token', async (path) => {
  const answer = await edge.ask('OPTIONS', path, {
    origin: corsOrigin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': asked,
  });
  expect([answer.status, answer.text]).toEqual([204, '']);
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': corsOrigin,
    'access-control-allow-headers': asked,
    'access-control-allow-methods': 'GET,POST,DELETE',
    vary: 'Origin, Access-Control-Request-Headers',
  });
  expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
});

it.each(routes)('another origin may not, on %s', async (path) => {
  for (const origin of ['https://outro.exemplo.com.br', 'null', `${corsOrigin}:8443`]) {
    const answer = await edge.ask('OPTIONS', path, { origin, 'access-control-request-method': 'POST' });
    expect(answer.status).toBe(403);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  }
});

it('a page reads answers and the headers of MCP, errors included', async () => {
  const headers = { ...JSON_HEADERS, origin: corsOrigin };
  const opened = await edge.ask(
    'POST',
    '/mcp',
    { ...headers, authorization: `Bearer ${goodToken}` },
    JSON.stringify(initialize()),
  );
  const refused = await edge.ask('POST', '/mcp', headers, '{}');
  expect([opened.status, refused.status]).toEqual([200, 401]);
  for (const answer of [opened, refused]) {
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': corsOrigin, vary: 'Origin' });
    const exposed = String(answer.headers['access-control-expose-headers']).toLowerCase().split(',');
    for (const name of ['mcp-session-id', 'mcp-protocol-version', 'www-authenticate', 'retry-after', 'x-request-id']) {
      expect(exposed).toContain(name);
    }
  }
});

it('an answer to nobody in particular says that it depends on the origin', async () => {
  const answer = await edge.ask('GET', '/health');
  expect(answer.headers['vary']).toBe('Origin');
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
});

it('an OPTIONS that is no preflight is answered by the route', async () => {
  const answer = await edge.ask('OPTIONS', '/mcp', { origin: corsOrigin, authorization: `Bearer ${goodToken}` });
  expect(answer.status).toBe(405);
});
