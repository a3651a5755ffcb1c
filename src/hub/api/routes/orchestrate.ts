import { orchestrateRequestSchema } from '../../orchestration/orchestrate-request.ts';
import type { Orchestrator } from '../../orchestration/orchestrator.ts';
import { progressStream } from '../../orchestration/progress-stream.ts';
import type { TaskContext } from '../../orchestration/task-context.ts';
import { outcomeSchema } from '../../orchestration/trace.ts';
import { defineRoute, none, type Route } from '../route.ts';

export function orchestrateRoute(orchestrator: Orchestrator, principal: TaskContext['principal']): Route {
  return defineRoute({
    method: 'post',
    path: '/api/orchestrate',
    action: 'orchestrate',
    summary: 'Um modelo faz uma tarefa com as ferramentas dos servidores',
    description: [
      'Ferramentas com readOnlyHint são chamadas na hora; as outras entram num plano, executado só com approve e o digest dele.',
      'Com steps, os passos de uma execução anterior são repetidos sem modelo.',
      'Com Accept: text/event-stream, vêm eventos step e text enquanto se trabalha e, no fim, outcome (ou problem); o que falha antes do primeiro é um problema com o seu status.',
    ].join(' '),
    params: none,
    query: none,
    body: orchestrateRequestSchema,
    answers: { 200: { description: 'O que foi feito, passo a passo.', schema: outcomeSchema } },
    problems: [
      'pedido_recusado',
      'servidor_desconhecido',
      'ferramenta_desconhecida',
      'conflito_de_estado',
      'fonte_indisponivel',
      'nao_configurado',
    ],
    async run({ body }, context) {
      const { signal, requestId, about, wantsEvents = false } = context;
      about(
        `${body.server_id ?? '*'} ${body.steps === undefined ? body.mode : 'replay'}${body.approve ? ' approved' : ''}`,
      );
      const work = (emit: TaskContext['emit']) => orchestrator.run(body, { principal, signal, requestId, emit });
      if (wantsEvents) return { events: progressStream(work) };
      return { status: 200, body: await work(() => {}) };
    },
  });
}
