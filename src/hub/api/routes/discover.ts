import { z } from 'zod';
import { type AutoDeployParts, autoDeploy } from '../../discovery/auto-deploy.ts';
import { discoveredShape, discoveredView, searchShape } from '../../discovery/discovered-view.ts';
import type { Discovery } from '../../discovery/discovery.ts';
import { serverViewSchema, viewOf } from '../../servers/server-record.ts';
import { defineRoute, none, type Route } from '../route.ts';

const body = z
  .strictObject({
    ...searchShape,
    auto_deploy: z
      .boolean()
      .default(false)
      .describe('Implanta o melhor que passar em todas as conferências e não precisar de variáveis.'),
  })
  .meta({ id: 'DiscoverRequest' });

const answer = z
  .object({
    ...discoveredShape,
    auto_deploy: z
      .object({
        server: serverViewSchema.optional(),
        tried: z.array(z.object({ name: z.string(), method: z.string(), why: z.string() })),
      })
      .optional(),
  })
  .meta({ id: 'DiscoverResult' });

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
      const found = await discovery.find(query, { limit, sources, signal });
      const deployed = deploying ? await autoDeploy(found.ranked, parts, signal) : undefined;
      if (deployed?.record !== undefined) about(`${query} → ${deployed.record.id}`);
      const result: z.input<typeof answer> = {
        ...discoveredView(query, found),
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
