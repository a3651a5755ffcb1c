/** A route as data: what it takes, what it answers, and the one function that does it. */
import { z } from 'zod';
import { fieldSentence } from '../../tools/field-sentence.ts';
import { lostKeys } from '../../tools/lost-keys.ts';
import type { StreamEvent } from '../live/stream-event.ts';
import { HubError, type ProblemCode } from '../problem.ts';
import { fieldProblems } from './field-problems.ts';

export interface RouteContext {
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
  readonly requestId: string;
  /** The caller would rather have `text/event-stream` than JSON. */
  readonly wantsEvents?: boolean;
  /** Says in the audit what the request was about, e.g. a server's id or `npm:name@1.2.3`. */
  about(target: string): void;
}

export type RouteAnswer =
  | { readonly status: number; readonly body?: unknown }
  /** JSON that others wrote a part of, as it is to be sent. */
  | { readonly status: number; readonly json: string }
  /**
   * Answered as a stream, as long as the caller stays. One that is `endless` stands in the audit when it begins: its end
   * says nothing. Any other is of work, whose failure is the answer's status where it comes first, and the audit's in any case.
   */
  | { readonly events: AsyncIterable<StreamEvent>; readonly endless?: boolean };

export interface AnswerSpec {
  readonly description: string;
  /** Undefined: no body. */
  readonly schema?: z.ZodType;
  /** `application/json` unless said otherwise. */
  readonly contentType?: string;
}

export interface RouteFacts {
  readonly method: 'get' | 'post' | 'delete';
  /** As OpenAPI writes it: `/api/servers/{id}`. */
  readonly path: string;
  /** For the audit and as `operationId`: `deploy`, `servers.list`. */
  readonly action: string;
  readonly summary: string;
  readonly description?: string;
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  /** What it can refuse, besides what every route can. */
  readonly problems: readonly ProblemCode[];
}

export interface Route extends RouteFacts {
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** {@link noBody}: none is read. */
  readonly body: z.ZodType;
  /** @throws HubError, AppError */
  handle(raw: { params: unknown; query: unknown; body: unknown }, context: RouteContext): Promise<RouteAnswer>;
}

interface RouteSpec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> extends RouteFacts {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  run(
    input: { readonly params: z.output<P>; readonly query: z.output<Q>; readonly body: z.output<B> },
    context: RouteContext,
  ): Promise<RouteAnswer>;
}

/** For routes without parameters in the path, or in the query. */
export const none = z.strictObject({});
/** For routes that take no body. */
export const noBody = z.unknown();

/** Ties a route's schemas to its function, so that neither needs a cast. */
export function defineRoute<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>({
  params,
  query,
  body,
  run,
  ...facts
}: RouteSpec<P, Q, B>): Route {
  return {
    ...facts,
    params,
    query,
    body,
    handle: async (raw, context) =>
      run(
        {
          params: checked(params, raw.params, 'O caminho'),
          query: checked(query, raw.query, 'A consulta (?…)'),
          body: checked(body, raw.body, 'O corpo do pedido'),
        },
        context,
      ),
  };
}

/** @throws HubError naming every field that is wrong */
function checked<S extends z.ZodType>(schema: S, value: unknown, part: string): z.output<S> {
  const parsed = schema.safeParse(value, { error: fieldSentence });
  const lost = lostKeys(value).map((field) => ({ field, message: 'esta chave não é aceita' }));
  if (parsed.success && lost.length === 0) return parsed.data;
  const named = new Set(lost.map(({ field }) => field));
  const others = fieldProblems(parsed.error?.issues ?? []).filter(({ field }) => !named.has(field));
  const errors = [...lost, ...others];
  const count = errors.length === 1 ? 'um problema' : `${errors.length} problemas`;
  throw new HubError('pedido_recusado', `${part} tem ${count}.`, {
    errors,
    hint: 'Corrija os campos em errors; /openapi.json diz o que cada um aceita.',
  });
}
