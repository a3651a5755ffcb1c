import type { Deployments } from '../../deploy/deployments.ts';
import { serverViewSchema, viewOf } from '../../servers/server-record.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';
import { serverParams } from './server-params.ts';

export function startServerRoute(deployments: Deployments): Route {
  return defineRoute({
    method: 'post',
    path: '/api/servers/{id}/start',
    action: 'servers.start',
    summary: 'Inicia um servidor parado ou que falhou',
    params: serverParams,
    query: none,
    body: noBody,
    answers: { 202: { description: 'Sendo iniciado.', schema: serverViewSchema } },
    problems: ['servidor_desconhecido', 'conflito_de_estado', 'disco_indisponivel', 'banco_indisponivel'],
    async run({ params: { id } }) {
      return { status: 202, body: viewOf(await deployments.start(id)) };
    },
  });
}
