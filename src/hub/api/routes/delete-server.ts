import type { Deployments } from '../../deploy/deployments.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';
import { serverParams } from './server-params.ts';

export function deleteServerRoute(deployments: Deployments): Route {
  return defineRoute({
    method: 'delete',
    path: '/api/servers/{id}',
    action: 'servers.delete',
    summary: 'Encerra e apaga um servidor, com a pasta dele',
    params: serverParams,
    query: none,
    body: noBody,
    answers: { 204: { description: 'Nada dele ficou.' } },
    problems: ['servidor_desconhecido'],
    async run({ params: { id } }) {
      await deployments.remove(id);
      return { status: 204 };
    },
  });
}
