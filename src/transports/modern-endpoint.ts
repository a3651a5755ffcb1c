import { isJSONRPCRequest, LOG_LEVEL_META_KEY } from '@modelcontextprotocol/server';
import type { CatalogChange } from '../server/catalog.ts';
import { echoableId, errorText, type Fields, INVALID_REQUEST } from '../server/json-rpc.ts';
import type { LaneRequest } from '../server/lane.ts';
import { logThreshold } from '../server/reporter.ts';
import { metaOf } from './envelope.ts';
import { ListenHub } from './listen-hub.ts';
import { ModernMux, type ModernReply, type Sender } from './modern-mux.ts';
import type { SessionParts } from './session-parts.ts';

/** Stops the work on a request whose sender is gone or has cancelled it. */
export type Cancel = () => void;

/** Every request of 2026-07-28, over whichever transport: listening, the fast lane, or the one shared server. */
export class ModernEndpoint {
  readonly #parts: SessionParts;
  readonly #mux: ModernMux;
  readonly #listen: ListenHub;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#mux = new ModernMux(parts, parts.onError);
    this.#listen = new ListenHub(parts.catalog);
  }

  /** Any request with a valid envelope; the answer and what precedes it go to `reply`. */
  serve(message: Fields, sender: Sender, reply: ModernReply): Cancel {
    const call = this.#parts.lane.read(message, sender.principal);
    if (call !== undefined) return this.#serveLane(call, message, sender, reply);
    if (!isJSONRPCRequest(message)) {
      reply.answer(0, errorText(echoableId(message), INVALID_REQUEST, 'Invalid Request'), 400);
      return () => {};
    }
    if (message.method === 'subscriptions/listen') return this.#listen.open(message, reply);
    return this.#mux.ask(message, sender, reply);
  }

  #serveLane(call: LaneRequest, message: Fields, sender: Sender, reply: ModernReply): Cancel {
    const abort = new AbortController();
    const caller = {
      ...sender,
      era: 'modern' as const,
      signal: abort.signal,
      // The level comes with each request; without one the client wants no messages (server/utilities/logging).
      logThreshold: logThreshold(metaOf(message)?.[LOG_LEVEL_META_KEY]),
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

  /** Ends every subscription with the result that tells its client so. */
  stopListening(): void {
    this.#listen.close();
  }

  /** Aborts whatever is still in progress. */
  close(): void {
    this.#listen.close();
    this.#mux.close().catch(this.#parts.onError);
  }
}
