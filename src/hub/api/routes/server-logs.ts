import { z } from 'zod';
import type { Deployments } from '../../deploy/deployments.ts';
import { followLines } from '../../live/follow-lines.ts';
import { defineRoute, noBody, type Route } from '../route.ts';
import { serverParams } from './server-params.ts';

export function serverLogsRoute(deployments: Deployments): Route {
  return defineRoute({
    method: 'get',
    path: '/api/servers/{id}/logs',
    action: 'servers.logs',
    summary: 'As últimas linhas da instalação e do próprio servidor',
    description: 'Com Accept: text/event-stream, vem um evento lines agora e outro sempre que as linhas mudam.',
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
    async run({ params: { id }, query: { limit } }, { signal, wantsEvents = false }) {
      const read = () => deployments.logs(id, limit);
      const lines = await read();
      if (wantsEvents) return { events: followLines(read, signal), endless: true };
      return { status: 200, body: { id, lines } };
    },
  });
}
