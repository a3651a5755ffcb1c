/** The connections to one upstream, shared by all its conversations. */
import type { Dispatcher } from 'undici';
import { guardedLookup, type Resolve } from '../trust/guarded-connect.ts';
import { type AddressRule, checkUrl } from '../trust/private-address.ts';

export interface HttpWire {
  readonly url: URL;
  readonly dispatcher: Dispatcher;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export interface WireOptions {
  readonly rule: AddressRule;
  readonly connectTimeoutMs: number;
  readonly resolve?: Resolve | undefined;
}

const KEEP_ALIVE_MS = 10_000;
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
  const dispatcher = new Pool(url.origin, {
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: connectTimeoutMs, lookup: guardedLookup(rule, resolve) },
    // Both are watched by the exchange, to the millisecond.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { url, dispatcher, close: () => dispatcher.destroy() };
}
