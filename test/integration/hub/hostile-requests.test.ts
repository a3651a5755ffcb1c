// S8–S12 and more of their kind: requests that must end in a 4xx before anything is looked up, started or written.

import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childCount } from '../../support/gateway-house.ts';
import { adminToken, startHub, type TestHub } from '../../support/hub-house.ts';
import { startNpmRegistry, type TestRegistry } from '../../support/npm-registry.ts';

const GOOD = 'probe@1.2.3';
const OWN_SECRET = 'canary-of-the-house-0001';
const E2B_KEY = 'canary-of-the-sandboxes-0001';
const long = 'a'.repeat(5_000);

let hub: TestHub;
let registry: TestRegistry;
let decoy: ReturnType<typeof createServer>;
let decoyConnections = 0;
let before: string[];
beforeAll(async () => {
  decoy = createServer((socket) => {
    decoyConnections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(decoy, 'listening');
  // Whatever is looked up of a package or a name, and whatever is asked for a sandbox, is seen here.
  registry = await startNpmRegistry([]);
  hub = await startHub({
    HUB_NPM_REGISTRY: registry.url,
    MCP_REGISTRY_URL: registry.url,
    E2B_API_KEY: E2B_KEY,
    E2B_API_URL: registry.url,
    E2B_SANDBOX_URL: registry.url,
    MCP_AUTH_TOKEN: OWN_SECRET,
  });
  before = await readdir(hub.dataDir);
});
afterAll(async () => {
  await hub.close();
  await registry.close();
  decoy.close();
});

const bodies: readonly (readonly [why: string, body: unknown])[] = [
  ['a command for a shell', { command: 'sh', args: ['-c', 'touch pwned'] }],
  ['a command beside a package', { package: GOOD, command: 'sh' }],
  ['a command as text', { package: GOOD, cmd: 'npx probe' }],
  ['a shell', { package: GOOD, shell: true }],
  ['a folder to work in', { package: GOOD, cwd: '/' }],
  ['another user', { image: 'a/b:1', user: 'root' }],
  ['mounts', { image: 'a/b:1', volumes: ['/:/h'] }],
  ['privileges', { image: 'a/b:1', privileged: true }],
  ['no source', {}],
  ['two sources', { package: GOOD, image: 'a/b:1' }],
  ['no object', []],
  ['text', '"sh"'],
  ['no JSON', '{"package": '],
  ['a key twice', `{"package":"${GOOD}","package":"evil@1.0.0"}`],
  ['a prototype', '{"package":"probe@1.2.3","__proto__":{"command":"sh"}}'],
  ['an unknown method', { package: GOOD, method: 'sh' }],
  ['a method of a prototype', { package: GOOD, method: 'constructor' }],
  ['a second command', { package: 'evil;touch pwned' }],
  ['a second command after a version', { package: 'evil@1.0.0;touch pwned' }],
  ['a substitution', { package: '$(touch pwned)@1.0.0' }],
  ['backticks', { package: '`touch pwned`@1.0.0' }],
  ['a pipe', { package: 'evil@1.0.0|sh' }],
  ['a line break', { package: 'evil@1.0.0\ntouch pwned' }],
  ['a null byte', { package: 'evil@1.0.0\u0000' }],
  ['an option', { package: '--eval=process.exit' }],
  ['an option before a package', { package: '-y evil@1.0.0' }],
  ['no version', { package: 'evil' }],
  ['a tag', { package: 'evil@latest' }],
  ['a range', { package: 'evil@^1.0.0' }],
  ['any version', { package: 'evil@*' }],
  ['half a version', { package: 'evil@1.0' }],
  ['an alias', { package: 'good@npm:evil@1.0.0' }],
  ['a file', { package: 'file:../../etc@1.0.0' }],
  ['a path', { package: '../evil@1.0.0' }],
  ['an absolute path', { package: '/tmp/evil@1.0.0' }],
  ['git', { package: 'git+ssh://git@github.com/evil/evil.git@1.0.0' }],
  ['a tarball', { package: 'https://evil.example/x.tgz' }],
  ['a GitHub shorthand', { package: 'evil/evil@1.0.0' }],
  ['a scope that climbs', { package: '@../evil@1.0.0' }],
  ['capitals that another file system folds', { package: 'Evil@1.0.0' }],
  ['a very long name', { package: `${long}@1.0.0` }],
  ['metadata of a cloud', { github_url: 'http://169.254.169.254/latest/meta-data' }],
  ['loopback as IPv6', { github_url: 'http://[::ffff:127.0.0.1]/' }],
  ['loopback in hexadecimal', { github_url: 'http://0x7f.1/' }],
  ['loopback as a number', { github_url: 'http://2130706433/' }],
  ['this machine', { github_url: 'https://127.0.0.1/a/b' }],
  ['a private network', { github_url: 'https://10.0.0.1/a/b' }],
  ['a file address', { github_url: 'file:///etc/passwd' }],
  ['a script address', { github_url: 'javascript:alert(1)' }],
  ['data', { github_url: 'data:text/plain,x' }],
  ['without https', { github_url: 'http://github.com/a/b' }],
  ['a user in front', { github_url: 'https://github.com@evil.example/a/b' }],
  ['a host that begins alike', { github_url: 'https://github.com.evil.example/a/b' }],
  ['a port', { github_url: 'https://github.com:8443/a/b' }],
  ['a backslash', { github_url: 'https://github.com\\@evil.example/a/b' }],
  ['a climb', { github_url: 'https://github.com/a/b/tree/main/../../../etc' }],
  ['a climb in escapes', { github_url: 'https://github.com/a/b/tree/main/%2e%2e/x' }],
  ['an option as owner', { github_url: 'https://github.com/--upload-pack=x/b' }],
  ['an option as branch', { github_url: 'https://github.com/a/b/tree/--output=x' }],
  ['mounts in an image', { image: '-v /:/h evil' }],
  ['an option as image', { image: '--privileged' }],
  ['an image without a tag', { image: 'evil' }],
  ['the latest image', { image: 'evil/x:latest' }],
  ['an image with a command', { image: 'evil/x:1 sh -c id' }],
  ['a registry name that climbs', { registry_name: '../../v0/publish' }],
  ['a registry name with a query', { registry_name: 'a/b?x=1' }],
  ['a registry name with a tag', { registry_name: 'io.github.a/b@latest' }],
  ['a registry name with a range', { registry_name: 'io.github.a/b@^1.0.0' }],
  ['a registry name with no version behind its @', { registry_name: 'io.github.a/b@' }],
  ['a registry name with two versions', { registry_name: 'io.github.a/b@1.0.0@2.0.0' }],
  ['a registry name with a climbing version', { registry_name: 'io.github.a/b@../../../v0/publish' }],
  ['a registry name with a second command', { registry_name: 'io.github.a/b@1.0.0;touch pwned' }],
  ['a registry name with escapes', { registry_name: 'io.github.a%2Fb' }],
  ['a registry name with a line break', { registry_name: 'io.github.a/b@1.0.0\nX-Evil: 1' }],
  ['a registry name with a very long version', { registry_name: `io.github.a/b@1${'0'.repeat(200)}` }],
  ['a registry name that is an address', { registry_name: 'https://evil.example/a' }],
  ['a line break in an argument of a sandbox', { package: GOOD, method: 'e2b', args: ["a'\n'; id"] }],
  ['a null byte in an argument of a sandbox', { package: GOOD, method: 'e2b', args: ['a\u0000'] }],
  ['a variable that loads code in a sandbox', { package: GOOD, method: 'e2b', env: { NODE_OPTIONS: '--require=x' } }],
  ['our own secret for a sandbox', { package: GOOD, method: 'e2b', env: { API_KEY: OWN_SECRET } }],
  ['the key of the sandboxes', { package: GOOD, method: 'e2b', env: { E2B_API_KEY: E2B_KEY } }],
  ['a template of a sandbox', { package: GOOD, method: 'e2b', template: 'evil' }],
  ['a folder that climbs', { folder: '../../etc' }],
  ['an absolute folder', { folder: '/etc' }],
  ['a hidden folder', { folder: '.ssh' }],
  ...[
    'NODE_OPTIONS',
    'node_options',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'DYLD_INSERT_LIBRARIES',
    'PATH',
    'HOME',
    'BASH_ENV',
    'PYTHONPATH',
    'NODE_PATH',
    'npm_config_registry',
    'HTTPS_PROXY',
    'SSL_CERT_FILE',
    'OMIE_APP_SECRET',
    'HUB_ADMIN_TOKEN',
    'CREDENTIALS_FILE',
    'MCP_AUTH_TOKEN',
    'DOCKER_HOST_X',
    'GIT_SSH_COMMAND',
    'GCONV_PATH',
    '__proto__x',
    'A=B',
    '',
    'A B',
    'A\u0000',
  ].map((name) => [`variable ${JSON.stringify(name)}`, { package: GOOD, env: { [name]: 'x' } }] as const),
  ['a prototype as variables', `{"package":"${GOOD}","env":{"__proto__":"x"}}`],
  ['a prototype full of variables', `{"package":"${GOOD}","env":{"__proto__":{"A":"x"}}}`],
  ['a constructor as variable', { package: GOOD, env: { constructor: 'x' } }],
  ['a prototype as variable', { package: GOOD, env: { prototype: 'x' } }],
  ['a null byte in a variable', { package: GOOD, env: { A: 'x\u0000y' } }],
  ['a number as variable', { package: GOOD, env: { A: 1 } }],
  ['our own secret', { package: GOOD, env: { API_KEY: OWN_SECRET } }],
  ['our own secret, wrapped', { package: GOOD, args: [`--key=${Buffer.from(OWN_SECRET).toString('base64')}`] }],
  ['a huge variable', { package: GOOD, env: { A: 'x'.repeat(10_000) } }],
  ['arguments as text', { package: GOOD, args: '-c id' }],
  ['an object as argument', { package: GOOD, args: [{ toString: 'x' }] }],
  ['privileges as argument', { package: GOOD, args: ['--privileged'] }],
  ['a mount as argument', { package: GOOD, args: ['-v', '/:/h'] }],
  ['code for node', { package: GOOD, args: ['--require=/tmp/x.js'] }],
  ['more rights for node', { package: GOOD, args: ['--allow-child-process'] }],
  ['a line break in an argument', { package: GOOD, args: ['a\nb'] }],
  ['a huge argument', { package: GOOD, args: [long] }],
  ['a thousand arguments', { package: GOOD, args: Array(1_000).fill('a') }],
  ['port 0', { package: GOOD, port: 0 }],
  ['no such port', { package: GOOD, port: 70_000 }],
  ['the domain of the built-in tools', { package: GOOD, domain: 'omie' }],
  ['a domain that ends a name', { package: GOOD, domain: 'a__b' }],
  ['a prototype as domain', { package: GOOD, domain: '__proto__' }],
  ['control characters in a name', { package: GOOD, name: 'a\u001b[2J' }],
];

describe('nothing is started, written or looked up', () => {
  it('there are more than sixty of them', () => expect(bodies.length).toBeGreaterThan(60));

  it.each(bodies)('deploy: %s', async (_why, body) => {
    for (const path of ['/api/deploy', '/api/deploy?dry_run=true']) {
      const { status, body: problem, headers } = await hub.ask('POST', path, body);
      expect(status, JSON.stringify(problem)).toBe(400);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(problem.code).toMatch(/^[a-z_]+$/);
      expect(JSON.stringify(problem)).not.toMatch(/canary|node_modules|\bat .*\.ts/);
    }
  });

  it('deploy: a decoy on this machine', async () => {
    const address = decoy.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    for (const url of [`http://127.0.0.1:${port}/a/b`, `https://localhost:${port}/a/b`, `http://[::1]:${port}/a/b`]) {
      const { body } = await hub.ask('POST', '/api/deploy', { github_url: url });
      expect(body).toMatchObject({ status: 400, code: 'endereco_bloqueado' });
    }
  });

  it.each([
    ['a prototype as server', { server_id: '__proto__', tool_name: 'x' }],
    ['a path as server', { server_id: '../../x', tool_name: 'x' }],
    ['no tool', { server_id: 'hub-aaaaaaaaaaaa' }],
    ['a built-in tool', { server_id: 'omie', tool_name: 'reload_credenciais' }],
    ['arguments as text', { server_id: 'x', tool_name: 'x', args: 'sh' }],
    ['more than is asked for', { server_id: 'x', tool_name: 'x', shell: true }],
    ['a call without an end', { server_id: 'x', tool_name: 'x', timeout_seconds: 1e9 }],
  ])('invoke: %s', async (_why, body) => {
    const { status } = await hub.ask('POST', '/api/invoke', body);
    expect([400, 404]).toContain(status);
  });

  it.each([
    ['/api/deploy', `{"package":"${GOOD}","env":{"__proto__":"x"}}`, 'env.__proto__'],
    ['/api/deploy', `{"package":"${GOOD}","env":{"constructor":"x"}}`, 'env.constructor'],
    ['/api/deploy', `{"package":"${GOOD}","env":{"prototype":"x"}}`, 'env.prototype'],
    ['/api/invoke', '{"server_id":"x","tool_name":"x","args":{"a":[{"__proto__":{"b":1}}]}}', 'args.a.0.__proto__'],
  ])('%s %s: the key is named, not left out', async (path, body, field) => {
    const { status, body: problem } = await hub.ask('POST', path, body);
    expect([status, problem.errors.map((one: { field: string }) => one.field)]).toEqual([400, [field]]);
  });

  it('nor from a chat', async () => {
    const args = `{"package":"${GOOD}","env":{"__proto__":"x"}}`;
    const { status, body } = await hub.ask('POST', '/tools/implantar_servidor', args);
    expect([status, body.erro.mensagem]).toEqual([400, expect.stringContaining('"env.__proto__"')]);
  });

  it('a body beyond the limit is not read', async () => {
    const { status, headers } = await hub.ask('POST', '/api/deploy', { package: 'x'.repeat(5_000_000) });
    expect([status, headers.get('connection')]).toEqual([413, 'close']);
  });

  it.each([
    ['no token', {}, 401, 'nao_autenticado'],
    ['another token', { authorization: 'Bearer wrong' }, 401, 'nao_autenticado'],
    ['the beginning of the token', { authorization: `Bearer ${adminToken.slice(0, -1)}` }, 401, 'nao_autenticado'],
    ['the token for the tools', { authorization: `Bearer ${OWN_SECRET}` }, 403, 'sem_permissao'],
  ])('%s', async (_why, headers, status, code) => {
    for (const [method, path] of [
      ['GET', '/api/servers'],
      ['POST', '/api/deploy'],
      ['DELETE', '/api/servers/x'],
      ['GET', '/api/nothing'],
    ] as const) {
      const response = await fetch(`${hub.house.origin}${path}`, {
        method,
        headers,
        ...(method === 'POST' ? { body: '{}' } : {}),
      });
      expect([response.status, ((await response.json()) as { code: string }).code], path).toEqual([status, code]);
      expect(response.headers.get('www-authenticate')?.includes('insufficient_scope')).toBe(status === 403);
    }
    const inQuery = await fetch(`${hub.house.origin}/api/servers?access_token=${adminToken}`);
    expect(inQuery.status).toBe(401);
  });

  it('a page of another site is refused, token or not', async () => {
    const { status, headers } = await hub.ask(
      'POST',
      '/api/deploy',
      { package: GOOD },
      { origin: 'https://evil.example' },
    );
    expect(status).toBe(403);
    // No other token would help: the page goes on with its own.
    expect(headers.get('www-authenticate')).toBeNull();
  });

  it('after all of it', async () => {
    expect(await childCount()).toBe(0);
    expect(registry.asked).toEqual([]);
    expect(decoyConnections).toBe(0);
    expect(await readdir(hub.dataDir)).toEqual(before);
    expect((await hub.ask('GET', '/api/servers')).body.total).toBe(0);
  });
});

it('without HUB_ENABLED there is no hub', async () => {
  const off = await startHub({ HUB_ENABLED: 'false' });
  try {
    for (const path of ['/api/servers', '/openapi.json', '/docs', '/redoc'])
      expect((await off.ask('GET', path)).status).toBe(404);
  } finally {
    await off.close();
  }
});
