import { z } from 'zod';
import { TOOL_GLOB } from '../../access/tool-glob.ts';
import { DOMAIN, OMIE_DOMAIN } from '../naming/domain.ts';

/** Zod's own sentences are English and may grow to quote input, so every check brings its own. */
const must = (what: string) => ({
  error: (issue: { input?: unknown }) => (issue.input === undefined ? 'falta este campo' : `deve ser ${what}`),
});
const NUL = 'tem um byte nulo';
const hasNoNul = (given: string): boolean => !given.includes('\0');
const word = z
  .string(must('um texto'))
  .min(1, 'está vazio')
  .max(4_096, 'passa de 4096 caracteres')
  .refine(hasNoNul, NUL);
const text = (description: string) => word.describe(description);
const texts = (description: string) => z.array(word, must('uma lista de textos')).describe(description);
const textMap = (description: string) =>
  z
    .record(z.string(), z.string(must('um texto (números entre aspas)')), must('um mapa de nomes e textos'))
    .describe(description);
const flag = (description: string) => z.boolean(must('true ou false')).describe(description);
const amount = (min: number, max: number, description: string) => {
  const rule = `deve ser um número de ${min} a ${max}`;
  return z
    .number(must(`um número de ${min} a ${max}`))
    .min(min, rule)
    .max(max, rule)
    .describe(description);
};
const whole = (min: number, max: number, description: string) => {
  const rule = `deve ser um número inteiro de ${min} a ${max}`;
  return z
    .int(must(`um número inteiro de ${min} a ${max}`))
    .min(min, rule)
    .max(max, rule)
    .describe(description);
};
const globs = (description: string) =>
  z
    .array(
      z.string(must('um texto')).regex(TOOL_GLOB, 'deve ser o nome de uma ferramenta; "*" vale por qualquer trecho'),
      must('uma lista de nomes de ferramentas'),
    )
    .describe(description);

const domain = z
  .string(must('um texto'))
  .regex(DOMAIN, 'deve ter de 1 a 16 letras minúsculas, números e "-", começando por letra')
  .refine((name) => name !== OMIE_DOMAIN, 'é o domínio das ferramentas do próprio servidor: escolha outro nome');

const authSchema = z.strictObject(
  {
    bearer: text('Token enviado como `Authorization: Bearer …`.').optional(),
    header: text('Nome do cabeçalho que leva a credencial; vai com `value`.').optional(),
    value: text('Conteúdo do cabeçalho `header`.').optional(),
    basic: z
      .strictObject({ user: text('Usuário.'), password: text('Senha.') }, must('um mapa com user e password'))
      .describe('Usuário e senha (HTTP Basic).')
      .optional(),
  },
  must('um mapa: bearer, ou header com value, ou basic'),
);

const toolsSchema = z.strictObject(
  {
    include: globs('Só estas ferramentas; sem a lista, todas.').optional(),
    exclude: globs('Menos estas; vale mais que include.').optional(),
  },
  must('um mapa com include e exclude'),
);

/** What the imported file of another client said beyond our own settings; kept for the way back, otherwise unused. */
const serverExtraSchema = z.strictObject(
  {
    key: z.string(must('um texto')).describe('Nome do servidor no arquivo de origem.').optional(),
    fields: z.record(z.string(), z.unknown(), must('um mapa')).describe('Campos como estavam.').optional(),
  },
  must('um mapa com key e fields'),
);

const transports = ['stdio', 'sse', 'http', 'streamable-http', 'streamableHttp', 'streamable_http'] as const;

export const serverSchema = z
  .strictObject(
    {
      name: text('Nome mostrado às pessoas; padrão: o id.').optional(),
      url: text('Endereço http ou https do servidor. Ou `url`, ou `command`.').optional(),
      command: text('Programa a iniciar, sem shell, para o transporte stdio.').optional(),
      args: z
        .array(z.string(must('um texto (números entre aspas)')).refine(hasNoNul, NUL), must('uma lista de textos'))
        .describe('Argumentos do programa. Ficam visíveis a quem lista processos: segredos vão em `env`.')
        .optional(),
      env: textMap('Variáveis dadas ao programa; além de PATH e afins, ele não recebe nenhuma outra.').optional(),
      cwd: text('Pasta do programa; relativa à pasta deste arquivo.').optional(),
      transport: z
        .enum(transports, must('stdio, sse ou http'))
        .describe('Padrão: stdio com `command`, http (Streamable HTTP) com `url`.')
        .optional(),
      priority: whole(1, 999, 'Menor é preferido; única dentro de cada domínio.').optional(),
      domains: z
        .array(domain, must('uma lista de domínios'))
        .min(1, 'está vazia: diga ao menos um domínio')
        .max(32, 'passa de 32 domínios')
        .describe('Domínios a que serve; o primeiro dá o prefixo `domínio__` às suas ferramentas.'),
      capabilities: texts('O que o servidor sabe fazer, em palavras suas; serve para procurar servidores.').optional(),
      timeout: amount(0.1, 3_600, 'Segundos para a resposta de uma chamada. Padrão: 30.').optional(),
      connect_timeout: amount(0.1, 300, 'Segundos para conectar. Padrão: 5.').optional(),
      auth: authSchema.describe('Credencial própria deste servidor; a de quem pergunta nunca é repassada.').optional(),
      headers: textMap('Cabeçalhos HTTP enviados sempre.').optional(),
      aliases: textMap('Outros nomes de entidades deste servidor: apelido → nome.').optional(),
      allow_private_address: flag(
        'Aceita que o host de `url` leve a um endereço privado. Padrão: só se `url` já diz localhost ou loopback.',
      ).optional(),
      disabled: flag('Fica no arquivo, mas não é montado.').optional(),
      stateful: flag(
        'true: cada conversa tem uma sessão (ou um processo) só sua neste servidor; false: uma só para todas. Padrão: o que o servidor mostra; um só processo com `command`.',
      ).optional(),
      tools: toolsSchema.describe('Quais ferramentas do servidor são oferecidas.').optional(),
      extra: serverExtraSchema
        .describe('O que o arquivo importado dizia além disto; guardado para a exportação.')
        .optional(),
    },
    must('um mapa com url ou command, e domains'),
  )
  // For editors: the published JSON Schema carries what `cross-checks.ts` says in sentences.
  .meta({ oneOf: [{ required: ['url'] }, { required: ['command'] }] });

const levels = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;

export const orchestrationSchema = z.strictObject(
  {
    resource_cache_ttl: amount(
      0,
      86_400,
      'Segundos em que a coleta de recursos (GET /mcp/resources/{domain}) pode usar o que já leu; 0 = sem cache: tudo é buscado a cada pedido. resources/read sempre busca. Padrão: 300.',
    ).optional(),
    fail_fast: flag(
      'true: sucesso completo ou falha completa; false: o que respondeu, com cada falha nomeada. Padrão: true.',
    ).optional(),
    max_retries: whole(0, 20, 'Novas tentativas ao conectar, com espera crescente. Padrão: 3.').optional(),
    max_connections: whole(1, 1_000, 'Conexões ao mesmo tempo. Padrão: 10.').optional(),
    log_level: z
      .preprocess(
        (level) => (typeof level === 'string' ? level.toUpperCase().replace(/^WARN$/, 'WARNING') : level),
        z.enum(levels, must('DEBUG, INFO, WARNING ou ERROR')),
      )
      .meta({ type: 'string', enum: [...levels] })
      .describe('Nível do log do gateway. Padrão: INFO.')
      .optional(),
    enable_logging: flag('Um evento de log por operação. Padrão: true.').optional(),
  },
  must('um mapa de ajustes'),
);

/** The gateway file as written (YAML names, seconds); {@link GatewayConfig} is what the house works with. */
export const gatewayFileSchema = z.strictObject(
  {
    mcp_servers: z
      .record(z.string(), serverSchema, must('um mapa de servidores'))
      .describe('Servidores MCP a montar, pelo id.'),
    orchestration: orchestrationSchema.describe('Ajustes que valem para todos.').optional(),
    extra: z
      .record(z.string(), z.unknown(), must('um mapa'))
      .describe('O resto do arquivo importado; guardado para a exportação.')
      .optional(),
  },
  must('um mapa com mcp_servers'),
);

export type GatewayFile = z.output<typeof gatewayFileSchema>;
export type ServerEntry = z.output<typeof serverSchema>;
export type OrchestrationEntry = z.output<typeof orchestrationSchema>;

/** The names each part of the file knows, for "did you mean"; by the length and content of the path. */
export function knownKeys(path: readonly string[]): readonly string[] {
  const [section, , part, inner] = path;
  if (section === undefined) return Object.keys(gatewayFileSchema.shape);
  if (section === 'orchestration') return path.length === 1 ? Object.keys(orchestrationSchema.shape) : [];
  if (section !== 'mcp_servers' || path.length < 2) return [];
  if (part === undefined) return Object.keys(serverSchema.shape);
  if (part === 'auth' && inner === 'basic') return path.length === 4 ? ['user', 'password'] : [];
  if (inner !== undefined) return [];
  if (part === 'auth') return Object.keys(authSchema.shape);
  if (part === 'tools') return Object.keys(toolsSchema.shape);
  return part === 'extra' ? Object.keys(serverExtraSchema.shape) : [];
}
