import type { Deployments } from '../../deploy/deployments.ts';
import type { ServerList } from '../../servers/server-list.ts';
import { serverWithHealthSchema, viewOf } from '../../servers/server-record.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';
import { serverParams } from './server-params.ts';

export function getServerRoute(servers: ServerList, deployments: Deployments): Route {
  return defineRoute({
    method: 'get',
    path: '/api/servers/{id}',
    action: 'servers.get',
    summary: 'Um servidor, com a saúde de agora',
    params: serverParams,
    query: none,
    body: noBody,
    answers: { 200: { description: 'O servidor.', schema: serverWithHealthSchema } },
    problems: ['servidor_desconhecido'],
    async run({ params: { id } }) {
      const record = servers.get(id);
      return { status: 200, body: { ...viewOf(record), health: await deployments.health(id) } };
    },
  });
}
