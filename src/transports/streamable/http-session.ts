import type { Principal } from '../../companies/principal.ts';
import { type Fields, isFields, isRequestId, notificationText, type RequestId } from '../../protocol/json-rpc.ts';
import { CANCELLED } from '../../protocol/methods.ts';
import { PRIMED_STREAMS_REVISION } from '../../protocol/revisions.ts';
import { type CatalogChange, mayHearOf } from '../../server/catalog.ts';
import type { Caller } from '../../tools/tool-source.ts';
import type { KeepAlive } from '../keep-alive.ts';
import { methodOf } from '../listen-hub.ts';
import type { SessionParts } from '../session-parts.ts';
import type { SessionChange, SessionRecord } from '../session-shelf.ts';
import type { Channel } from './channel.ts';
import type { EventStream } from './event-stream.ts';
import type { Exchange, ExchangeHost } from './exchange.ts';
import { PendingRequests } from './pending-requests.ts';
import { SessionStreams } from './session-streams.ts';

/**
 * One Streamable HTTP session of 2025-03-26 … 2025-11-25: who opened it, what is in flight, what streams are open. An
 * idle one holds little more than its id.
 */
export class HttpSession implements ExchangeHost {
  readonly id: string;
  readonly principal: Principal;
  readonly caller: Caller;
  readonly version: string;
  /** Called with what of it is another than before. */
  changed: (change: SessionChange) => void = () => {};
  readonly #parts: SessionParts;
  readonly #requests: PendingRequests;
  #streams: SessionStreams | undefined;
  #listeners = 0;
  /** Settled when what it watched before a restart is watched again. */
  #watching: Promise<unknown> = Promise.resolve();

  constructor(
    { id, principal, lasting }: { id: string; principal: Principal; lasting: boolean },
    { handshake, version, domains, logLevel }: SessionRecord,
    parts: SessionParts,
  ) {
    this.id = id;
    this.principal = principal;
    this.caller = { principal, domains, session: { id, lasting } };
    this.version = version;
    this.#parts = parts;
    this.#requests = new PendingRequests(parts, this, handshake, logLevel);
  }

  get keepAlive(): KeepAlive {
    return this.#parts.keepAlive;
  }

  get primesStreams(): boolean {
    return this.version >= PRIMED_STREAMS_REVISION;
  }

  /** Busy sessions are not evicted: something is in flight, or the client listens. */
  get busy(): boolean {
    return this.#requests.size > 0 || this.#listeners > 0;
  }

  /** Tells the client of a change, on a stream it opened for that; resources only if it watches them. */
  announceChange(change: CatalogChange): void {
    if (!mayHearOf(change, this.caller)) return;
    if (change.kind === 'resource' && !this.#requests.watches(change.uri)) return;
    this.announce(notificationText(methodOf(change), change.kind === 'resource' ? { uri: change.uri } : undefined));
  }

  /** Takes up what it watched before a restart. @returns as {@link PendingRequests.watchAgain} */
  watchAgain(uris: readonly string[]): Promise<readonly string[]> {
    const wanted = this.#requests.watchAgain(uris);
    this.#watching = wanted.catch(() => {});
    return wanted;
  }

  request(message: Fields, id: RequestId, exchange: Exchange): void {
    this.#requests.begin(message, id, exchange);
  }

  /** A notification or a response: nothing goes back. */
  accept(message: Fields): void {
    const { method, params } = message;
    if (method === CANCELLED) {
      if (isFields(params) && isRequestId(params['requestId'])) this.#requests.cancel(params['requestId']);
    } else this.#requests.tell(message);
  }

  announce(text: string): void {
    this.#streams?.announce(text);
  }

  openChannel(): Channel {
    this.#streams ??= new SessionStreams();
    return this.#streams.open();
  }

  listen(stream: EventStream): void {
    this.#streams ??= new SessionStreams();
    this.#streams.listen(stream);
  }

  /** False for an id that no process of this session can have given out, or when an answer behind it is gone. */
  resume(lastId: string, open: () => EventStream): boolean {
    this.#streams ??= new SessionStreams();
    const how = this.#streams.resume(lastId, open);
    if (how === 'holes') this.#announceAll();
    return how !== undefined;
  }

  /** Nobody knows what was not heard: every list counts as changed, and every watched resource. */
  #announceAll(): void {
    for (const kind of ['tools', 'prompts', 'resources'] as const) this.announceChange({ kind });
    // Those that are not watched again yet may still change unheard.
    this.#watching.then(() => {
      for (const uri of this.#requests.watched) this.announceChange({ kind: 'resource', uri });
    });
  }

  listenerCame(): void {
    this.#listeners += 1;
  }

  listenerLeft(): void {
    this.#listeners -= 1;
  }

  finished(channel: Channel | undefined): void {
    if (channel !== undefined) this.#streams?.finish(channel);
    this.#parts.inFlight.leave();
  }

  gone(exchange: Exchange): void {
    this.#requests.cancelAll(exchange);
    this.#parts.inFlight.leave();
  }

  close(): void {
    this.#requests.close();
    this.#streams?.close();
    this.#parts.onSessionEnd(this);
  }
}
