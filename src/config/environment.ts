import { isIP } from 'node:net';
import { z } from 'zod';
import { isLoopback } from './loopback.ts';
import { aboveZero, flag, hasNoUser, httpUrl, noUser, oneOf, port, secret, text, whole } from './setting-shapes.ts';
import { browserOrigins, hostNames, list } from './web-names.ts';

const issuerUrl = httpUrl.refine((value) => {
  const { protocol, hostname, search, hash } = new URL(value);
  return (protocol === 'https:' || isLoopback(hostname)) && search === '' && hash === '';
}, 'deve ser https (http só no loopback), sem ? nem #');
const baseUrl = httpUrl.transform((value) => (value.endsWith('/') ? value : `${value}/`));

function isPostgresUrl(value: string): boolean {
  return z.url({ protocol: /^postgres(?:ql)?$/ }).safeParse(value).success;
}

function isHopCount(items: readonly string[]): boolean {
  return items.length === 1 && /^\d$/.test(items[0] ?? '');
}

function isProxy(item: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(item)) return true;
  const [address = '', prefix = '0', ...more] = item.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  return isIP(address) !== 0 && more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

/**
 * Every setting the process reads from its environment, once. The descriptions become the table in
 * `docs/configuration.md`; a name that ends in `_FILE` beside a secret gives a path whose content is the value.
 */
export const environmentSchema = z.object({
  MCP_HOST: text.default('127.0.0.1').describe('Endereço em que o HTTP escuta. Fora do loopback exige autenticação.'),
  MCP_PORT: port
    .default(8000)
    .describe('Porta do HTTP. 0 = qualquer porta livre, escrita no log como "port", qualquer que seja o nível.'),
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
    .refine(hasNoUser, noUser)
    .optional()
    .describe('Audiência que os tokens do emissor devem ter: em geral a URL pública deste servidor, com /mcp.'),
  MCP_OAUTH_RESOURCE: httpUrl
    .optional()
    .describe('URL pública deste servidor, publicada aos clientes OAuth; padrão: MCP_OAUTH_AUDIENCE, se for uma URL.'),
  MCP_CORS_ORIGINS: browserOrigins.default([]).describe('Origens de navegador aceitas, separadas por vírgula.'),
  MCP_ALLOWED_HOSTS: hostNames.default([]).describe('Nomes de host aceitos além do loopback e do próprio MCP_HOST.'),
  MCP_TRUST_PROXY: list
    .refine((items) => isHopCount(items) || items.every(isProxy), {
      error: 'deve ser uma lista de IPs, redes CIDR ou loopback/linklocal/uniquelocal, ou um número de saltos',
    })
    .default([])
    .describe(
      'Proxies em cujo X-Forwarded-For se confia: IPs, redes CIDR, loopback, linklocal, uniquelocal, ou quantos saltos.',
    ),
  MCP_RATE_LIMIT_PER_IP: whole(0, 1_000_000)
    .default(3_000)
    .describe('Requisições por minuto de um mesmo IP; 0 = sem limite. A própria máquina (loopback) não é contada.'),
  MCP_RATE_LIMIT_PER_PRINCIPAL: whole(0, 1_000_000)
    .default(6_000)
    .describe(
      'Requisições por minuto de quem não tem limite_por_minuto: token único, OAuth e os demais; 0 = sem limite. O loopback não é contado.',
    ),
  MCP_FAILED_LOGINS_PER_MINUTE: whole(0, 1_000_000)
    .default(10)
    .describe('Tokens inválidos por minuto de um mesmo IP antes de 429; 0 = sem limite.'),
  MCP_REPLICA_NAME: text
    .pipe(z.string().regex(/^[a-z0-9-]{1,32}$/, 'deve ter até 32 letras minúsculas, dígitos ou hifens'))
    .optional()
    .describe('Nome desta réplica atrás de um proxy: abre os ids de sessão, e a parada recusa conexões novas na hora.'),
  MCP_LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Nível do log (sempre em stderr, uma linha JSON por evento).'),
  CREDENTIALS_FILE: text.default('credentials.json').describe('Arquivo JSON com as empresas e suas chaves.'),
  CREDENTIAL_TIMEOUT_MINUTES: aboveZero(1_440)
    .default(30)
    .describe('Minutos que uma credencial resolvida fica no cache.'),
  CREDENTIAL_MAX_CACHE_SIZE: whole(1, 100_000)
    .default(100)
    .describe('Credenciais no cache; a menos usada sai primeiro.'),
  GATEWAY_CONFIG: text
    .optional()
    .describe('Arquivo YAML com outros servidores MCP a montar como domínios, ao lado do Omie (docs/gateway.md).'),
  DATABASE_URL: secret
    .refine((value) => isPostgresUrl(value.reveal()), 'deve ser postgres://usuario:senha@host:porta/banco')
    .optional()
    .describe('PostgreSQL que várias réplicas dividem: limites do Omie, respostas do último minuto, avisos e sessões.'),
  MCP_REPLICAS: whole(1, 64)
    .default(4)
    .describe('Quantas réplicas há, no máximo. Sem o banco, cada uma segue com essa parte dos limites do Omie.'),
  OMIE_EGRESS: text
    .pipe(z.string().max(100, 'deve ter até 100 caracteres'))
    .default('principal')
    .describe(
      'Nome do endereço IP por onde esta réplica chega ao Omie; réplicas com o mesmo nome dividem seus limites.',
    ),
  HUB_ENABLED: flag
    .default(false)
    .describe('Liga o hub: achar, implantar e usar outros servidores MCP por uma API de administração (docs/hub.md).'),
  HUB_ADMIN_TOKEN: secret
    .optional()
    .describe(
      'Token de quem administra o hub, pedido em todas as suas rotas; em /mcp abre as ferramentas do hub. Obrigatório com HUB_ENABLED; 16 caracteres ou mais, exigidos fora do loopback.',
    ),
  HUB_DATA_DIR: text
    .default('hub-data')
    .describe('Pasta do hub: o registro dos servidores implantados e uma pasta de trabalho para cada um.'),
  HUB_MAX_SERVERS: whole(1, 200).default(20).describe('Quantos servidores o hub guarda, no máximo.'),
  HUB_START_TIMEOUT_SECONDS: aboveZero(1_800)
    .default(120)
    .describe('Segundos que um servidor implantado tem para ser instalado e responder.'),
  HUB_NPM_REGISTRY: httpUrl.optional().describe('Registro npm do hub; sem ele, o que o npm desta máquina usa.'),
  HUB_NODE_PERMISSIONS: flag
    .default(true)
    .describe('Servidores Node implantados leem e gravam só na própria pasta, sem iniciar programas.'),
  HUB_LOCAL_DIR: text
    .optional()
    .describe(
      'Pasta cujas subpastas podem ser implantadas como servidores (method local). Sem ela, isso fica desligado.',
    ),
  GITHUB_API_URL: baseUrl.default('https://api.github.com/').describe('Base da API do GitHub, para o hub.'),
  GITHUB_TOKEN: secret.optional().describe('Token do GitHub para o hub: aumenta o limite de buscas.'),
  MCP_REGISTRY_URL: baseUrl
    .default('https://registry.modelcontextprotocol.io/')
    .describe('Registro de servidores MCP em que o hub procura.'),
  GEMINI_API_KEY: secret.optional().describe('Chave do Gemini, para a orquestração do hub.'),
  GEMINI_BASE_URL: httpUrl.optional().describe('Base da API do Gemini; padrão: a do Google.'),
  GEMINI_MODEL: text.default('gemini-2.5-flash').describe('Modelo da orquestração do hub.'),
  HUB_ORCHESTRATE_OMIE: flag
    .default(false)
    .describe(
      'Oferece as ferramentas do Omie ao modelo da orquestração: o que elas respondem vai ao provedor dele. Ver docs/lgpd.md.',
    ),
  E2B_API_KEY: secret.optional().describe('Chave do E2B, para servidores implantados em sandboxes (method e2b).'),
  E2B_API_URL: httpUrl.optional().describe('Base da API do E2B; padrão: a do E2B. Para uma instalação própria.'),
  E2B_SANDBOX_URL: httpUrl
    .optional()
    .describe(
      'Endereço único das sandboxes de uma instalação própria do E2B, que as distingue por cabeçalhos; padrão: um host por sandbox.',
    ),
  DOCKER_HOST: text
    .optional()
    .describe('Docker Engine do hub: unix:///caminho ou tcp://servidor:porta; padrão: /var/run/docker.sock.'),
  HUB_DOCKER_MEMORY_MB: whole(32, 1_048_576).default(512).describe('Memória (MB) de cada contêiner do hub, sem swap.'),
  HUB_DOCKER_CPUS: aboveZero(1_024)
    .default(1)
    .describe('Processadores que um contêiner do hub pode ocupar; 0.5 é meio.'),
  OMIE_BASE_URL: baseUrl.default('https://app.omie.com.br/api/v1/').describe('Base da API do Omie.'),
  MASK_CPF: flag
    .default(false)
    .describe('Mostra o CPF de clientes e fornecedores como ***.456.789-** nas respostas. Ver docs/lgpd.md.'),
  ENABLE_METRICS: flag.default(false).describe('Publica métricas Prometheus em /metrics, em porta própria.'),
  METRICS_PORT: port.default(9090).describe('Porta das métricas.'),
  METRICS_HOST: text
    .default('127.0.0.1')
    .describe(
      'Endereço em que as métricas escutam. Não pedem token: fora do loopback, só em rede fechada; o nome usado vai em MCP_ALLOWED_HOSTS.',
    ),
  METRICS_COMPANIES: flag.default(false).describe('Conta as chamadas também por id de empresa.'),
  AUDIT_LOG: text
    .optional()
    .describe(
      'Arquivo do log de auditoria: uma linha JSON por chamada, encadeada por hash. {host} vale o nome da máquina. Um arquivo por processo.',
    ),
  AUDIT_KEY: secret
    .optional()
    .describe('Segredo dos resumos e da âncora da auditoria. Sem ele, uma chave aleatória fica em AUDIT_LOG.key.'),
  AUDIT_MAX_MB: aboveZero(10_000)
    .default(50)
    .describe('Tamanho (MB) em que o arquivo de auditoria é virado; o seguinte continua a cadeia e nenhum é apagado.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl
    .optional()
    .describe('Coletor OpenTelemetry (OTLP/HTTP). Com ele, cada chamada vira spans. Exige os pacotes @opentelemetry.'),
  OTEL_EXPORTER_OTLP_HEADERS: secret
    .optional()
    .describe('Cabeçalhos para o coletor, no formato nome=valor,nome=valor.'),
  OTEL_SERVICE_NAME: text.default('omie-mcp-hub').describe('Nome deste serviço nos spans.'),
});

export type Environment = z.output<typeof environmentSchema>;
export type EnvironmentName = keyof typeof environmentSchema.shape;

/** Settings whose value must never be shown; each may also be given as `NAME_FILE`. */
export const secretNames: readonly EnvironmentName[] = [
  'MCP_AUTH_TOKEN',
  'MCP_STDIO_TOKEN',
  'DATABASE_URL',
  'AUDIT_KEY',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'HUB_ADMIN_TOKEN',
  'GITHUB_TOKEN',
  'GEMINI_API_KEY',
  'E2B_API_KEY',
];
