import { z } from 'zod';
import type { Deployments } from '../../deploy/deployments.ts';
import { defineRoute, noBody, type Route } from '../route.ts';
import { serverParams } from './server-params.ts';

export function serverLogsRoute(deployments: Deployments): Route {
  return defineRoute({
    method: 'get',
    path: '/api/servers/{id}/logs',
    action: 'servers.logs',
    summary: 'As últimas linhas da instalação e do próprio servidor',
    params: serverParams,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(500).default(100).describe('Quantas linhas, no máximo.'),
    }),
    body: noBody,
    answers: {
      200: {
        description: 'Da mais antiga à mais nova.',
        schema: z.object({ id: z.string(), lines: z.array(z.string()) }),
      },
    },
    problems: ['servidor_desconhecido', 'pedido_recusado'],
    async run({ params: { id }, query: { limit } }) {
      return { status: 200, body: { id, lines: await deployments.logs(id, limit) } };
    },
  });
}
