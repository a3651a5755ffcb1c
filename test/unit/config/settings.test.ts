import { expect, it } from 'vitest';
import { loadConfig, type Variables } from '../../../src/config/load-config.ts';
import { ConfigurationError } from '../../../src/errors.ts';

const load = (variables: Variables) => loadConfig({ variables, dotenvPath: '/nao/existe/.env' }).environment;

function refusal(variables: Variables): readonly string[] {
  try {
    load(variables);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return expect.fail('it should have been refused');
}

it('origins are kept as browsers write them', () => {
  const given =
    'HTTPS://Painel.Exemplo.com.br/, https://a.example:443,http://[::1]:3000, http://ação.example,vscode-webview://ABC';
  expect(load({ MCP_CORS_ORIGINS: given }).MCP_CORS_ORIGINS).toEqual([
    'https://painel.exemplo.com.br',
    'https://a.example',
    'http://[::1]:3000',
    'http://xn--ao-siap.example',
    'vscode-webview://abc',
  ]);
});

it.each([
  '*',
  'null',
  'https://*.example',
  'painel.example',
  'https://a.example/painel',
  'https://canario:x@a.example',
  'https://a.example?x',
  'https://a.example:99999',
  'file:///',
  'https://',
])('MCP_CORS_ORIGINS=%s is refused with what to write', (value) => {
  const [problem, ...more] = refusal({ MCP_CORS_ORIGINS: `https://ok.example,${value}` });
  expect(problem).toMatch(/^MCP_CORS_ORIGINS: o item 2 .*escreva como https:\/\//);
  expect(problem).not.toContain('canario');
  expect(more).toEqual([]);
});

it('host names are kept as they arrive in Host', () => {
  expect(load({ MCP_ALLOWED_HOSTS: ' Hub.Exemplo.com.br,hub-a,,10.0.0.7, ::1,[FE80::1],ação.example' })).toMatchObject({
    MCP_ALLOWED_HOSTS: ['hub.exemplo.com.br', 'hub-a', '10.0.0.7', '[::1]', '[fe80::1]', 'xn--ao-siap.example'],
  });
});

it.each(['*', '*.example', '.example', 'https://a.example', 'a.example:8000', 'a.example/x', 'a b', 'x@a.example'])(
  'MCP_ALLOWED_HOSTS=%s is refused with what to write',
  (value) => {
    expect(refusal({ MCP_ALLOWED_HOSTS: `ok.example,${value}` })).toEqual([
      expect.stringMatching(/^MCP_ALLOWED_HOSTS: o item 2 .*escreva como/),
    ]);
  },
);

it.each([
  'OMIE_BASE_URL',
  'MCP_OAUTH_ISSUER',
  'MCP_OAUTH_AUDIENCE',
  'MCP_OAUTH_RESOURCE',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
])('%s with a password inside is refused by name', (name) => {
  for (const url of ['https://ana:canario@a.example/', 'https://canario@a.example/'])
    expect(refusal({ [name]: url })).toEqual([expect.stringMatching(new RegExp(`^${name}: não pode ter usuário`))]);
});

it.each([
  ['AUDIT_MAX_MB', '0', 'deve ser um número maior que 0 e até 10000'],
  ['AUDIT_MAX_MB', 'muito', 'deve ser um número maior que 0 e até 10000'],
  ['CREDENTIAL_TIMEOUT_MINUTES', '1441', 'deve ser um número maior que 0 e até 1440'],
  ['CREDENTIAL_MAX_CACHE_SIZE', '-0.5', 'deve ser um número inteiro de 1 a 100000'],
  ['MCP_RATE_LIMIT_PER_IP', '-1', 'deve ser um número inteiro de 0 a 1000000'],
  ['MCP_FAILED_LOGINS_PER_MINUTE', '1.5', 'deve ser um número inteiro de 0 a 1000000'],
  ['MCP_PORT', '70000', 'deve ser um número de porta de 0 a 65535'],
  ['MCP_LOG_LEVEL', 'alto', 'deve ser um destes: fatal, error, warn, info, debug, trace, silent'],
  ['CREDENTIALS_FILE', '  ', 'está vazio'],
])('%s=%s is told its range, once and in Portuguese', (name, value, says) => {
  expect(refusal({ [name]: value })).toEqual([`${name}: ${says}`]);
});

it('a log level counts in any case', () => {
  expect(load({ MCP_LOG_LEVEL: ' INFO ' }).MCP_LOG_LEVEL).toBe('info');
});
