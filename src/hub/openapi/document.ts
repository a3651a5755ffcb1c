/** OpenAPI 3.1 made of the routes' own schemas, so that it cannot say anything else than they do. */
import { z } from 'zod';
import { noBody, type Route } from '../api/route.ts';
import { hubProblems, type ProblemCode, problemSchema } from '../problem.ts';

type Json = Record<string, unknown>;

/** What every route can refuse, whatever it does. */
const COMMON: readonly ProblemCode[] = [
  'pedido_recusado',
  'nao_autenticado',
  'sem_permissao',
  'limite_de_uso',
  'erro_interno',
];

/** What the reader of bodies refuses, before a route sees anything. */
const WITH_A_BODY: readonly ProblemCode[] = ['parametro_invalido'];

/** Of the codes that the whole house shares; the hub's own say theirs themselves. */
const HOUSE_STATUS: Partial<Record<ProblemCode, number>> = {
  sem_permissao: 403,
  limite_de_uso: 429,
  servidor_recusou: 502,
  servidor_indisponivel: 502,
  resultado_desconhecido: 504,
  sobrecarga: 503,
  configuracao_invalida: 500,
  erro_interno: 500,
};

export function openApiDocument(routes: readonly Route[], version: string): Json {
  const schemas: Json = {};
  const ref = (schema: z.ZodType, io: 'input' | 'output'): unknown => jsonSchema(schema, io, schemas);
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route, ref) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'omie-mcp-hub: hub',
      version,
      description:
        'Achar, conferir, executar e usar servidores MCP ao lado do Omie. Erros são RFC 9457 com `code` estável e `hint`.',
    },
    servers: [{ url: '/' }],
    security: [{ admin: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: { admin: { type: 'http', scheme: 'bearer', description: 'O valor de HUB_ADMIN_TOKEN.' } },
    },
  };
}

function operation(route: Route, ref: (schema: z.ZodType, io: 'input' | 'output') => unknown): Json {
  const { action, summary, description, params, query, body, answers, problems } = route;
  const parameters = [...parametersIn('path', params), ...parametersIn('query', query)];
  const responses: Json = {};
  for (const [status, answer] of Object.entries(answers)) {
    const { schema, contentType = 'application/json' } = answer;
    responses[status] = {
      description: answer.description,
      ...(schema === undefined ? {} : { content: { [contentType]: { schema: ref(schema, 'output') } } }),
    };
  }
  const content = { 'application/problem+json': { schema: ref(problemSchema, 'output') } };
  const refuses = body === noBody ? problems : [...WITH_A_BODY, ...problems];
  for (const [status, codes] of byStatus([...COMMON, ...refuses])) {
    responses[status] = { description: codes.map((code) => `\`${code}\``).join(', '), content };
  }
  responses[405] = { description: '`pedido_recusado`: outro método; `Allow` diz quais há neste caminho.', content };
  if (body !== noBody) {
    responses[413] = { description: '`parametro_invalido`: o corpo passa de 4 MB.', content };
    responses[415] = { description: '`parametro_invalido`: o corpo vem comprimido.', content };
  }
  return {
    operationId: action,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === noBody
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: ref(body, 'input') } } } }),
    responses,
  };
}

function parametersIn(where: 'path' | 'query', schema: z.ZodObject): Json[] {
  return Object.entries(schema.shape).map(([name, part]) => {
    const { description, ...shape } = jsonSchema(z.object({ part }), 'input', {}, 'part');
    const required = where === 'path' || !(part instanceof z.ZodType && part.safeParse(undefined).success);
    return { name, in: where, required, ...(description === undefined ? {} : { description }), schema: shape };
  });
}

/** The schema, with what has an id of its own moved to `components`. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Json, part?: string): Json {
  const { $schema: _dialect, $defs = {}, ...root } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  for (const [id, definition] of Object.entries($defs)) components[id] = pointed(definition);
  const whole = pointed(root);
  const { id } = schema.meta() ?? {};
  if (typeof id === 'string' && part === undefined) {
    components[id] ??= whole;
    return { $ref: `#/components/schemas/${id}` };
  }
  return part === undefined ? whole : objectAt(objectAt(whole, 'properties'), part);
}

const fields = z.record(z.string(), z.unknown());
const objectAt = (value: Json, key: string): Json => fields.catch({}).parse(value[key]);

/** A copy whose references lead to `components`, without the ids that only zod needs. */
function pointed(value: object): Json {
  const text = JSON.stringify(value, (key, item: unknown) =>
    key === 'id' && typeof item === 'string' ? undefined : item,
  );
  return fields.parse(JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')));
}

function byStatus(codes: readonly ProblemCode[]): Map<number, ProblemCode[]> {
  const found = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const status = code in hubProblems ? statusOfHub(code) : (HOUSE_STATUS[code] ?? 400);
    found.set(status, [...(found.get(status) ?? []), code]);
  }
  return found;
}

function statusOfHub(code: ProblemCode): number {
  const known: Readonly<Record<string, { readonly status: number }>> = hubProblems;
  return known[code]?.status ?? 400;
}
