/** One request to one upstream: within its limits, over the right conversation, its health noted. */

import { CancelledError } from '../../errors.ts';
import { METHOD_NOT_FOUND } from '../../protocol/error-codes.ts';
import type { JsonText } from '../../protocol/json-rpc.ts';
import { ROOTS_LIST, type ServedMethod, TOOLS_CALL } from '../../protocol/methods.ts';
import { abortSignalOf, type StopSignal } from '../../stop-signal.ts';
import { timeLimit } from '../../time-limit.ts';
import type { JsonObject, Link, LinkRequestOptions, NotificationListener, RequestHandler } from '../links/link.ts';
import {
  NotAskedError,
  UpstreamAnswerError,
  UpstreamBusyError,
  UpstreamGoneError,
  UpstreamTimeoutError,
} from '../links/link-errors.ts';
import type { CallNews, CallOutcome } from './breaker.ts';
import { inTime } from './in-time.ts';
import { LISTING_MS } from './known-offer.ts';
import { isStillOffered, type OfferedItem } from './still-offered.ts';
import type { Upstream } from './upstream.ts';

export interface UpstreamCall extends Pick<LinkRequestOptions, 'readOnly' | 'modern' | 'headers'> {
  readonly method: ServedMethod;
  /** Tool, prompt or URI as the upstream calls it. */
  readonly name: string;
  /** What the caller chose by; undefined when nothing of that name was known. */
  readonly routedBy: OfferedItem | undefined;
  readonly params: JsonObject;
  readonly signal: StopSignal;
  /** Waiting, connecting and answering together, in milliseconds. */
  readonly timeoutMs: number;
  readonly sessionId: string | undefined;
  /** Whose call it is, where servers do not say which call they ask about. */
  readonly caller?: string | undefined;
  readonly onNotification?: NotificationListener | undefined;
  readonly ask?: RequestHandler | undefined;
}

/** What of an upstream a request needs. */
export type AskedUpstream = Pick<
  Upstream,
  | 'state'
  | 'offer'
  | 'link'
  | 'isStateful'
  | 'sessions'
  | 'slots'
  | 'breaker'
  | 'settled'
  | 'listed'
  | 'reread'
  | 'suspect'
  | 'heardFrom'
>;

const never = (message: string) => new NotAskedError(message);
const notConnected = ({ state }: Pick<Upstream, 'state'>): string =>
  state === 'quarantined' ? 'O servidor está em quarentena.' : 'O servidor não está conectado.';

/** @throws UpstreamAnswerError, UpstreamGoneError and UpstreamTimeoutError (with `sent`), CancelledError */
export async function askUpstream(upstream: AskedUpstream, call: UpstreamCall): Promise<JsonText> {
  const endsAt = performance.now() + call.timeoutMs;
  if (upstream.state === 'connecting') await upstream.settled(call.timeoutMs, call.signal);
  if (call.signal.aborted) throw new CancelledError();
  if (upstream.state !== 'connected') throw never(notConnected(upstream));
  const taken = upstream.slots.take(call.signal, Math.max(0, endsAt - performance.now()));
  const slot = typeof taken === 'function' || typeof taken === 'string' ? taken : await taken;
  if (typeof slot === 'string') throw never(slot === 'full' ? 'Pedidos demais esperam.' : 'A vez não chegou a tempo.');
  const report = upstream.breaker.enter();
  if (report === undefined) {
    slot();
    throw new NotAskedError('O disjuntor está aberto.', upstream.breaker.restsForMs);
  }
  try {
    const answer = await overItsLink(upstream, call, endsAt, slot, report);
    report('answered');
    upstream.heardFrom();
    return answer;
  } catch (thrown) {
    report(outcomeOf(thrown));
    if (thrown instanceof UpstreamGoneError && !(thrown instanceof NotAskedError)) upstream.suspect();
    throw thrown;
  } finally {
    slot();
  }
}

function outcomeOf(thrown: unknown): CallOutcome {
  if (thrown instanceof UpstreamAnswerError) return 'answered';
  // It turned us away, or we did not ask: neither is a failure of the upstream, and neither proves that it works.
  if (thrown instanceof NotAskedError || thrown instanceof UpstreamBusyError) return 'cancelled';
  return thrown instanceof UpstreamGoneError || thrown instanceof UpstreamTimeoutError ? 'failed' : 'cancelled';
}

async function overItsLink(
  upstream: AskedUpstream,
  call: UpstreamCall,
  endsAt: number,
  slot: () => void,
  report: (news: CallNews) => void,
): Promise<JsonText> {
  const { method, name, routedBy, params, signal, caller, readOnly, modern, headers } = call;
  const heard = (): void => report('heard');
  const onRequest = call.ask === undefined ? undefined : freeing(call.ask, slot, heard, isOwn(upstream, call));
  const onNotification: NotificationListener = (told, about) => {
    heard();
    call.onNotification?.(told, about);
  };
  let bytes: Buffer | undefined;
  const takeBytes = (result: Buffer): void => {
    bytes = result;
  };
  // After everything that is waited for: what is not allowed now is not sent.
  const sendNow = (link: Link): Promise<string> => {
    if (signal.aborted) throw new CancelledError();
    const timeoutMs = endsAt - performance.now();
    if (timeoutMs <= 0) throw never('O prazo acabou.');
    // Lost meanwhile: what it offers when it comes back is not known yet.
    if (upstream.state === 'connecting') throw new UpstreamGoneError('Não está conectado.', { sent: false });
    if (upstream.state !== 'connected') throw never(notConnected(upstream));
    if (!isStillOffered(routedBy, upstream.offer, method, name)) throw never('Não é mais oferecida como era.');
    return link.request(method, params, {
      signal,
      timeoutMs,
      onNotification,
      takeBytes,
      onRequest,
      caller,
      readOnly,
      modern,
      headers,
    });
  };
  const send = (link: Link): Promise<string> => {
    // What an announced change made of the tool is not known before it is listed.
    const listed = method === TOOLS_CALL ? upstream.listed(link) : undefined;
    if (listed === undefined) return sendNow(link);
    const timeoutMs = Math.min(LISTING_MS, Math.max(0, endsAt - performance.now()));
    const late = () => never('As ferramentas dele mudaram, e ele não as lista.');
    return inTime(listed, { signal, timeoutMs }, late).then(() => sendNow(link));
  };
  try {
    const text = await overOneLink(upstream, call, endsAt, send);
    return bytes ?? text;
  } catch (thrown) {
    // The upstream forgot our session, or ended before it was asked: a new conversation, once, has lost nothing.
    if (!isStale(thrown) || performance.now() >= endsAt) throw thrown;
    if (isOwn(upstream, call)) await readAgain(upstream, signal, endsAt);
    await upstream.settled(endsAt - performance.now(), signal);
    if (upstream.state !== 'connected' || signal.aborted) throw thrown;
    const text = await overOneLink(upstream, call, endsAt, send);
    return bytes ?? text;
  }
}

/** Who forgot a session may be another program by now, which the conversation that everybody shares has not met yet. */
async function readAgain(upstream: AskedUpstream, signal: StopSignal, endsAt: number): Promise<void> {
  const limit = timeLimit(abortSignalOf(signal), Math.max(0, Math.ceil(endsAt - performance.now())));
  await upstream
    .reread(limit.signal)
    .catch(() => upstream.suspect())
    .finally(() => limit.end());
}

function isStale(thrown: unknown): boolean {
  if (thrown instanceof NotAskedError || thrown instanceof UpstreamBusyError) return false;
  return thrown instanceof UpstreamGoneError && !thrown.sent && thrown.retryAfterMs === undefined;
}

function overOneLink(
  upstream: AskedUpstream,
  { sessionId, signal }: UpstreamCall,
  endsAt: number,
  send: (link: Link) => Promise<string>,
): Promise<string> {
  if (sessionId !== undefined && upstream.isStateful) {
    return upstream.sessions.with(sessionId, { signal, timeoutMs: Math.max(0, endsAt - performance.now()) }, send);
  }
  const { link } = upstream;
  if (link === undefined) return Promise.reject(new UpstreamGoneError('Não está conectado.', { sent: false }));
  return send(link);
}

/** Whether the conversation is one client's own. */
function isOwn({ isStateful }: AskedUpstream, { sessionId }: UpstreamCall): boolean {
  return sessionId !== undefined && isStateful;
}

/** While a person is asked, the upstream does nothing: others may have the slot. */
function freeing(ask: RequestHandler, slot: () => void, heard: () => void, isOwn: boolean): RequestHandler {
  return async (method, params) => {
    heard();
    // It would take one client's for those of all; it was not told that there are any.
    if (method === ROOTS_LIST && !isOwn) throw new UpstreamAnswerError(METHOD_NOT_FOUND, 'Method not found');
    slot();
    return ask(method, params);
  };
}
