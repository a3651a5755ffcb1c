import { z } from 'zod';
import { InvalidStateError, ServerRefusedError } from '../../errors.ts';
import type { Logger } from '../../logging/logger.ts';
import { INTERNAL_ERROR } from '../../protocol/error-codes.ts';
import { MAX_EXACT_NUMBERS, parseExactly, TooManyExactNumbersError } from '../../protocol/exact-number.ts';
import type { JsonText } from '../../protocol/json-rpc.ts';
import { RESOURCES_READ, type ServedMethod, TOOLS_CALL } from '../../protocol/methods.ts';
import type { CallContext } from '../../tools/tool-source.ts';
import { of } from '../contraction.ts';
import { isInScope, outOfDomain, type Scope } from '../domains/scope.ts';
import type { JsonObject } from '../links/link.ts';
import {
  HttpRefusalError,
  MalformedAnswerError,
  OversizedAnswerError,
  UpstreamAnswerError,
} from '../links/link-errors.ts';
import { refusalData } from '../questions/refusal-data.ts';
import type { Rounds } from '../questions/rounds.ts';
import { capReading, MAX_READING_BYTES } from '../trust/cap-reading.ts';
import { type CappedResult, capResult, MAX_RESULT_BYTES } from '../trust/cap-result.ts';
import { cleanJson } from '../trust/clean-text.ts';
import { plainSpelling } from '../trust/plain-spelling.ts';
import { soleMembers } from '../trust/sole-members.ts';
import type {
  CandidateRef,
  ClientWay,
  ForwardContext,
  Served,
  UpstreamRegistry,
} from '../upstreams/upstream-registry.ts';
import type { MountedItem } from './mount-table.ts';
import { ownWords } from './own-words.ts';
import { PrincipalKeys } from './principal-keys.ts';

export interface Errand {
  readonly method: ServedMethod;
  /** How the refusal names it, e.g. `a ferramenta sales__query`. */
  readonly what: string;
  readonly readOnly: boolean;
  readonly params: (candidate: CandidateRef) => JsonObject;
  /** What is asked for with what: rounds of one call are about the same. */
  readonly subject: readonly unknown[];
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What a client reads a URI of the answer by, for an answer of which parts are left out; the URI itself when absent. */
  readonly shownUri?: ((uri: string) => string) | undefined;
}

/** A result that no server can fill a conversation with. */
export interface FittedResult extends Served, Pick<CappedResult, 'unfit'> {}

/** The one way from a mounted item to its servers: only those in scope are ever asked. */
export class Forwarder {
  readonly #registry: Pick<UpstreamRegistry, 'forward'>;
  readonly #rounds: Rounds;
  readonly #logger: Logger;
  readonly #keys = new PrincipalKeys();

  constructor(registry: Pick<UpstreamRegistry, 'forward'>, rounds: Rounds, logger: Logger) {
    this.#registry = registry;
    this.#rounds = rounds;
    this.#logger = logger;
  }

  /**
   * The text of the result, cleaned and capped; for clients of 2026-07-28 perhaps one that asks for something first.
   *
   * @throws OutOfDomainError without a word to any server; ServerRefusedError; UpstreamUnavailableError;
   * OutcomeUnknownError; CancelledError
   */
  async run(
    { candidates, domain, unlisted }: MountedItem,
    scope: Scope,
    errand: Errand,
    context: CallContext,
  ): Promise<FittedResult> {
    const { method, what, readOnly, params, subject, headers } = errand;
    const allowed = scope === undefined ? candidates : candidates.filter(({ domains }) => isInScope(scope, domains));
    if (allowed.length === 0) throw outOfDomain(what, new Set(candidates.flatMap(({ domains }) => domains)));
    try {
      // A server that keeps state keeps one for each principal, for callers without a session.
      const sessionId = context.session?.id ?? this.#keys.of(context.principal);
      const caller = context.session?.id ?? context.requestId;
      const served = await this.#rounds.run(context, [method, ...subject], (how, server) => {
        const able = server === undefined ? allowed : allowed.filter((candidate) => candidate.server === server);
        if (able.length === 0) throw new InvalidStateError();
        return this.#registry.forward(
          able,
          method,
          params,
          { readOnly, unlisted },
          onBehalf(how, sessionId, caller, headers),
        );
      });
      const { servedBy } = served;
      this.#logger.debug({ requestId: context.requestId, method, served_by: servedBy }, 'served');
      const { text, unfit } = fitResult(served.resultText, errand);
      return { servedBy, resultText: text, unfit };
    } catch (thrown) {
      if (!(thrown instanceof UpstreamAnswerError)) throw thrown;
      if (thrown instanceof MalformedAnswerError) throw noResult(what, thrown);
      if (thrown instanceof HttpRefusalError) throw refusedByHttp(what, readOnly, thrown);
      const words = ownWords(thrown.message);
      const rpcData = refusalData(thrown.code, thrown.data, domain);
      throw new ServerRefusedError(`O servidor recusou ${what}: ${words}`, thrown.code, { cause: thrown, rpcData });
    }
  }
}

/** Written out, because each member that is written after a spread costs V8 a microsecond or two. */
function onBehalf(
  { signal, progress, log, ask, modern }: ClientWay,
  sessionId: string,
  caller: string,
  headers: Errand['headers'],
): ForwardContext {
  return { signal, sessionId, caller, progress, log, ask, modern, headers };
}

/** A write whose answer is none has thrown OutcomeUnknownError before. */
function noResult(what: string, cause: MalformedAnswerError): ServerRefusedError {
  if (cause instanceof OversizedAnswerError) {
    return new ServerRefusedError(`A resposta do servidor ao pedido ${of(what)} é grande demais.`, INTERNAL_ERROR, {
      cause,
      hint: 'Peça menos de uma vez (filtro, página, período).',
    });
  }
  return new ServerRefusedError(
    `O servidor respondeu ao pedido ${of(what)} algo que não é um resultado de MCP.`,
    INTERNAL_ERROR,
    { cause, hint: 'O defeito é do servidor: avise quem o mantém.' },
  );
}

function refusedByHttp(what: string, readOnly: boolean, cause: HttpRefusalError): ServerRefusedError {
  const words = cause.spoken ? ownWords(cause.message) : `respondeu HTTP ${cause.status} sem dizer por quê.`;
  return new ServerRefusedError(`O servidor recusou ${what}: ${words}`, cause.code, {
    cause,
    hint: readOnly
      ? 'Se continuar, avise quem mantém o servidor.'
      : 'Não se sabe se o pedido teve efeito: verifique antes de repetir.',
  });
}

const asWritten = (uri: string): string => uri;

function fitResult(
  resultText: JsonText,
  { method, what, readOnly, shownUri = asWritten }: Errand,
): { readonly text: JsonText; readonly unfit?: CappedResult['unfit'] } {
  const fit = typeof resultText === 'string' ? soleMembers(plainSpelling(cleanJson(resultText))) : resultText;
  const maxBytes = method === RESOURCES_READ ? MAX_READING_BYTES : MAX_RESULT_BYTES;
  // No UTF-16 unit takes more than three bytes.
  if (typeof fit === 'string' ? fit.length * 3 <= maxBytes : fit.length <= maxBytes) return { text: fit };
  const bytes = Buffer.byteLength(fit);
  if (bytes <= maxBytes) return { text: fit };
  if (method === TOOLS_CALL) return capResult(fit.toString(), readOnly);
  const capped = method === RESOURCES_READ ? capReading(fit.toString(), shownUri) : undefined;
  if (capped !== undefined) return { text: capped };
  throw new ServerRefusedError(
    `A resposta do servidor ao pedido ${of(what)} tem ${bytes} bytes e o limite do gateway é ${maxBytes}.`,
    INTERNAL_ERROR,
    { hint: 'Peça uma parte menor, se o servidor a oferece, ou busque o conteúdo direto nele.' },
  );
}

/**
 * A result as the shape that is needed of it, with exact numbers.
 *
 * @throws ServerRefusedError when the server answered something else, or more such numbers than are kept
 */
export function readResult<S extends z.ZodType>({ resultText, servedBy }: Served, schema: S): z.output<S> {
  const parsed = schema.safeParse(exactly(resultText.toString(), servedBy));
  if (parsed.success) return parsed.data;
  throw new ServerRefusedError(`O servidor ${servedBy} respondeu algo que não é um resultado de MCP.`, INTERNAL_ERROR, {
    cause: z.treeifyError(parsed.error),
    hint: 'O defeito é do servidor: avise quem o mantém.',
  });
}

function exactly(text: string, server: string): unknown {
  try {
    return parseExactly(text, MAX_EXACT_NUMBERS);
  } catch (thrown) {
    if (!(thrown instanceof TooManyExactNumbersError)) throw thrown;
    throw new ServerRefusedError(
      `A resposta do servidor ${server} tem mais de ${MAX_EXACT_NUMBERS} números com mais dígitos do que um número comporta.`,
      INTERNAL_ERROR,
      {
        cause: thrown,
        hint: 'Números assim são códigos: o servidor deveria enviá-los como texto. Avise quem o mantém.',
      },
    );
  }
}
