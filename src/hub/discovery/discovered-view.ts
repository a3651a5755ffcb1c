/** What was found, as it is shown: the same over REST and to a chat. */
import { z } from 'zod';
import { wantedVariable } from '../deploy/source.ts';
import { partialProblemOf, partialProblemSchema } from '../problem.ts';
import { methodSchema } from '../servers/server-record.ts';
import type { Discovered, SourceReport } from './discovery.ts';
import type { WayToRun } from './finder.ts';
import type { Ranked } from './rank.ts';

export const sourceNames = z.enum(['github', 'registry']);

/** What is searched for, and where. */
export const searchShape = {
  query: z.string().trim().min(1).max(200).describe('O que se procura, em poucas palavras.'),
  limit: z.number().int().min(1).max(50).default(10).describe('Quantos candidatos, no máximo.'),
  sources: z.array(sourceNames).min(1).max(2).optional().describe('Onde procurar; padrão: em todas.'),
};

const wayToRun = z.object({
  method: z.enum([...methodSchema.options, 'remote']),
  request: z.record(z.string(), z.string()).optional().describe('Corpo para POST /api/deploy.'),
  url: z.string().optional().describe('De um servidor que já está no ar (remote).'),
  transport: z.enum(['http', 'sse']).optional(),
  why: z.string(),
});

const candidate = z
  .object({
    name: z.string(),
    description: z.string(),
    origin: z.string().describe('github, registry ou registry+github.'),
    score: z.number().int(),
    why: z.array(z.string()).describe('De que se faz o lugar na lista.'),
    page: z.string().optional(),
    verified: z.string().optional().describe('Por que o nome é mesmo de quem o fez.'),
    version: z.string().optional(),
    updated_at: z.string().optional(),
    stars: z.number().int().optional(),
    archived: z.boolean().optional(),
    wanted: z.array(wantedVariable).describe('Variáveis que diz precisar.'),
    ways_to_run: z.array(wayToRun).describe('A melhor primeiro; vazia quando nada diz como.'),
  })
  .meta({ id: 'Candidate' });

const source = z.object({
  source: sourceNames,
  ok: z.boolean(),
  found: z.number().int(),
  age_seconds: z.number().int().optional().describe('Idade da resposta; 0: veio agora.'),
  notes: z.array(z.string()),
  problem: partialProblemSchema.optional(),
});

export const discoveredShape = {
  query: z.string(),
  candidates: z.array(candidate),
  sources: z.array(source).describe('O que cada fonte respondeu; uma que falha não esconde a outra.'),
};

export function discoveredView(query: string, { ranked, sources }: Discovered) {
  return { query, candidates: ranked.map(candidateView), sources: sources.map(sourceView) };
}

function candidateView({ candidate: one, score, why }: Ranked): z.input<typeof candidate> {
  const { repository: _key, updatedAt, waysToRun, wanted, ...said } = one;
  return {
    ...said,
    updated_at: updatedAt,
    score,
    why: [...why],
    wanted: [...wanted],
    ways_to_run: waysToRun.map(wayView),
  };
}

function wayView(way: WayToRun): z.input<typeof wayToRun> {
  return way.method === 'remote' ? way : { method: way.method, request: { ...way.request }, why: way.why };
}

function sourceView(report: SourceReport): z.input<typeof source> {
  if ('found' in report) {
    const { candidates, ageMs, notes } = report.found;
    const age = Math.round(ageMs / 1_000);
    return { source: report.source, ok: true, found: candidates.length, age_seconds: age, notes: [...notes] };
  }
  return { source: report.source, ok: false, found: 0, notes: [], problem: partialProblemOf(report.problem) };
}
