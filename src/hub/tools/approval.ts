/** A person's yes to a plan, asked for through the client (elicitation), where the client can be asked. */
import { z } from 'zod';
import { cleanText } from '../../gateway/trust/clean-text.ts';
import { CAPABILITY_OF } from '../../protocol/asking.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import { ELICIT } from '../../protocol/methods.ts';
import { AskRefusedError } from '../../tools/ask-refused-error.ts';
import type { AskClient, CallContext } from '../../tools/tool-source.ts';
import type { PlanView } from '../deploy/plan.ts';
import { HubError } from '../problem.ts';

const form = {
  type: 'object',
  properties: { iniciar: { type: 'boolean', title: 'Iniciar este servidor', default: false } },
  required: ['iniciar'],
};
const yes = z.looseObject({ action: z.literal('accept'), content: z.looseObject({ iniciar: z.literal(true) }) });

/**
 * Undefined for a client that shows no forms, and for those of 2026-07-28: they are asked in rounds, which tools of the house
 * do not have.
 */
export function approvalBy({ ask, capabilities }: CallContext): ((plan: PlanView) => Promise<void>) | undefined {
  const declared = capabilities?.[CAPABILITY_OF.get(ELICIT) ?? ''];
  // `{}` has always meant forms.
  if (ask === undefined || !isFields(declared) || (isFields(declared['url']) && !isFields(declared['form']))) return;
  return (plan) => approved(ask, plan);
}

/** @throws HubError unless somebody said yes; AbortError when the call ends first */
async function approved(ask: AskClient, plan: PlanView): Promise<void> {
  const answer = await ask(ELICIT, { message: question(plan), requestedSchema: form }).catch((thrown: unknown) => {
    if (thrown instanceof AskRefusedError) return undefined;
    throw thrown;
  });
  if (yes.safeParse(answer).success) return;
  throw new HubError('conflito_de_estado', 'A pessoa que foi perguntada não aprovou o plano; nada foi iniciado.', {
    hint: 'Não repita a chamada sem que ela peça.',
  });
}

/** Most of it was written by others: nothing in it that does not show. */
function question({ source, method, domain, commands, env, warnings }: PlanView): string {
  const lines = [
    `Iniciar o servidor MCP ${source} (${method}, domínio ${domain})? É um programa de terceiros.`,
    'Comandos:',
    ...commands.map(({ command, args }) => `  ${JSON.stringify([command, ...args])}`),
    `Variáveis que recebe: ${env.join(', ') || 'nenhuma'}.`,
    ...warnings.map((warning) => `Aviso: ${warning}`),
  ];
  return lines.map(cleanText).join('\n');
}
