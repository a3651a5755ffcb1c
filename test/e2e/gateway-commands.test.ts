// `validate --gateway` and `gateway import|export`, with the built program.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Program } from '../support/program.ts';

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
