import type { Principal } from '../companies/principal.ts';
import { INTERNAL_ERROR, INVALID_REQUEST } from '../protocol/error-codes.ts';
import { echoableId, type Fields, isRequestId, type RequestId } from '../protocol/json-rpc.ts';
import { LOG_LEVEL_META_KEY } from '../protocol/meta-keys.ts';
import { LISTEN } from '../protocol/methods.ts';
import { carriedHandles } from '../server/carried-handles.ts';
import type { CatalogChange } from '../server/catalog.ts';
import { modernFeatures } from '../server/client-features.ts';
import type { LaneRequest } from '../server/lane.ts';
import { logThreshold } from '../server/reporter.ts';
import { CallStop } from '../stop-signal.ts';
import { metaOf } from './envelope.ts';
import { ListenHub } from './listen-hub.ts';
import type { ModernMux, ModernReply, Sender } from './modern-mux.ts';
import type { SessionParts } from './session-parts.ts';

/** The lane leaves further rounds of a call to the SDK's server. */
const FIRST_ROUND = Object.freeze({});

/** Stops the work on a request whose sender is gone or has cancelled it. */
export type Cancel = () => void;

/** Every request of 2026-07-28, over whichever transport: listening, the fast lane, or the one shared server. */
export class ModernEndpoint {
  readonly #parts: SessionParts;
  readonly #listen: ListenHub;
  #mux: Promise<ModernMux> | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#listen = new ListenHub(parts);
  }

  /** Any request with a valid envelope; the answer and what precedes it go to `reply`. */
  serve(message: Fields, sender: Sender, reply: ModernReply): Cancel {
    const call = this.#parts.lane.read(message, sender);
    if (call !== undefined) return this.#serveLane(call, message, sender, reply);
    const id = echoableId(message);
    if (id === null) {
      // Under its own id: whoever shares the line waits for that one.
      const own = isRequestId(message['id']) ? message['id'] : 0;
      reply.answer(own, this.#parts.errors.text(null, { code: INVALID_REQUEST, message: 'Invalid Request' }), 400);
      return () => {};
    }
    if (message['method'] === LISTEN) {
      const caller = { ...sender, ...carriedHandles(metaOf(message)) };
      return this.#listen.open(id, message['params'], caller, reply);
    }
    return this.#askServer(message, id, sender, reply);
  }

  /** The SDK is loaded with the first request that needs it; the order of requests stays. */
  #askServer(message: Fields, id: RequestId, sender: Sender, reply: ModernReply): Cancel {
    this.#mux ??= import('./modern-mux.ts').then(({ ModernMux }) => new ModernMux(this.#parts));
    let cancelled = false;
    let cancel: Cancel = () => {
      cancelled = true;
    };
    this.#mux
      .then((mux) => {
        if (!cancelled) cancel = mux.ask(message, id, sender, reply);
      })
      .catch((error: unknown) => {
        this.#parts.onError(error);
        reply.answer(id, this.#parts.errors.text(id, { code: INTERNAL_ERROR, message: 'Internal error' }));
      });
    return () => cancel();
  }

  #serveLane(call: LaneRequest, message: Fields, sender: Sender, reply: ModernReply): Cancel {
    const abort = new CallStop();
    const envelope = metaOf(message) ?? {};
    const caller = {
      era: 'modern' as const,
      signal: abort,
      // The level comes with each request; without one the client wants no messages (server/utilities/logging).
      logThreshold: logThreshold(envelope[LOG_LEVEL_META_KEY]),
      features: modernFeatures(envelope, FIRST_ROUND),
      ...sender,
    };
    this.#parts.lane.serve(call, caller, reply).catch(this.#parts.onError);
    return () => abort.abort();
  }

  announce(change: CatalogChange): void {
    this.#listen.publish(change);
  }

  get listeners(): number {
    return this.#listen.size;
  }

  /** Ends what a principal listens to. */
  stopListeningFor(principal: Principal): void {
    this.#listen.endFor(principal);
  }

  /** Ends every subscription with the result that tells its client so. */
  stopListening(): void {
    this.#listen.close();
  }

  /** Aborts whatever is still in progress. */
  close(): void {
    this.#listen.close();
    this.#mux?.then((mux) => mux.close()).catch(this.#parts.onError);
  }
}
