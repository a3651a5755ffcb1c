/** A person's yes to a plan, asked for through the client (elicitation), where the client can be asked. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { InvalidStateError } from '../../errors.ts';
import { inputRequiredText } from '../../gateway/questions/input-required.ts';
import { visible } from '../../invisible-text.ts';
import { CAPABILITY_OF } from '../../protocol/asking.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import { ELICIT } from '../../protocol/methods.ts';
import { AskRefusedError } from '../../tools/ask-refused-error.ts';
import { AsksFirst } from '../../tools/asks-first.ts';
import type { AskClient, CallContext, ClientRounds } from '../../tools/tool-source.ts';
import type { PlanView } from '../deploy/plan.ts';
import { HubError } from '../problem.ts';

const form = {
  type: 'object',
  properties: { iniciar: { type: 'boolean', title: 'Iniciar este servidor', default: false } },
  required: ['iniciar'],
};
const yes = z.looseObject({ action: z.literal('accept'), content: z.looseObject({ iniciar: z.literal(true) }) });

/** Long enough for a person to be fetched to the screen. */
const WAIT_MS = 10 * 60_000;
/** People asked at once; the oldest question is forgotten for one more. */
const MOST = 100;
/** Under which the client of 2026-07-28 brings the answer. */
const KEY = 'aprovar';

/**
 * In revisions with sessions the client is asked while the call runs. In 2026-07-28 the call ends with the question, and
 * comes again with the answer and with the state that was given: each state is of one plan, for one start, in this process.
 */
export class Approvals {
  readonly #now: () => number;
  /** The digest of the plan and when its time is over, by state; the oldest first. */
  readonly #asked = new Map<string, { readonly digest: string; readonly until: number }>();

  /** @param now milliseconds of a clock that only goes forward */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether the one behind this call can be shown a form. */
  canAsk({ ask, rounds, capabilities }: CallContext): boolean {
    const declared = capabilities?.[CAPABILITY_OF.get(ELICIT) ?? ''];
    if ((ask === undefined && rounds === undefined) || !isFields(declared)) return false;
    // `{}` has always meant forms.
    return isFields(declared['form']) || !isFields(declared['url']);
  }

  /**
   * @param digest of this very plan, for this caller
   * @throws HubError unless somebody said yes; AsksFirst when the client must come again; InvalidStateError for a state that
   * is of no question, of another plan, answered already or over; AbortError when the call ends first
   */
  async ask({ ask, rounds }: Pick<CallContext, 'ask' | 'rounds'>, digest: string, plan: PlanView): Promise<void> {
    const answer = rounds === undefined ? await during(ask, plan) : this.#between(rounds, digest, plan);
    if (yes.safeParse(answer).success) return;
    throw new HubError('conflito_de_estado', 'A pessoa que foi perguntada não aprovou o plano; nada foi iniciado.', {
      hint: 'Não repita a chamada sem que ela peça.',
    });
  }

  #between({ state, responses }: ClientRounds, digest: string, plan: PlanView): unknown {
    if (state !== undefined) {
      const asked = this.#asked.get(state);
      this.#asked.delete(state);
      if (asked === undefined || asked.digest !== digest || this.#now() >= asked.until) throw new InvalidStateError();
      const answer = responses?.[KEY];
      if (answer !== undefined) return answer;
    }
    const next = randomBytes(32).toString('base64url');
    this.#asked.set(next, { digest, until: this.#now() + WAIT_MS });
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= MOST) break;
      this.#asked.delete(oldest);
    }
    throw new AsksFirst(inputRequiredText({ [KEY]: { method: ELICIT, params: formOf(plan) } }, next));
  }
}

async function during(ask: AskClient | undefined, plan: PlanView): Promise<unknown> {
  return ask?.(ELICIT, formOf(plan)).catch((thrown: unknown) => {
    if (thrown instanceof AskRefusedError) return undefined;
    throw thrown;
  });
}

const formOf = (plan: PlanView) => ({ message: question(plan), requestedSchema: form });

/** Most of it was written by others: what does not show in it is written out, for it would run. */
function question({ source, method, domain, commands, env, warnings }: PlanView): string {
  const lines = [
    `Iniciar o servidor MCP ${source} (${method}, domínio ${domain})? É um programa de terceiros.`,
    'Comandos:',
    ...commands.map(({ command, args }) => `  ${JSON.stringify([command, ...args])}`),
    `Variáveis que recebe: ${env.join(', ') || 'nenhuma'}.`,
    ...warnings.map((warning) => `Aviso: ${warning}`),
  ];
  return lines.map(visible).join('\n');
}
