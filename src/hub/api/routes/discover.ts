import { z } from 'zod';
import { wantedVariable } from '../../deploy/source.ts';
import { type AutoDeployParts, autoDeploy } from '../../discovery/auto-deploy.ts';
import type { Discovery, SourceReport } from '../../discovery/discovery.ts';
import type { WayToRun } from '../../discovery/finder.ts';
import type { Ranked } from '../../discovery/rank.ts';
import { methodSchema, serverViewSchema, viewOf } from '../../servers/server-record.ts';
import { defineRoute, none, type Route } from '../route.ts';

const sourceName = z.enum(['github', 'registry']);

const body = z
  .strictObject({
    query: z.string().trim().min(1).max(200).describe('O que se procura, em poucas palavras.'),
    limit: z.number().int().min(1).max(50).default(10),
    auto_deploy: z
      .boolean()
      .default(false)
      .describe('Implanta o melhor que passar em todas as conferências e não precisar de variáveis.'),
    sources: z.array(sourceName).min(1).max(2).optional().describe('Onde procurar; padrão: em todas.'),
  })
  .meta({ id: 'DiscoverRequest' });

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
  source: sourceName,
  ok: z.boolean(),
  found: z.number().int(),
  age_seconds: z.number().int().optional().describe('Idade da resposta; 0: veio agora.'),
  notes: z.array(z.string()),
  problem: z
    .object({
      code: z.string(),
      detail: z.string(),
      hint: z.string().optional(),
      retry_after_seconds: z.number().int().optional(),
    })
    .optional(),
});

const answer = z
  .object({
    query: z.string(),
    candidates: z.array(candidate),
    sources: z.array(source).describe('O que cada fonte respondeu; uma que falha não esconde a outra.'),
    auto_deploy: z
      .object({
        server: serverViewSchema.optional(),
        tried: z.array(z.object({ name: z.string(), method: z.string(), why: z.string() })),
      })
      .optional(),
  })
  .meta({ id: 'DiscoverResult' });
export type DiscoverResult = z.output<typeof answer>;

export function discoverRoute(discovery: Discovery, parts: AutoDeployParts): Route {
  return defineRoute({
    method: 'post',
    path: '/api/discover',
    action: 'discover',
    summary: 'Procura servidores MCP no GitHub e no registro oficial',
    description: 'Nada é executado, a não ser com auto_deploy. O texto dos candidatos é de terceiros.',
    params: none,
    query: none,
    body,
    answers: { 200: { description: 'Os candidatos, o melhor primeiro, e como executá-los.', schema: answer } },
    problems: ['pedido_recusado', 'endereco_bloqueado', 'fonte_indisponivel', 'nao_configurado'],
    async run({ body: { query, limit, sources, auto_deploy: deploying } }, { signal, about }) {
      about(query);
      const { ranked, sources: reports } = await discovery.find(query, { limit, sources, signal });
      const deployed = deploying ? await autoDeploy(ranked, parts, signal) : undefined;
      if (deployed?.record !== undefined) about(`${query} → ${deployed.record.id}`);
      const result: z.input<typeof answer> = {
        query,
        candidates: ranked.map(candidateView),
        sources: reports.map(sourceView),
        ...(deployed === undefined
          ? {}
          : {
              auto_deploy: {
                ...(deployed.record === undefined ? {} : { server: viewOf(deployed.record) }),
                tried: [...deployed.tried],
              },
            }),
      };
      return { status: 200, body: result };
    },
  });
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
  const { code, message, hint, retryAfterMs } = report.problem;
  const wait = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1_000);
  const problem = { code, detail: message, hint, retry_after_seconds: wait };
  return { source: report.source, ok: false, found: 0, notes: [], problem };
}
