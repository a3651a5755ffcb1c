import { z } from 'zod';
import type { ServerList } from '../../servers/server-list.ts';
import { serverListShape, serverListView, statusSchema } from '../../servers/server-record.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';

export function listServersRoute(servers: ServerList): Route {
  return defineRoute({
    method: 'get',
    path: '/api/servers',
    action: 'servers.list',
    summary: 'Os servidores implantados',
    params: none,
    query: z.strictObject({ status: statusSchema.optional().describe('Só os que estão neste estado.') }),
    body: noBody,
    answers: {
      200: {
        description: 'Em ordem de criação.',
        schema: z.object(serverListShape),
      },
    },
    problems: ['pedido_recusado'],
    async run({ query: { status } }) {
      return { status: 200, body: serverListView(servers.all(status)) };
    },
  });
}
