import type { Deployments } from '../../deploy/deployments.ts';
import { serverViewSchema, viewOf } from '../../servers/server-record.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';
import { serverParams } from './server-params.ts';

export function stopServerRoute(deployments: Deployments): Route {
  return defineRoute({
    method: 'post',
    path: '/api/servers/{id}/stop',
    action: 'servers.stop',
    summary: 'Para um servidor; ele continua registrado',
    params: serverParams,
    query: none,
    body: noBody,
    answers: { 200: { description: 'Parado; nada dele roda.', schema: serverViewSchema } },
    problems: ['servidor_desconhecido'],
    async run({ params: { id } }) {
      return { status: 200, body: viewOf(await deployments.stop(id)) };
    },
  });
}
