/** The connections to one upstream, shared by all its conversations. */
import type { Dispatcher } from 'undici';
import { guardedLookup, type Resolve } from '../trust/guarded-connect.ts';
import { type AddressRule, checkUrl } from '../trust/private-address.ts';

export interface HttpWire {
  readonly url: URL;
  /** Over connections that are kept for the next request. */
  readonly dispatcher: Dispatcher;
  /** Over a connection that no other request used or will use. */
  readonly fresh: Dispatcher;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export interface WireOptions {
  readonly rule: AddressRule;
  readonly connectTimeoutMs: number;
  readonly resolve?: Resolve | undefined;
}

/**
 * Node's servers close an idle connection after 5 s and, where they answer with a stream as MCP's SDKs do, do not say so.
 * A request that is sent just then is lost, and of a write nobody would know: so long before, as undici itself keeps away
 * from a time it is told.
 */
const KEEP_ALIVE_MS = 3_000;
/** Requests and streams together; how many requests run at once is decided above. */
const MAX_CONNECTIONS = 256;

/** @throws BlockedAddressError before anything is resolved or connected. */
export async function openHttpWire(
  address: string,
  { rule, connectTimeoutMs, resolve }: WireOptions,
): Promise<HttpWire> {
  const url = checkUrl(address, rule);
  // Loaded late: whoever mounts nothing over HTTP need not wait for it.
  const { Pool } = await import('undici');
  const options = {
    connections: MAX_CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: connectTimeoutMs, lookup: guardedLookup(rule, resolve) },
    // Both are watched by the exchange, to the millisecond.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const dispatcher = new Pool(url.origin, { ...options, pipelining: 1 });
  const fresh = new Pool(url.origin, { ...options, pipelining: 0 });
  const close = async (): Promise<void> => {
    await Promise.all([dispatcher.destroy(), fresh.destroy()]);
  };
  return { url, dispatcher, fresh, close };
}
