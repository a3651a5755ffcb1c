/**
 * What upstreams ask while they serve a call, brought to the client in the way of its era and back in the way of theirs:
 * 2025-11-25 asks in the middle of a call, 2026-07-28 ends it with `input_required` and is called again.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { CancelledError, ServerRefusedError, UserInputError } from '../../errors.ts';
import { INTERNAL_ERROR, MISSING_CAPABILITY, URL_ELICITATION_REQUIRED } from '../../protocol/error-codes.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import { ELICIT } from '../../protocol/methods.ts';
import { abortSignalOf } from '../../stop-signal.ts';
import { AskRefusedError } from '../../tools/ask-refused-error.ts';
import type { CallContext, ClientRounds } from '../../tools/tool-source.ts';
import type { JsonObject, ModernParts } from '../links/link.ts';
import { UpstreamAnswerError } from '../links/link-errors.ts';
import { canonicalJson } from '../trust/canonical-json.ts';
import type { ClientWay, Served } from '../upstreams/upstream-registry.ts';
import { fitQuestion } from './fit-question.ts';
import { forwardContext } from './forward-context.ts';
import { inputRequiredText, type Questions, readInputRequired } from './input-required.ts';
import { OpenCall } from './open-call.ts';
import { requiredPages } from './refusal-data.ts';
import type { RoundState, RoundStates } from './round-state.ts';
import { WaitingCalls } from './waiting-calls.ts';

/** A server that asks more often than this asks for ever. */
const MAX_ROUNDS = 16;
/** A server that asks for nothing wants to be called again, not at once. */
const NOTHING_ASKED_MS = 500;

/** @param server the only one to be asked; undefined for whichever comes first */
export type Forward = (how: ClientWay, server: string | undefined) => Promise<Served>;

export class Rounds {
  readonly #states: RoundStates;
  readonly #waiting: WaitingCalls;

  constructor(states: RoundStates) {
    this.#states = states;
    this.#waiting = new WaitingCalls(states.ttlMs);
  }

  /** Calls that wait for their client to come back. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * @param subject what is called with what: a next round must be about the same
   * @throws InvalidStateError for a state that is not ours; UserInputError for a subject too deep to be told from
   * another; otherwise as `forward`
   */
  run(context: CallContext, subject: readonly unknown[], forward: Forward): Promise<Served> {
    if (context.rounds === undefined) return talk(context, forward);
    const bound = canonicalJson([context.principal.id, ...subject]);
    if (bound === undefined)
      return Promise.reject(
        new UserInputError('Argumentos inválidos: aninhados fundo demais. Use menos níveis de objetos e listas.'),
      );
    return this.#round(context, context.rounds, bound, forward);
  }

  close(): void {
    this.#waiting.close();
  }

  async #round(context: CallContext, { state, responses }: ClientRounds, bound: string, forward: Forward) {
    const known = state === undefined ? undefined : this.#states.open(state, bound);
    let call: OpenCall;
    if (known?.kind === 'waiting') {
      call = this.#waiting.take(known.call, known.round, context.principal);
      call.answer(responses ?? {});
    } else {
      const next = { inputResponses: responses, requestState: known?.state };
      call = new OpenCall(context, (how) => forward(withNext(how, next), known?.server));
    }
    try {
      const served = await call.turn(context);
      if (served === undefined) return this.#wait(call, bound);
      const asked = readInputRequired(served.resultText);
      if (asked === undefined) return served;
      const questions = fitAll(asked.questions, context);
      return this.#told(questions, { kind: 'told', server: served.servedBy, state: asked.state }, bound);
    } catch (thrown) {
      const pages = pagesFor(thrown, context);
      if (pages === undefined) throw thrown;
      return this.#told(pages, { kind: 'told' }, bound);
    }
  }

  #wait(call: OpenCall, bound: string): Served {
    call.round += 1;
    this.#waiting.keep(call);
    const state = this.#states.seal({ kind: 'waiting', call: call.id, round: call.round }, bound);
    return { servedBy: call.askedBy, resultText: inputRequiredText(call.questions, state) };
  }

  #told(questions: Questions, state: Extract<RoundState, { kind: 'told' }>, bound: string): Served {
    const resultText = inputRequiredText(questions, this.#states.seal(state, bound));
    return { servedBy: state.server ?? '', resultText };
  }
}

/** Asks in the middle of the call whom that can be done with, and calls upstreams of 2026-07-28 again with the answers. */
async function talk(context: CallContext, forward: Forward): Promise<Served> {
  const how = forwardContext(context);
  let now = how;
  let server: string | undefined;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const served = await forward(now, server);
    const asked = readInputRequired(served.resultText);
    if (asked === undefined) return served;
    server = served.servedBy;
    const inputResponses = await answers(asked.questions, context);
    now = withNext(how, { inputResponses, requestState: asked.state });
  }
  throw new ServerRefusedError('O servidor perguntou vezes demais sem terminar.', INTERNAL_ERROR, {
    hint: 'O defeito é do servidor: avise quem o mantém. Não se sabe se o pedido teve efeito.',
  });
}

async function answers(questions: Questions, context: CallContext): Promise<JsonObject> {
  const entries = Object.entries(questions);
  if (entries.length === 0) {
    await pause(NOTHING_ASKED_MS, undefined, { signal: abortSignalOf(context.signal) }).catch(() => {
      throw new CancelledError();
    });
  }
  const given: Record<string, unknown> = {};
  for (const [key, question] of entries) {
    const { method, params } = fitted(question, context, 'legacy');
    if (context.ask === undefined) throw cannotBeAsked();
    try {
      given[key] = await context.ask(method, params);
    } catch (thrown) {
      if (!(thrown instanceof AskRefusedError)) throw thrown;
      throw new ServerRefusedError('O servidor perguntou algo, e o cliente se recusou a responder.', thrown.code, {
        hint: 'Repita o pedido e responda à pergunta, ou use outra ferramenta.',
      });
    }
  }
  return given;
}

type Next = Pick<ModernParts, 'inputResponses' | 'requestState'>;

const withNext = (how: ClientWay, next: Next): ClientWay => ({ ...how, modern: { ...how.modern, ...next } });

function fitAll(questions: Questions, context: CallContext): Questions {
  return Object.fromEntries(
    Object.entries(questions).map(([key, question]) => [key, fitted(question, context, 'modern')]),
  );
}

function fitted(question: Questions[string], { capabilities = {} }: CallContext, era: 'legacy' | 'modern') {
  try {
    return fitQuestion(question, { capabilities, era });
  } catch (thrown) {
    if (!(thrown instanceof UpstreamAnswerError)) throw thrown;
    // It was told what this client can do, and asks for more.
    throw thrown.code === MISSING_CAPABILITY ? cannotBeAsked(thrown.data) : thrown;
  }
}

function cannotBeAsked(data?: unknown): ServerRefusedError {
  return new ServerRefusedError(
    'O servidor precisa perguntar algo que este cliente não declarou saber responder.',
    MISSING_CAPABILITY,
    {
      rpcData: isFields(data) ? data : { requiredCapabilities: {} },
      hint: 'Use um cliente que declare elicitation (ou sampling), ou outra ferramenta.',
    },
  );
}

/** 2026-07-28 has no error that says "open this page first": it is asked like everything else. */
function pagesFor(thrown: unknown, { capabilities = {} }: CallContext): Questions | undefined {
  if (!(thrown instanceof UpstreamAnswerError) || thrown.code !== URL_ELICITATION_REQUIRED) return undefined;
  const pages = requiredPages(thrown.data);
  if (pages.length === 0) return undefined;
  const asked = pages.map((page, place) => [`page-${place + 1}`, { method: ELICIT, params: { ...page } }] as const);
  return Object.fromEntries(
    asked.map(([key, question]) => {
      const era = 'modern' as const;
      try {
        return [key, fitQuestion(question, { capabilities, era })];
      } catch (refused) {
        throw refused instanceof UpstreamAnswerError ? cannotBeAsked(refused.data) : refused;
      }
    }),
  );
}
