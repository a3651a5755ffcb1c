import type { Deployments } from '../../deploy/deployments.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';
import { serverParams } from './server-params.ts';

export function deleteServerRoute(deployments: Deployments): Route {
  return defineRoute({
    method: 'delete',
    path: '/api/servers/{id}',
    action: 'servers.delete',
    summary: 'Encerra e apaga um servidor, com a pasta dele',
    description:
      'Quem pede o mesmo enquanto ele é apagado espera o mesmo fim e recebe 204; quem pede depois, 404: nos dois casos ele não existe mais. Num disco em que nada se grava, 507 e nada dele é tocado; com o banco de dados fora do ar, 503, do mesmo modo.',
    params: serverParams,
    query: none,
    body: noBody,
    answers: { 204: { description: 'Nada dele ficou.' } },
    problems: ['servidor_desconhecido', 'disco_indisponivel', 'banco_indisponivel'],
    async run({ params: { id } }) {
      await deployments.remove(id);
      return { status: 204 };
    },
  });
}
