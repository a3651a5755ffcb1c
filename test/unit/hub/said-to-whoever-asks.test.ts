// Every refusal says what to do next, and nothing is approved that cannot be seen.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { createGuards } from '../../../src/http/guards.ts';
import { createHubApp } from '../../../src/hub/api/hub-app.ts';
import { defineRoute, noBody } from '../../../src/hub/api/route.ts';
import { serverParams } from '../../../src/hub/api/routes/server-params.ts';
import { deployRequestSchema } from '../../../src/hub/deploy/deploy-request.ts';
import { Discovery } from '../../../src/hub/discovery/discovery.ts';
import { geminiError } from '../../../src/hub/orchestration/gemini-errors.ts';
import { HubError } from '../../../src/hub/problem.ts';
import { checkRequest } from '../../../src/hub/safety/check-request.ts';
import { createLogger } from '../../../src/logging/logger.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { InFlight } from '../../../src/server/in-flight.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';

const open = closeAfterEach();
const refused = (request: object): HubError => {
  try {
    checkRequest(deployRequestSchema.parse(request), () => false);
  } catch (thrown) {
    if (thrown instanceof HubError) return thrown;
  }
  throw new Error(`accepted ${JSON.stringify(request)}`);
};

it.each([
  { package: 'x' },
  { image: 'x' },
  { registry_name: 'x' },
  { folder: '../x' },
  { github_url: 'https://github.com/x' },
  { github_url: 'http://x' },
])('%j is refused with a hint', (request) => {
  expect(refused(request)).toMatchObject({ hint: expect.stringMatching(/\w+/), errors: [expect.anything()] });
});

it.each(['node_modules@1.0.0', 'favicon.ico@1.0.0'])('%s, which is no name of a package, is a refusal', (name) => {
  expect(refused({ package: name })).toMatchObject({ code: 'pedido_recusado', errors: [{ field: 'package' }] });
});

it.each(['a\u202eb', 'a\u200bb', 'a\u{e0041}', '\ud800'])('%j is refused in a name and in an argument', (text) => {
  expect(refused({ package: 'x@1.0.0', name: text, args: ['--ok', text] }).errors).toEqual([
    { field: 'args.1', message: 'tem um caractere invisível' },
    { field: 'name', message: 'tem um caractere invisível' },
  ]);
});

it.each([
  'LUA_INIT',
  'LUA_INIT_5_4',
  'LUA_CPATH',
  'PHPRC',
  'PHP_INI_SCAN_DIR',
  'TS_NODE_PROJECT',
  'JAVA_TOOL_OPTIONS',
  'CORECLR_PROFILER_PATH',
  'R_PROFILE_USER',
  'ERL_FLAGS',
  'GOENV',
  'GIT_SSH_COMMAND',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'SSL_CERT_FILE',
  'ssl_cert_dir',
  'AWS_CA_BUNDLE',
  'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
  'MAKEFLAGS',
])('%s, which could run other code or trust somebody else, is given to no server', (name) => {
  expect(refused({ package: 'x@1.0.0', env: { [name]: 'x' } }).errors).toMatchObject([{ field: `env.${name}` }]);
});

it('names that only sound like those are accepted', () => {
  const names = ['GITHUB_TOKEN', 'TSX_API_KEY', 'REQUESTS_PER_MINUTE', 'R_API_KEY', 'LESSON_ID', 'AWS_REGION', 'LUA'];
  const env = Object.fromEntries(names.map((name) => [name, 'ação 👩‍🚀']));
  const request = deployRequestSchema.parse({ package: 'x@1.0.0', env });
  expect(checkRequest(request, () => false)).toMatchObject({ kind: 'npm' });
});

it.each(['a\ud800', '\udc00b'])('half a character (%j) is refused in a value', (value) => {
  expect(refused({ package: 'x@1.0.0', env: { A: value } }).errors).toEqual([
    { field: 'env.A', message: expect.stringContaining('surrogate') },
  ]);
});

it('an emoji of several characters is no hidden text', () => {
  const request = { package: 'x@1.0.0', name: 'Loja 👩‍🚀', args: ['❤️', 'ação'] };
  expect(checkRequest(deployRequestSchema.parse(request), () => false)).toMatchObject({ kind: 'npm' });
});

it('a path that means nothing and a method that is not there say what to do', async () => {
  const door = createHubApp({
    routes: [
      defineRoute({
        ...{ method: 'get', path: '/api/servers/{id}', action: 'get', summary: '', answers: {}, problems: [] },
        ...{ params: serverParams, query: serverParams.partial(), body: noBody },
        run: async () => ({ status: 204 }),
      }),
    ],
    admin: { principal: fullAccess('hub-admin'), admit: async () => {} },
    logger: createLogger({ level: 'silent', scrubber: new SecretScrubber() }),
    calls: new InFlight(),
    observe: () => {},
    scrub: (text) => text,
    version: '1.0.0',
    files: { folder: '/nowhere' },
  });
  const server = createServer((req, res) => door.handle(req, res)).listen(0, '127.0.0.1');
  open.push(async () => void server.close());
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bad = await fetch(`${origin}/api/servers/%zz`);
  expect([bad.status, await bad.json()]).toEqual([400, expect.objectContaining({ hint: expect.any(String) })]);
  const put = await fetch(`${origin}/api/servers/x`, { method: 'PUT' });
  expect([put.status, await put.json()]).toEqual([405, expect.objectContaining({ hint: expect.any(String) })]);
});

it('so do a foreign Host and Origin, a search without words, and a quota that is used up', async () => {
  const guards = createGuards({ host: '127.0.0.1', allowedHosts: [], corsOrigins: [] });
  const asked = (headers: IncomingMessage['headers']) =>
    guards(Object.assign(Object.create(null), { headers, rawHeaders: [] }), undefined);
  expect(asked({ host: 'evil.example' })?.hint).toContain('MCP_ALLOWED_HOSTS');
  expect(asked({ host: 'localhost', origin: 'https://evil.example' })?.hint).toContain('MCP_CORS_ORIGINS');
  const { signal } = new AbortController();
  await expect(new Discovery([], () => new Date()).find('!!', { limit: 1, signal })).rejects.toMatchObject({
    hint: expect.any(String),
  });
  const quota = Object.assign(new Error('{"error":{"code":429}}'), { name: 'ApiError', status: 429 });
  expect(geminiError(quota, signal, 'm')).toMatchObject({ code: 'limite_de_uso', hint: expect.any(String) });
});
