/** A deployed server: what is kept of it, and what of that is shown. */
import { z } from 'zod';
import { visible } from '../../invisible-text.ts';
import { sourceSchema, sourceText } from '../deploy/source.ts';
import { withoutValues } from './given-values.ts';

export const methodSchema = z.enum(['docker', 'npx', 'e2b', 'local']);
export type Method = z.output<typeof methodSchema>;

export const statusSchema = z.enum(['planned', 'starting', 'deployed', 'failed', 'stopped']);
export type Status = z.output<typeof statusSchema>;

/** Kept in the store; `env` may hold secrets, which is why no record leaves the hub but through {@link viewOf}. */
export const serverRecordSchema = z.object({
  id: z.string().regex(/^hub-[a-z0-9]{12}$/),
  name: z.string(),
  source: sourceSchema,
  method: methodSchema,
  status: statusSchema,
  /** What the operator wants; after a restart of the hub, what is `running` is started again. */
  wanted: z.enum(['running', 'stopped']),
  /** It fell too often: no hub starts it by itself, until an operator does. */
  given_up: z.literal(true).optional(),
  /** Its code ran at least once: what was planned has been looked at, and later starts run what is there by then. */
  started: z.literal(true).optional(),
  domain: z.string(),
  url: z.string().optional(),
  /** Names as the server itself calls them; the last known ones while it is down. */
  tools: z.array(z.string()),
  /** Those in quarantine, which nobody may call; absent where there are none. */
  quarantined: z.array(z.string()).optional(),
  /** Portuguese. */
  error: z.string().optional(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  port: z.number().int().optional(),
  /** What its runner must know to start it again: its own, opaque to everybody else. */
  launch: z.record(z.string(), z.json()),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type ServerRecord = z.output<typeof serverRecordSchema>;

/** As the hub knows it; `unwritten`: the store may say something else of it. */
export type KnownServer = ServerRecord & { readonly unwritten?: true };

/** The contract's server, and what else may be shown of it: names of variables, never their values. */
export const serverViewSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    source: z.string().describe('npm:nome@versão, pypi:nome==versão, image:…, github:dono/repositório ou folder:….'),
    method: methodSchema,
    status: statusSchema,
    domain: z.string().describe('As ferramentas aparecem no gateway como {domain}__{ferramenta}.'),
    url: z.string().optional(),
    tools: z.array(z.string()),
    quarantined: z
      .array(z.string())
      .optional()
      .describe('Ferramentas que mudaram e esperam aprovação; error diz como. Só onde há alguma.'),
    error: z.string().optional(),
    unwritten: z
      .literal(true)
      .optional()
      .describe('Isto ainda não pôde ser gravado: o hub tenta de novo; se reiniciar antes, vale o que está gravado.'),
    env: z.array(z.string()).describe('Nomes das variáveis dadas; os valores nunca são mostrados.'),
    args: z.array(z.string()),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Server' });
export type ServerView = z.output<typeof serverViewSchema>;

export const serverWithHealthSchema = serverViewSchema
  .extend({
    health: z.object({
      healthy: z.boolean(),
      unknown: z
        .literal(true)
        .optional()
        .describe('Ninguém soube dizer, ou não a tempo: healthy é false e não diz nada.'),
      detail: z.string().optional(),
    }),
  })
  .meta({ id: 'ServerWithHealth' });
export type ServerWithHealth = z.output<typeof serverWithHealthSchema>;

export function viewOf(record: KnownServer): ServerView {
  const { id, name, source, method, status, domain, url, tools, quarantined, error, unwritten, env, args } = record;
  return {
    id,
    name,
    source: sourceText(source),
    method,
    status,
    domain,
    ...(url === undefined ? {} : { url }),
    tools,
    ...(quarantined === undefined ? {} : { quarantined }),
    ...(error === undefined ? {} : { error: withoutValues(error, env) }),
    ...(unwritten === undefined ? {} : { unwritten }),
    env: Object.keys(env),
    args,
    created_at: record.created_at,
    updated_at: record.updated_at,
  };
}

export const serverListShape = { servers: z.array(serverViewSchema), total: z.number().int() };

/** In order of creation. */
export function serverListView(records: readonly KnownServer[]) {
  return { servers: records.map(viewOf), total: records.length };
}

/** The same for a chat, which shows names as they come: what does not show in them is written out. */
export function chatListView(records: readonly KnownServer[]) {
  const { servers, total } = serverListView(records);
  return { servers: servers.map((server) => ({ ...server, tools: server.tools.map(visible) })), total };
}
