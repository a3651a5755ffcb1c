import { z } from 'zod';
import { type DefinedTool, defineTool } from '../../tools/define-tool.ts';
import type { Caller, SessionRef } from '../../tools/tool-source.ts';
import { carrying } from '../domains/scope.ts';
import type { Gateway } from '../mount/gateway.ts';
import type { CacheStats } from '../resources/resource-cache.ts';
import type { Conversation } from './conversation.ts';
import { findTools } from './find-tools.ts';

export interface SessionToolParts {
  readonly gateway: Gateway;
  readonly conversation: Conversation;
  readonly cacheStats: () => CacheStats;
  /** A session's lists are others now. */
  readonly onSelected: (session: SessionRef) => void;
  /** All tools the caller may use, for the search. */
  readonly searched: (caller: Caller) => ReturnType<Parameters<typeof findTools>[0]>;
}

const server = z.object({
  id: z.string(),
  name: z.string(),
  priority: z.int().describe('1 a 999; o menor responde primeiro.'),
  state: z.enum(['connecting', 'connected', 'down', 'quarantined']),
});
const handle = z
  .string('deve ser o texto que select_domain devolveu')
  .describe('O domain_handle de select_domain, para clientes sem sessão.');

/** The tools by which a conversation picks its domains. They change nothing but what the conversation itself sees. */
export function sessionTools(parts: SessionToolParts): readonly DefinedTool[] {
  const { gateway, conversation, cacheStats, onSelected } = parts;
  return [
    defineTool({
      name: 'list_domains',
      title: 'Listar domínios',
      effect: 'read',
      description:
        'Lista os domínios de ferramentas disponíveis, os servidores de cada um, o estado deles e quais domínios estão selecionados. O domínio omie são as ferramentas próprias deste servidor.',
      input: z.strictObject({}),
      output: z.object({
        domains: z.array(
          z.object({ domain: z.string(), servers: z.array(server), tools: z.int(), selected: z.boolean() }),
        ),
      }),
      async run(_args, { context }) {
        return {
          domains: conversation.domains(context).map((one) => ({ ...one, servers: one.servers.map(copy) })),
        };
      },
    }),
    defineTool({
      name: 'select_domain',
      title: 'Selecionar domínio',
      effect: 'read',
      description:
        'Limita a conversa a um ou mais domínios: só as ferramentas deles são mostradas e aceitas. "*" volta a todos. Clientes sem sessão passam o domain_handle da resposta às chamadas seguintes.',
      input: z.strictObject({
        domain: z
          .union(
            [
              z.string().min(1, 'está vazio'),
              z
                .array(z.string('deve ser o nome de um domínio').min(1, 'está vazio'))
                .min(1, 'está vazia: diga ao menos um domínio')
                .max(64, 'passa de 64 domínios'),
            ],
            'deve ser um domínio, uma lista ou "*"',
          )
          .describe('Nome de um domínio, uma lista de nomes, ou "*" para todos.'),
      }),
      output: z.object({ selected: z.array(z.string()), tools: z.int(), domain_handle: z.string() }),
      async run({ domain }, { context }) {
        const { selected, handle: domain_handle, scope } = await conversation.select(context, domain);
        if (context.session !== undefined) onSelected(context.session);
        return { selected, tools: conversation.countTools(context, scope), domain_handle };
      },
    }),
    defineTool({
      name: 'get_session_status',
      title: 'Situação da conversa',
      effect: 'read',
      description: 'Mostra os domínios selecionados, quantas ferramentas estão visíveis, os servidores e o cache.',
      input: z.strictObject({ domain_handle: handle.optional() }),
      output: z.object({
        selected: z.array(z.string()),
        visible_tools: z.int(),
        servers: z.array(server),
        cache_stats: z.object({
          hits: z.int(),
          misses: z.int(),
          evictions: z.int(),
          total_requests: z.int(),
          hit_rate: z.string(),
          cached_items: z.int(),
        }),
      }),
      async run({ domain_handle }, { context }) {
        const scope = gateway.scopes.of(carrying(context, domain_handle));
        const selected = conversation.domains(context, scope).filter((one) => one.selected);
        return {
          selected: selected.map(({ domain }) => domain),
          visible_tools: conversation.countTools(context, scope),
          servers: conversation.servers(context, scope).map(copy),
          cache_stats: { ...cacheStats() },
        };
      },
    }),
    findTools(parts.searched),
  ];
}

function copy<T extends object>(value: T): { -readonly [K in keyof T]: T[K] } {
  return { ...value };
}
