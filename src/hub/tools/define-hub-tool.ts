/** A tool that administers the hub: for whoever holds its token, and unknown to everybody else. */
import type { z } from 'zod';
import { AppError, type ErrorCode } from '../../errors.ts';
import type { ObserveCall } from '../../tools/call-report.ts';
import { type DefinedTool, defineTool } from '../../tools/define-tool.ts';
import type { CallContext, JsonObject } from '../../tools/tool-source.ts';
import type { Deployments } from '../deploy/deployments.ts';
import type { PlanDigests } from '../deploy/plan-digest.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { HubError, type HubProblemCode } from '../problem.ts';
import type { ServerList } from '../servers/server-list.ts';

/** What the tools and the REST routes have in common: all that is done is done here. */
export interface HubActions {
  readonly discovery: Pick<Discovery, 'find'>;
  readonly deployments: Pick<Deployments, 'plan' | 'deploy'>;
  readonly servers: Pick<ServerList, 'all'>;
  readonly digests: PlanDigests;
  readonly observe: ObserveCall;
  readonly now: () => Date;
}

interface HubTool<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly effect: DefinedTool['effect'];
  readonly input: Input;
  readonly output: Output;
  run(args: z.output<Input>, context: CallContext): Promise<z.output<Output> & JsonObject>;
}

export function defineHubTool<Input extends z.ZodObject, Output extends z.ZodObject>({
  run,
  ...tool
}: HubTool<Input, Output>): DefinedTool {
  return defineTool({
    ...tool,
    adminOnly: true,
    run: (args, { context }) =>
      run(args, context).catch((thrown: unknown) => {
        throw thrown instanceof HubError ? asToolFailure(thrown) : thrown;
      }),
  });
}

/** The words of every tool for what the hub's routes say with words of their own. */
const CODES: Readonly<Record<HubProblemCode, ErrorCode>> = {
  nao_autenticado: 'sem_permissao',
  pedido_recusado: 'parametro_invalido',
  faltam_variaveis: 'parametro_invalido',
  endereco_bloqueado: 'parametro_invalido',
  fonte_desconhecida: 'nao_encontrado',
  servidor_desconhecido: 'nao_encontrado',
  ferramenta_desconhecida: 'nao_encontrado',
  conflito_de_estado: 'parametro_invalido',
  limite_de_servidores: 'parametro_invalido',
  sem_executor: 'parametro_invalido',
  fonte_indisponivel: 'servidor_indisponivel',
  disco_indisponivel: 'configuracao_invalida',
  banco_indisponivel: 'servidor_indisponivel',
  nao_configurado: 'configuracao_invalida',
};

function asToolFailure(error: HubError): AppError {
  const { code, message, hint, errors, retryAfterMs } = error;
  const fields = errors.map(({ field, message: why }) => (field === '' ? why : `${field}: ${why}`)).join('; ');
  return new AppError(CODES[code], fields === '' ? message : `${message} ${fields}.`, {
    hint,
    retryable: code === 'fonte_indisponivel' || code === 'banco_indisponivel',
    retryAfterMs,
    cause: error,
  });
}
