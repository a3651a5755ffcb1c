/** One call on its way over the servers that could answer it, with its line in the log. */

import type { Logger } from '../../logging/logger.ts';
import type { ServedMethod } from '../../protocol/methods.ts';
import { LOG_MESSAGE, PROGRESS, PROMPTS_GET, TOOLS_CALL } from '../../protocol/methods.ts';
import type { JsonObject } from '../links/link.ts';
import { askInOrder } from '../routing/failover.ts';
import { askUpstream } from './ask-upstream.ts';
import { subjectOf } from './call-subject.ts';
import { type KnownCandidate, knownNow } from './known-candidate.ts';
import { isResultOf } from './mcp-result.ts';
import type { Upstream } from './upstream.ts';
import type { CandidateRef, ForwardContext, ForwardOptions, Served } from './upstream-registry.ts';

export interface ForwardedCall {
  readonly candidates: readonly CandidateRef[];
  readonly method: ServedMethod;
  readonly paramsFor: (candidate: CandidateRef) => JsonObject;
  readonly options: ForwardOptions;
  readonly context: ForwardContext;
}

/** As `UpstreamRegistry.forward` says it; `byId` are the servers mounted now. */
export async function forwardCall(
  byId: ReadonlyMap<string, Upstream>,
  { candidates, method, paramsFor, options: { readOnly, unlisted }, context }: ForwardedCall,
  logger: Logger,
): Promise<Served> {
  const effect = readOnly ? 'read' : 'write';
  const { signal, sessionId, caller, ask, modern, headers } = context;
  const beganAt = performance.now();
  const onNotification = (name: string, params: JsonObject): void => {
    if (name === PROGRESS) context.progress(params);
    else if (name === LOG_MESSAGE) context.log(params);
  };
  const known: KnownCandidate[] = [];
  const asked: string[] = [];
  const name = candidates[0]?.name ?? '';
  // A URI may hold what only its reader should see.
  const loggable = method === TOOLS_CALL || method === PROMPTS_GET ? name : undefined;
  try {
    for (const ref of candidates) {
      const upstream = byId.get(ref.server);
      if (upstream === undefined) continue;
      known.push(knownNow(ref, upstream, method, effect));
      upstream.calls.begin();
    }
    const { resultText, servedBy, failed } = await askInOrder({
      candidates: known,
      effect,
      unlisted,
      subject: subjectOf(method, name),
      isResult: (text) => isResultOf(method, text),
      timeoutOf: ({ upstream }) => upstream.config.timeoutMs,
      ask: ({ upstream, ref, routedBy }, timeoutMs) => {
        asked.push(ref.server);
        return askUpstream(upstream, {
          method,
          name: ref.name,
          routedBy,
          params: paramsFor(ref),
          signal,
          timeoutMs,
          sessionId,
          caller,
          readOnly,
          onNotification,
          ask: ask && ((name, params) => ask(name, params, ref.server)),
          modern,
          headers,
        });
      },
    });
    logger.info(
      { server: servedBy, method, name: loggable, duration_ms: since(beganAt), failed_over: failed.length },
      'upstream call',
    );
    return { resultText, servedBy };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.name : 'unknown';
    // Who failed last; the preferred one when none was worth asking.
    const server = asked.at(-1) ?? candidates[0]?.server;
    const failed_over = Math.max(asked.length - 1, 0);
    logger.info(
      { server, method, name: loggable, duration_ms: since(beganAt), failed_over, error },
      'upstream call failed',
    );
    throw thrown;
  } finally {
    for (const { upstream } of known) upstream.calls.end();
  }
}

const since = (beganAt: number): number => Math.round(performance.now() - beganAt);
