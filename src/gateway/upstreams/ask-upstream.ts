/** One request to one upstream: within its limits, over the right conversation, its health noted. */
import { CancelledError } from '../../errors.ts';
import type { JsonObject, Link, LinkRequestOptions, NotificationListener, RequestHandler } from '../links/link.ts';
import { UpstreamAnswerError, UpstreamGoneError, UpstreamTimeoutError } from '../links/link-errors.ts';
import type { CallOutcome } from './breaker.ts';
import type { Upstream } from './upstream.ts';

export interface UpstreamCall extends Pick<LinkRequestOptions, 'modern' | 'headers'> {
  readonly method: string;
  readonly params: JsonObject;
  readonly signal: AbortSignal;
  /** Waiting, connecting and answering together, in milliseconds. */
  readonly timeoutMs: number;
  readonly sessionId: string | undefined;
  readonly onNotification?: NotificationListener | undefined;
  readonly ask?: RequestHandler | undefined;
  readonly onPlain?: LinkRequestOptions['onPlain'];
}

const never = (message: string) => new UpstreamGoneError(message, { sent: false });

/** @throws UpstreamAnswerError, UpstreamGoneError and UpstreamTimeoutError (with `sent`), CancelledError */
export async function askUpstream(upstream: Upstream, call: UpstreamCall): Promise<string> {
  const endsAt = performance.now() + call.timeoutMs;
  if (upstream.state === 'connecting') await upstream.settled(call.timeoutMs, call.signal);
  if (call.signal.aborted) throw new CancelledError();
  if (upstream.state !== 'connected') throw never(`The upstream is ${upstream.state}.`);
  const taken = upstream.slots.take(call.signal, endsAt - performance.now());
  const slot = typeof taken === 'function' || typeof taken === 'string' ? taken : await taken;
  if (typeof slot === 'string') throw never(slot === 'full' ? 'Too many requests wait.' : 'No turn in time.');
  const report = upstream.breaker.enter();
  if (report === undefined) {
    slot();
    throw never('The breaker is open.');
  }
  try {
    const answer = await overItsLink(upstream, call, endsAt, slot);
    report('answered');
    upstream.heardFrom();
    return answer;
  } catch (thrown) {
    report(outcomeOf(thrown));
    if (thrown instanceof UpstreamGoneError) upstream.suspect();
    throw thrown;
  } finally {
    slot();
  }
}

function outcomeOf(thrown: unknown): CallOutcome {
  if (thrown instanceof UpstreamAnswerError) return 'answered';
  return thrown instanceof UpstreamGoneError || thrown instanceof UpstreamTimeoutError ? 'failed' : 'cancelled';
}

async function overItsLink(upstream: Upstream, call: UpstreamCall, endsAt: number, slot: () => void): Promise<string> {
  const { method, params, signal, onNotification, onPlain, sessionId, modern, headers } = call;
  const onRequest = call.ask === undefined ? undefined : freeing(call.ask, slot);
  const send = (link: Link): Promise<string> => {
    const timeoutMs = Math.max(1, endsAt - performance.now());
    const options: LinkRequestOptions = { signal, timeoutMs, onNotification, onPlain, onRequest, modern, headers };
    return link.request(method, params, options);
  };
  try {
    return await overOneLink(upstream, sessionId, send);
  } catch (thrown) {
    // The upstream forgot our session, or ended before it was asked: a new conversation, once, has lost nothing.
    const stale = thrown instanceof UpstreamGoneError && !thrown.sent && thrown.retryAfterMs === undefined;
    if (!stale || performance.now() >= endsAt) throw thrown;
    await upstream.settled(endsAt - performance.now(), signal);
    if (upstream.state !== 'connected' || signal.aborted) throw thrown;
    return overOneLink(upstream, sessionId, send);
  }
}

function overOneLink(
  upstream: Upstream,
  sessionId: string | undefined,
  send: (link: Link) => Promise<string>,
): Promise<string> {
  if (sessionId !== undefined && upstream.isStateful) return upstream.sessions.with(sessionId, send);
  if (upstream.link === undefined) return Promise.reject(never('Not connected.'));
  return send(upstream.link);
}

/** While a person is asked, the upstream does nothing: others may have the slot. */
function freeing(ask: RequestHandler, slot: () => void): RequestHandler {
  return (method, params) => {
    slot();
    return ask(method, params);
  };
}
