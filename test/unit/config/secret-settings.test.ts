import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadConfig, type Variables } from '../../../src/config/load-config.ts';
import { ConfigurationError } from '../../../src/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const load = (variables: Variables, dotenv = '') =>
  loadConfig({ variables, dotenvPath: file('.env', dotenv) }).environment;

/** What the start says when it refuses. */
function refusal(variables: Variables, dotenv = ''): string {
  try {
    load(variables, dotenv);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return expect.fail('it should have been refused');
}

it.each(['', ' '])('an empty MCP_STDIO_TOKEN (%j) would open stdio to everything, and is refused', (empty) => {
  expect(refusal({ MCP_STDIO_TOKEN: empty, MCP_TOKENS_FILE: 'tokens.json' })).toMatch(/MCP_STDIO_TOKEN: está vazio/);
  expect(refusal({}, `MCP_STDIO_TOKEN="${empty}"`)).toMatch(/MCP_STDIO_TOKEN: está vazio/);
});

it('an empty MCP_STDIO_TOKEN beside a file with the token is the file’s', () => {
  const environment = load({ MCP_STDIO_TOKEN: '', MCP_STDIO_TOKEN_FILE: file('stdio', 'abc\n') });
  expect(environment.MCP_STDIO_TOKEN?.reveal()).toBe('abc');
});

it('other empty variables are settings that are not set', () => {
  expect(load({ MCP_AUTH_TOKEN: '', MCP_AUTH_TOKEN_FILE: '', MCP_PORT: '' })).toMatchObject({ MCP_PORT: 8000 });
});

it('the environment wins over .env, as NAME or as NAME_FILE; both in one source contradict', () => {
  const path = file('token', 'do-arquivo');
  const token = (variables: Variables, dotenv: string) => load(variables, dotenv).MCP_AUTH_TOKEN?.reveal();
  expect(token({ MCP_AUTH_TOKEN: 'direto' }, `MCP_AUTH_TOKEN_FILE=${path}`)).toBe('direto');
  expect(token({ MCP_AUTH_TOKEN_FILE: path }, 'MCP_AUTH_TOKEN=direto')).toBe('do-arquivo');
  const both = `MCP_AUTH_TOKEN_FILE=${path}\nMCP_AUTH_TOKEN=direto`;
  expect(refusal({}, both)).toMatch(/ao mesmo tempo/);
  expect(refusal({ MCP_AUTH_TOKEN: 'direto', MCP_AUTH_TOKEN_FILE: path })).toMatch(/ao mesmo tempo/);
  expect(token({ MCP_AUTH_TOKEN: 'outro', MCP_AUTH_TOKEN_FILE: '' }, both)).toBe('outro');
});

it.each(['canario\nsegunda', 'canario\r\nsegunda', 'canario\u0000', 'cana\trio', '\u001bcanario\u0085x'])(
  'a secret with a control character inside (%j) is refused by name',
  (value) => {
    const path = file('broken', `${value}x\n`);
    for (const message of [refusal({ AUDIT_KEY: `${value}x` }), refusal({ AUDIT_KEY_FILE: path })]) {
      expect(message).toMatch(/caractere de controle/);
      expect(message).not.toMatch(/canario|segunda/);
    }
    expect(refusal({ AUDIT_KEY_FILE: path })).toMatch(/AUDIT_KEY_FILE: tem/);
  },
);

it('an empty secret file is named as such', () => {
  expect(refusal({ MCP_AUTH_TOKEN_FILE: file('empty', ' \n') })).toMatch(/MCP_AUTH_TOKEN_FILE: está vazio/);
});
