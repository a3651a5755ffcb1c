/** The house around the hub, as an administrator sees it: companies, caches, and what keeps it from its best. */
import { z } from 'zod';

const count = z.number().int();

export const overviewSchema = z
  .object({
    version: z.string(),
    status: z.enum(['ok', 'degraded', 'draining']),
    reasons: z.array(z.string()).describe('Tudo o que deixa o estado em degraded.'),
    started_at: z.string(),
    companies: z.object({
      total: count,
      loaded_at: z.string().describe('Quando o arquivo de credenciais em uso foi lido.'),
      items: z.array(
        z.object({
          id: z.string(),
          nome: z.string(),
          ambiente: z.enum(['producao', 'sandbox']),
          grupos: z.array(z.string()),
        }),
      ),
      disabled: z.array(z.object({ id: z.string(), motivo: z.string() })).describe('As que não podem ser usadas.'),
    }),
    caches: z.object({
      credentials: z
        .object({ hits: count, misses: count, evictions: count, cached_items: count, hit_rate: z.string() })
        .describe('Chaves de empresas na memória.'),
      replies: z
        .object({ hits: count, misses: count, shared: count })
        .describe('Respostas do Omie guardadas por um minuto; shared: esperaram pela mesma pergunta.'),
    }),
  })
  .meta({ id: 'Overview' });
export type Overview = z.output<typeof overviewSchema>;

/** What the house tells of itself. */
export interface HouseView {
  /** Cheap: asked every few seconds. Never a key. */
  overview(): Overview;
  /** Companies changed; returns the end of it. */
  onChange(listener: () => void): () => void;
}
