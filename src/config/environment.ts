import { z } from 'zod';
import type { Secret } from '../logging/secret.ts';
import { Secret as SecretValue } from '../logging/secret.ts';
import { isLoopback } from './loopback.ts';

const text = z.string().trim().min(1);
const port = z.coerce.number({ error: 'deve ser um número de porta' }).int().min(0).max(65_535);
const flag = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.enum(['true', 'false', '1', '0', 'sim', 'nao', ''], { error: 'deve ser true ou false' }))
  .transform((value) => value === 'true' || value === '1' || value === 'sim');
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);
const secret = text.transform((value): Secret => new SecretValue(value));
const positive = z.coerce.number({ error: 'deve ser um número' }).positive();
const httpUrl = text.pipe(z.url({ protocol: /^https?$/, error: 'deve ser uma URL http ou https' }));
const issuerUrl = httpUrl.refine((value) => {
  const { protocol, hostname, search, hash } = new URL(value);
  return (protocol === 'https:' || isLoopback(hostname)) && search === '' && hash === '';
}, 'deve ser https (http só no loopback), sem ? nem #');
const baseUrl = httpUrl.transform((value) => (value.endsWith('/') ? value : `${value}/`));

/**
 * Every setting the process reads from its environment, once. The descriptions become the table in
 * `docs/configuration.md`; a name that ends in `_FILE` beside a secret gives a path whose content is the value.
 */
export const environmentSchema = z.object({
  MCP_HOST: text.default('127.0.0.1').describe('Endereço em que o HTTP escuta. Fora do loopback exige autenticação.'),
  MCP_PORT: port.default(8000).describe('Porta do HTTP. 0 = qualquer porta livre, escrita no log como "port".'),
  MCP_SSE_PORT: port.optional().describe('Porta extra só para o transporte SSE.'),
  MCP_HTTP_PORT: port.optional().describe('Porta extra só para o Streamable HTTP.'),
  MCP_AUTH_REQUIRED: flag
    .default(false)
    .describe('Exige um token em todas as rotas HTTP (menos /health), também no loopback.'),
  MCP_AUTH_TOKEN: secret.optional().describe('Um token único com acesso a todas as empresas.'),
  MCP_TOKENS_FILE: text
    .optional()
    .describe('Arquivo JSON com um token por pessoa: quais empresas, quais ferramentas, até quando (docs/access.md).'),
  MCP_STDIO_TOKEN: secret
    .optional()
    .describe('Token de MCP_TOKENS_FILE que vale para o stdio; sem ele, o stdio vê todas as empresas.'),
  MCP_OAUTH_ISSUER: issuerUrl
    .optional()
    .describe('Emissor OAuth 2.1 cujos tokens são aceitos, exatamente como em seus metadados. HTTPS fora do loopback.'),
  MCP_OAUTH_AUDIENCE: text
    .optional()
    .describe('Audiência que os tokens do emissor devem ter: em geral a URL pública deste servidor, com /mcp.'),
  MCP_OAUTH_RESOURCE: httpUrl
    .optional()
    .describe('URL pública deste servidor, publicada aos clientes OAuth; padrão: MCP_OAUTH_AUDIENCE, se for uma URL.'),
  MCP_CORS_ORIGINS: list.default([]).describe('Origens de navegador aceitas, separadas por vírgula.'),
  MCP_ALLOWED_HOSTS: list.default([]).describe('Nomes de host aceitos além do loopback e do próprio MCP_HOST.'),
  MCP_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Nível do log (sempre em stderr, uma linha JSON por evento).'),
  CREDENTIALS_FILE: text.default('credentials.json').describe('Arquivo JSON com as empresas e suas chaves.'),
  CREDENTIAL_TIMEOUT_MINUTES: positive
    .max(1_440, 'deve ser no máximo 1440')
    .default(30)
    .describe('Minutos que uma credencial resolvida fica no cache.'),
  CREDENTIAL_MAX_CACHE_SIZE: positive
    .int()
    .max(100_000, 'deve ser no máximo 100000')
    .default(100)
    .describe('Credenciais no cache; a menos usada sai primeiro.'),
  OMIE_BASE_URL: baseUrl.default('https://app.omie.com.br/api/v1/').describe('Base da API do Omie.'),
  MASK_CPF: flag
    .default(false)
    .describe('Mostra o CPF de clientes e fornecedores como ***.456.789-** nas respostas. Ver docs/lgpd.md.'),
  ENABLE_METRICS: flag.default(false).describe('Publica métricas Prometheus em /metrics, em porta própria.'),
  METRICS_PORT: port.default(9090).describe('Porta das métricas.'),
});

export type Environment = z.output<typeof environmentSchema>;
export type EnvironmentName = keyof typeof environmentSchema.shape;

/** Settings whose value must never be shown; each may also be given as `NAME_FILE`. */
export const secretNames: readonly EnvironmentName[] = ['MCP_AUTH_TOKEN', 'MCP_STDIO_TOKEN'];
