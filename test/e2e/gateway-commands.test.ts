// `validate --gateway` and `gateway import|export`, with the built program.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startCounterServer } from '../support/gateway-house.ts';
import { Program } from '../support/program.ts';
import { everythingPath, freePort } from '../support/upstreams.ts';

const example = new URL('../../gateway.example.yaml', import.meta.url).pathname;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gateway-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

async function run(args: string[], env: Record<string, string> = {}) {
  const program = new Program(args, { CREDENTIALS_FILE: join(dir, 'none.json'), ...env });
  const { code } = await program.exit();
  return { code, stdout: program.stdout, stderr: program.stderr };
}
function put(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

it('validate finds the example good, one line a server, without credentials of Omie', async () => {
  const { code, stdout } = await run(['validate', '--gateway', example]);
  expect(code).toBe(0);
  expect(stdout).toContain('ok: database_mcp (sse, prioridade 10, domínios: sales, transactions, orders)\n');
  expect(stdout).toContain('desligado: files (stdio, prioridade 30, domínios: files)\n');
});

it('validate names every problem of a bad file and of the environment, never a value', async () => {
  const path = put('bad.yaml', 'mcp_servers:\n  erp: {url: "ftp://canario", domains: [sales], priorty: 3}\n');
  const { code, stdout } = await run(['validate', '--gateway', path], { GATEWAY__ORCHESTRATION__MAX_RETRY: 'canario' });
  expect(code).toBe(1);
  expect(stdout.split('\n').filter((line) => line.startsWith('erro: '))).toEqual([
    'erro: bad.yaml:2:49: mcp_servers.erp.priorty: chave desconhecida; você quis dizer "priority"?',
    'erro: bad.yaml:2:9: mcp_servers.erp.url: deve ser uma URL http ou https completa',
    'erro: GATEWAY__ORCHESTRATION__MAX_RETRY: chave desconhecida; você quis dizer "max_retries"?',
  ]);
  expect(stdout).not.toContain('canario');
});

it('validate --gateway names a folder of a program that is not there', async () => {
  const entry = '{command: npx, cwd: ./nowhere, domains: [a]';
  const { code, stdout } = await run(['validate', '--gateway', put('astray.yaml', `mcp_servers: {a: ${entry}}}`)]);
  expect([code, stdout]).toEqual([1, expect.stringMatching(/^erro: mcp_servers\.a\.cwd: /m)]);
  const off = put('off.yaml', `mcp_servers: {a: ${entry}, disabled: true}}`);
  expect((await run(['validate', '--gateway', off])).code).toBe(0);
});

it('validate --online connects to each server and says what came, or why not and what to do', async () => {
  const guarded = await startCounterServer({ bearer: 'canario-certo' });
  const dead = await freePort();
  const at = (url: string, domain: string, more: object = {}) => ({
    url,
    domains: [domain],
    connect_timeout: 20,
    ...more,
  });
  const servers = {
    everything: { command: process.execPath, args: [everythingPath, 'stdio'], domains: ['demo'], connect_timeout: 20 },
    dead: at(`http://127.0.0.1:${dead}/mcp`, 'dead'),
    closed: at(guarded.url, 'closed'),
    wrong: at(guarded.url, 'wrong', { auth: { bearer: 'canario-errado' } }),
    right: at(guarded.url, 'right', { auth: { bearer: 'canario-certo' } }),
    missing: { command: 'no-such-program', domains: ['missing'] },
  };
  const path = put('gateway.yaml', JSON.stringify({ mcp_servers: servers }));
  const { code, stdout, stderr } = await run(['validate', '--gateway', path, '--online'], {});
  await guarded.close();
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ok no servidor everything: 16 ferramenta\(s\), \d+ recurso\(s\), [1-9] prompt\(s\)$/m);
  expect(stdout.split('\n').filter((line) => / no servidor (?!everything)/.test(line))).toMatchInlineSnapshot(`
    [
      "erro no servidor dead: não está acessível: a conexão falhou (ECONNREFUSED); veja se ele está no ar, e confira url e transport",
      "erro no servidor closed: pede uma credencial (HTTP 401) e o arquivo não dá nenhuma; defina auth deste servidor",
      "erro no servidor wrong: recusou a credencial (HTTP 401); confira o valor de auth, que pode ter expirado",
      "ok no servidor right: 2 ferramenta(s), 1 recurso(s), 0 prompt(s)",
      "erro no servidor missing: não está acessível: o programa não pôde ser iniciado (ENOENT); rode command com args à mão e confira o programa, cwd e env",
    ]
  `);
  expect(stdout + stderr).not.toContain('canario');
  expect(readdirSync(dir)).toEqual(['gateway.yaml']);

  const good = put('good.yaml', JSON.stringify({ mcp_servers: { everything: servers.everything } }));
  expect((await run(['validate', '--gateway', good, '--online'])).code).toBe(0);
}, 60_000);

it('import and export lead back to the same file; a plain secret is pointed out, not shown', async () => {
  const entry = { httpUrl: 'https://shop.example/mcp', headers: { Authorization: 'Bearer canario' }, trust: true };
  const theirs = { theme: 'dark', mcpServers: { 'My shop': entry } };
  const json = put('settings.json', JSON.stringify(theirs));
  const yaml = join(dir, 'gateway.yaml');
  const made = await run(['gateway', 'import', json, '--out', yaml]);
  expect(made).toMatchObject({ code: 0, stdout: '' });
  expect(made.stderr).toContain('mcp_servers.My-shop.headers.Authorization: parece um segredo em texto');
  expect(made.stderr).not.toContain('canario');
  expect(statSync(yaml).mode & 0o777).toBe(0o600);
  expect(readFileSync(yaml, 'utf8')).toMatch(/^# yaml-language-server: \$schema=https/);
  expect((await run(['validate', '--gateway', yaml])).code).toBe(0);

  const back = await run(['gateway', 'export', yaml, '--dialect', 'gemini-cli']);
  expect(JSON.parse(back.stdout)).toEqual(theirs);
  expect((await run(['gateway', 'export'], { GATEWAY_CONFIG: yaml })).code).toBe(0);
  expect((await run(['gateway', 'import', json, '--out', yaml])).code).toBe(1);
});

it('import points out every credential without showing it, and writes nothing that validate refuses', async () => {
  const servers = {
    login: { type: 'http', url: 'https://ana:canario-0@a.example/mcp#top', headers: { Accept: 'x', 'X-Trace': 'y' } },
    query: { type: 'http', url: 'https://b.example/mcp?token=canario-1&page=1&api_key=${B_KEY}' },
    flags: { command: 'npx', args: ['-y', 'x', '--api-key=canario-2', '--token', 'canario-3', '--token-file', '/t'] },
    bridge: {
      command: 'npx',
      args: ['mcp-remote', 'https://c.example/mcp?key=canario-4', '--header', 'X-Token: canario-5'],
    },
    docker: {
      command: 'docker',
      args: ['run', '-e', 'API_TOKEN=canario-6', '-e', 'API_TOKEN', 'img', '--key', '${K}'],
    },
  };
  const yaml = join(dir, 'gateway.yaml');
  const made = await run([
    'gateway',
    'import',
    put('mcp.json', JSON.stringify({ mcpServers: servers })),
    '--out',
    yaml,
  ]);
  expect(made).toMatchObject({ code: 0, stdout: '' });
  expect(made.stderr).not.toContain('canario');
  expect(made.stderr.trim().split('\n')).toMatchInlineSnapshot(`
    [
      "aviso: mcp_servers.login.url: o que vem depois de "#" não é enviado a ninguém, e ficou de fora",
      "aviso: mcp_servers.login.url: usuário e senha passaram para auth.basic",
      "aviso: mcp_servers.login.headers.Accept: é do próprio protocolo, e ficou de fora",
      "aviso: mcp_servers.login.auth.basic.password: parece um segredo em texto; troque por \${VAR}",
      "aviso: mcp_servers.query.url: o parâmetro "token" parece um segredo em texto; troque por \${VAR}",
      "aviso: mcp_servers.flags.args[2]: o valor de "api-key" parece um segredo em texto; troque por \${VAR}",
      "aviso: mcp_servers.flags.args[4]: o valor de "token" parece um segredo em texto; troque por \${VAR}",
      "aviso: mcp_servers.bridge.args[1]: o parâmetro "key" parece um segredo em texto; troque por \${VAR}",
      "aviso: mcp_servers.bridge.args[3]: o valor de "X-Token" parece um segredo em texto; troque por \${VAR}",
      "aviso: mcp_servers.docker.args[2]: o valor de "API_TOKEN" parece um segredo em texto; troque por \${VAR}",
    ]
  `);
  const text = readFileSync(yaml, 'utf8');
  expect(text.match(/canario-0/g)).toHaveLength(1);
  expect((await run(['validate', '--gateway', yaml], { B_KEY: 'b', K: 'k' })).code).toBe(0);
});

it.each([
  ['a name that is no variable', { command: 'x', env: { 'MY-VAR': 'canario' } }, 'env.MY-VAR: não é nome de variável'],
  ['a reference without an end', { command: 'x', args: ['${canario'] }, 'args[0]: referência de variável malformada'],
  ['an address that is none', { type: 'http', url: 'canario/mcp' }, 'url: deve ser uma URL http ou https completa'],
  ['a folder that is not there', { command: 'x', cwd: './canario' }, 'cwd: a pasta não existe'],
  ['a user without a password', { type: 'http', url: 'https://canario@a.example/' }, 'url: não deve levar usuário'],
  [
    'two credentials',
    { url: 'https://u:canario@a.example/', headers: { Authorization: 'x' } },
    'url: não deve levar usuário',
  ],
])('import refuses %s with the reason, and writes nothing', async (_name, entry, reason) => {
  const json = put('mcp.json', JSON.stringify({ mcpServers: { one: entry } }));
  const yaml = join(dir, 'gateway.yaml');
  const { code, stderr } = await run(['gateway', 'import', json, '--out', yaml]);
  expect(code).toBe(1);
  expect(stderr).toContain(`mcp_servers.one.${reason}`);
  expect(stderr).not.toContain('canario');
  expect(readdirSync(dir)).toEqual(['mcp.json']);
});

it.each([
  [['gateway', 'export'], 2],
  [['gateway', 'import'], 2],
  [['gateway', 'export', example, '--dialect', 'notepad'], 2],
  [['gateway', 'import', '/nowhere.json'], 1],
  [['gateway', 'import', example], 1],
])('%j ends with %i', async (args, expected) => {
  const { code, stdout, stderr } = await run(args);
  expect(code).toBe(expected);
  expect(stdout).toBe('');
  expect(stderr).not.toBe('');
});
