import { z } from 'zod';
import { ServerRefusedError } from '../../errors.ts';
import type { Logger } from '../../logging/logger.ts';
import { INTERNAL_ERROR } from '../../protocol/error-codes.ts';
import type { ServedMethod } from '../../protocol/methods.ts';
import type { CallContext } from '../../tools/tool-source.ts';
import { isInScope, outOfDomain, type Scope } from '../domains/scope.ts';
import type { JsonObject } from '../links/link.ts';
import { UpstreamAnswerError } from '../links/link-errors.ts';
import { capResult } from '../trust/cap-result.ts';
import { cleanJson, cleanText, shorten } from '../trust/clean-text.ts';
import type { CandidateRef, Served, UpstreamRegistry } from '../upstreams/upstream-registry.ts';
import { forwardContext } from './forward-context.ts';
import type { MountedItem } from './mount-table.ts';
import { PrincipalKeys } from './principal-keys.ts';

/** Says in `_meta` which mounted server answered. */
export const SERVED_BY = 'omie-mcp-hub/served-by';

/** An upstream's own sentence, as far as it is repeated. */
const MAX_WORDS = 500;

export interface Errand {
  readonly method: ServedMethod;
  /** How the refusal names it, e.g. `a ferramenta sales__query`. */
  readonly what: string;
  readonly readOnly: boolean;
  readonly params: (candidate: CandidateRef) => JsonObject;
}

/** The one way from a mounted item to its servers: only those in scope are ever asked. */
export class Forwarder {
  readonly #registry: Pick<UpstreamRegistry, 'forward'>;
  readonly #logger: Logger;
  readonly #keys = new PrincipalKeys();

  constructor(registry: Pick<UpstreamRegistry, 'forward'>, logger: Logger) {
    this.#registry = registry;
    this.#logger = logger;
  }

  /**
   * The text of the result, cleaned and capped.
   *
   * @throws OutOfDomainError without a word to any server; ServerRefusedError; UpstreamUnavailableError;
   * OutcomeUnknownError; CancelledError
   */
  async run({ candidates }: MountedItem, scope: Scope, errand: Errand, context: CallContext): Promise<Served> {
    const { method, what, readOnly, params } = errand;
    const allowed = candidates.filter(({ domains }) => isInScope(scope, domains));
    if (allowed.length === 0) throw outOfDomain(what, new Set(candidates.flatMap(({ domains }) => domains)));
    try {
      const served = await this.#registry.forward(
        allowed,
        method,
        params,
        { readOnly },
        forwardContext(context, this.#keys),
      );
      const { servedBy } = served;
      this.#logger.debug({ requestId: context.requestId, method, served_by: servedBy }, 'served');
      return { servedBy, resultText: capResult(cleanJson(served.resultText)) };
    } catch (thrown) {
      if (!(thrown instanceof UpstreamAnswerError)) throw thrown;
      const words = shorten(cleanText(thrown.message), MAX_WORDS);
      throw new ServerRefusedError(`O servidor recusou ${what}: ${words}`, thrown.code, { cause: thrown });
    }
  }
}

/**
 * A result as the shape that is needed of it.
 *
 * @throws ServerRefusedError when the server answered something else
 */
export function readResult<S extends z.ZodType>({ resultText, servedBy }: Served, schema: S): z.output<S> {
  const parsed = schema.safeParse(JSON.parse(resultText));
  if (parsed.success) return parsed.data;
  throw new ServerRefusedError(`O servidor ${servedBy} respondeu algo que não é um resultado de MCP.`, INTERNAL_ERROR, {
    cause: z.treeifyError(parsed.error),
  });
}
