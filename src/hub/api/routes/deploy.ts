import { z } from 'zod';
import { deployRequestSchema } from '../../deploy/deploy-request.ts';
import type { Deployments } from '../../deploy/deployments.ts';
import { planView, planViewSchema } from '../../deploy/plan.ts';
import { sourceText } from '../../deploy/source.ts';
import { serverViewSchema, viewOf } from '../../servers/server-record.ts';
import { defineRoute, none, type Route } from '../route.ts';

const query = z.strictObject({
  dry_run: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: nada é iniciado; a resposta diz exatamente o que seria.'),
});

export function deployRoute(deployments: Deployments, now: () => Date): Route {
  return defineRoute({
    method: 'post',
    path: '/api/deploy',
    action: 'deploy',
    summary: 'Planeja, confere e inicia um servidor MCP',
    description:
      'Responde 202 assim que o servidor é registrado; GET /api/servers/{id} diz quando está pronto. Diga uma só fonte.',
    params: none,
    query,
    body: deployRequestSchema,
    answers: {
      200: { description: 'O plano, com dry_run=true.', schema: planViewSchema },
      202: { description: 'Registrado e sendo iniciado.', schema: serverViewSchema },
    },
    problems: [
      'pedido_recusado',
      'endereco_bloqueado',
      'fonte_desconhecida',
      'fonte_indisponivel',
      'faltam_variaveis',
      'sem_executor',
      'conflito_de_estado',
      'limite_de_servidores',
      'nao_configurado',
    ],
    async run({ query: { dry_run: dryRun }, body }, { signal, about }) {
      if (dryRun === 'true') {
        const planned = await deployments.plan(body, signal);
        about(sourceText(planned.source));
        return { status: 200, body: planView(planned, now()) };
      }
      const record = await deployments.deploy(body, signal);
      about(`${record.id} ${sourceText(record.source)}`);
      return { status: 202, body: viewOf(record) };
    },
  });
}
