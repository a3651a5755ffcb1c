// The token commands and stdio's token, with the built program.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Bench, initialize, startBench } from '../support/program.ts';

let bench: Bench;
let file: string;
beforeEach(async () => {
  bench = await startBench();
  file = join(bench.credentialsFile, '..', 'tokens.json');
});
afterEach(() => bench.close());

async function token(...args: string[]) {
  const program = bench.run(['token', ...args], { MCP_TOKENS_FILE: file });
  const { code } = await program.exit();
  return { code, stdout: program.stdout, stderr: program.stderr };
}

it('creates, lists and revokes, and never shows a token or a digest again', async () => {
  const made = await token(
    'create',
    '--id',
    'ana',
    '--empresas',
    'empresa_001,grupo:holding',
    '--limite',
    '120',
    '--nota',
    'x',
  );
  expect(made.code).toBe(0);
  expect(made.stdout).toMatch(/^omcp_[\w-]{43}\n$/);
  const [entry] = JSON.parse(readFileSync(file, 'utf8')).tokens;
  expect(entry).toMatchObject({
    id: 'ana',
    empresas: ['empresa_001', 'grupo:holding'],
    ferramentas: ['*'],
    modo: 'leitura',
    limite_por_minuto: 120,
  });

  const listed = await token('list');
  expect(listed.stdout).toContain('ana');
  expect(listed.stdout).not.toContain(entry.sha256);
  expect(listed.stdout).not.toContain(made.stdout.trim());
  expect((await token('create', '--id', 'ana', '--empresas', '*')).code).toBe(1);
  expect((await token('revoke', '--id', 'ana')).code).toBe(0);
  expect((await token('revoke', '--id', 'ana')).code).toBe(1);
});

it('what it says to type can be typed, whichever file it is about', async () => {
  const other = join(file, '..', 'outros tokens.json');
  const typed = async (...args: string[]): Promise<number | null> => {
    const { code, stderr } = await token(...args, '--file', other);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/`omie-mcp-hub token [^`]+`/)]);
    const words = /`omie-mcp-hub token ([^`]+)`/.exec(stderr)?.[1] ?? '';
    const hint = [...words.matchAll(/"([^"]+)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
    return (await token(...hint)).code;
  };
  expect(await typed('list')).toBe(0);
  expect(readFileSync(other, 'utf8'), 'made by what was said').toContain('"ana"');
  expect(await typed('revoke', '--id', 'bia')).toBe(0);
  expect(await typed('create', '--id', 'ana', '--empresas', 'empresa_002')).toBe(0);
  expect(readFileSync(other, 'utf8'), 'revoked by what was said').not.toContain('"ana"');
});

it.each([
  [['create', '--id', 'ana']],
  [['create', '--empresas', 'empresa_001']],
  [['create', '--id', 'ana', '--empresas', '']],
  [['create', '--id', 'ana', '--empresas', '*,empresa_001']],
  [['create', '--id', 'ana', '--empresas', 'a', '--modo', 'tudo']],
  [['create', '--id', 'ana', '--empresas', 'a', '--expira', '2020-01-01']],
  [['create', '--id', 'ana', '--empresas', 'a', '--limite', '0']],
  [['nada']],
  [[]],
])('%j is wrong usage: 2, and nothing is written', async (args) => {
  const { code, stdout } = await token(...args);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(() => readFileSync(file)).toThrow();
});

it('validate checks the tokens file too, every problem by its path', async () => {
  const validate = async () => {
    const program = bench.run(['validate'], { MCP_TOKENS_FILE: file });
    return { code: (await program.exit()).code, stdout: program.stdout };
  };
  await token('create', '--id', 'ana', '--empresas', 'empresa_001');
  expect(await validate()).toMatchObject({ code: 0, stdout: expect.stringContaining('ok: 1 token(s)') });
  writeFileSync(file, '{"tokens": [{"id": "ana", "empresas": []}]}');
  const { code, stdout } = await validate();
  expect(code).toBe(1);
  expect(stdout).toContain('erro: tokens.json: tokens[0].sha256: falta este campo');
  expect(stdout).toContain('erro: tokens.json: tokens[0].empresas: está vazia');
});

it('stdio is the holder of MCP_STDIO_TOKEN; an unknown one stops the start with 1', async () => {
  const { stdout } = await token('create', '--id', 'ana', '--empresas', 'empresa_002');
  const serve = (stdioToken: string, tokensFile = file) =>
    bench.run(['serve', '--transports', 'stdio'], { MCP_TOKENS_FILE: tokensFile, MCP_STDIO_TOKEN: stdioToken });
  const program = serve(stdout.trim());
  program.send(initialize);
  await program.answer(1);
  program.send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'listar_empresas', arguments: {} } });
  expect((await program.answer(2)).result?.['structuredContent']).toMatchObject({
    total: 1,
    empresas: [{ id: 'empresa_002' }],
  });
  // Revoked while it is in use: the conversation ends.
  await token('revoke', '--id', 'ana');
  await program.exit();

  for (const [stdioToken, tokensFile] of [
    ['omcp_desconhecido', file],
    [stdout.trim(), ''],
  ] as const) {
    const refused = serve(stdioToken, tokensFile);
    expect((await refused.exit()).code).toBe(1);
    expect(refused.stderr).toContain('MCP_STDIO_TOKEN');
    expect(refused.stderr).not.toContain(stdioToken);
    expect(refused.stdout).toBe('');
  }
});
