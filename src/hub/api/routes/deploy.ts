import { z } from 'zod';
import { deployRequestSchema } from '../../deploy/deploy-request.ts';
import type { Deployments } from '../../deploy/deployments.ts';
import { planView, planViewSchema } from '../../deploy/plan.ts';
import { digestSchema, type PlanDigests } from '../../deploy/plan-digest.ts';
import { sourceText } from '../../deploy/source.ts';
import { serverViewSchema, viewOf } from '../../servers/server-record.ts';
import { defineRoute, none, type Route } from '../route.ts';

const query = z.strictObject({
  dry_run: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: nada é iniciado; a resposta diz exatamente o que seria.'),
});

const body = z
  .strictObject({
    ...deployRequestSchema.shape,
    digest: digestSchema
      .optional()
      .describe('O de uma simulação deste mesmo pedido: se o plano já não for aquele, nada é iniciado (409).'),
  })
  .meta({ id: 'DeployRequest' });

const answer = z
  .object({
    ...planViewSchema.shape,
    digest: z
      .string()
      .describe('Deste pedido e deste plano, até o hub reiniciar: mande-o com o pedido para iniciar só isto.'),
  })
  .meta({ id: 'Plan' });
export type Simulation = z.output<typeof answer>;

const AGAIN = 'Simule de novo com ?dry_run=true, confira o plano novo e mande o digest dele.';

export interface DeployRouteParts {
  readonly deployments: Pick<Deployments, 'plan' | 'deploy'>;
  readonly digests: PlanDigests;
  /** Who a plan is shown to. */
  readonly caller: string;
  readonly now: () => Date;
}

export function deployRoute({ deployments, digests, caller, now }: DeployRouteParts): Route {
  return defineRoute({
    method: 'post',
    path: '/api/deploy',
    action: 'deploy',
    summary: 'Planeja, confere e inicia um servidor MCP',
    description:
      'Responde 202 assim que o servidor é registrado; GET /api/servers/{id} diz quando está pronto. Diga uma só fonte. Com o digest de uma simulação, inicia exatamente o que ela mostrou; sem ele, o que a fonte disser agora.',
    params: none,
    query,
    body,
    answers: {
      200: { description: 'O plano, com dry_run=true.', schema: answer },
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
      'disco_indisponivel',
      'banco_indisponivel',
      'nao_configurado',
    ],
    async run({ query: { dry_run: dryRun }, body: { digest, ...request } }, { signal, about }) {
      if (dryRun === 'true') {
        const planned = await deployments.plan(request, signal);
        about(sourceText(planned.source));
        const simulation: Simulation = { ...planView(planned, now()), digest: digests.of(request, planned, caller) };
        return { status: 200, body: simulation };
      }
      const agree = digest === undefined ? undefined : digests.agreement(request, { digest, caller, hint: AGAIN });
      const record = await deployments.deploy(request, signal, agree);
      about(`${record.id} ${sourceText(record.source)}`);
      return { status: 202, body: viewOf(record) };
    },
  });
}
