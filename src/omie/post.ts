/** The only socket of this server towards Omie. */

import type { Dispatcher } from 'undici';
import { CancelledError } from '../errors.ts';
import type { StopSignal } from '../stop-signal.ts';
import type { Clock } from './clock.ts';
import { Connections } from './connections.ts';
import { OmieFault } from './faults.ts';
import { type BodyReader, createBodyReader } from './read-body.ts';
import { Turns } from './turns.ts';

export interface PostReply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

export interface PostOptions {
  readonly signal?: StopSignal | undefined;
  /** Whole time of this attempt, in milliseconds; the idle times below may end it earlier. */
  readonly timeoutMs: number;
}

export interface Post {
  /**
   * One POST to the path below the base URL. Resolves with any status; throws `OmieFault` (network, bad-response) or
   * `CancelledError`. Never follows a redirect: Omie redirects a path without its slash, and the POST would become a GET.
   */
  send(path: string, body: string, options: PostOptions): Promise<PostReply>;
  /** Loads what the first request would else wait for. */
  warmUp(): Promise<void>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

/**
 * No further byte for this long, once an answer has begun. Before its first byte Omie has all the time of the attempt: the
 * morning rush is slow, and a question given up is refused as a repeat for the next minute.
 */
export const IDLE_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;
/** Four calls a method and company at once, for two hundred companies and some. */
const MAX_CONNECTIONS = 1_024;
const REQUESTS_A_TURN = 8;

export interface PostSettings {
  readonly baseUrl: string;
  readonly clock: Clock;
  /** Another way to the wire, for tests and proxies. */
  readonly dispatcher?: Dispatcher | undefined;
}

export function createPost({ baseUrl, clock, dispatcher }: PostSettings): Post {
  const base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  // So that the first of two hundred requests is on its way before the last connection is begun.
  const leaving = new Turns(REQUESTS_A_TURN);
  const connections = new Connections();
  let opened: Promise<Dispatcher> | undefined;
  const wire = (): Promise<Dispatcher> => {
    opened ??= dispatcher === undefined ? openPool(base.origin, connections) : Promise.resolve(dispatcher);
    return opened;
  };
  return {
    async send(path, body, options) {
      const pool = await wire();
      await leaving.next();
      await connections.take();
      return new Promise((resolve, reject) => {
        const exchange = new Exchange(clock, options, {
          answered: (reply) => {
            connections.giveBack();
            resolve(reply);
          },
          failed: (error) => {
            connections.drop();
            reject(error);
          },
        });
        if (options.signal?.aborted) return exchange.cancel();
        pool.dispatch(
          { origin: base.origin, path: `${base.pathname}${path}`, method: 'POST', headers: REQUEST_HEADERS, body },
          exchange,
        );
      });
    },
    async warmUp() {
      await wire();
    },
    async close() {
      await (await opened)?.destroy();
    },
  };
}

/** Loaded late: a tenth of a second that a client waiting for `tools/list` need not wait. */
async function openPool(origin: string, connections: Connections): Promise<Dispatcher> {
  const { Pool } = await import('undici');
  const pool = new Pool(origin, {
    connections: MAX_CONNECTIONS,
    // Omie's front answers one request at a time on a connection; a second behind it would only wait.
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    // Both are watched below, on the injected clock and to the millisecond.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  pool.on('connect', () => connections.opened());
  pool.on('disconnect', () => connections.closed());
  return pool;
}

/** Whoever asks again at once meets the same slow Omie. */
const TIME_UP = { timeUp: true, waitMs: 10_000 };

const REQUEST_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json',
  'accept-encoding': 'gzip, br',
};

interface Listener {
  answered(reply: PostReply): void;
  failed(error: Error): void;
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #clock: Clock;
  readonly #signal: StopSignal | undefined;
  readonly #listener: Listener;
  #controller: Dispatcher.DispatchController | undefined;
  #failure: Error | undefined;
  #settled = false;
  #status = 0;
  #retryAfter: string | undefined;
  #body: BodyReader | undefined;
  #lastByteAt: number;
  readonly #endsAt: number;
  #callOffTimer: () => void;

  constructor(clock: Clock, { signal, timeoutMs }: PostOptions, listener: Listener) {
    this.#clock = clock;
    this.#signal = signal;
    this.#listener = listener;
    this.#lastByteAt = clock.now();
    this.#endsAt = this.#lastByteAt + timeoutMs;
    this.#callOffTimer = clock.after(timeoutMs, this.#watch);
    signal?.addEventListener('abort', this.cancel, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Given up while still waiting for a connection: nothing may be sent any more.
    if (this.#failure !== undefined) controller.abort(this.#failure);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.#lastByteAt = this.#clock.now();
    this.#status = status;
    this.#retryAfter = oneOf(headers['retry-after']);
    this.#body = createBodyReader(oneOf(headers['content-encoding']), {
      done: (text) => this.#finish(text),
      failed: (fault) => this.#fail(fault),
      alive: () => {
        this.#lastByteAt = this.#clock.now();
      },
    });
    this.#callOffTimer();
    this.#watch();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#lastByteAt = this.#clock.now();
    this.#body?.write(chunk);
  }

  onResponseEnd(): void {
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(networkFault(error));
  }

  /** One timer an attempt, set again only when it finds that bytes came meanwhile. */
  readonly #watch = (): void => {
    const now = this.#clock.now();
    const silentAt = this.#body !== undefined ? this.#lastByteAt + IDLE_MS : Number.POSITIVE_INFINITY;
    const dueAt = Math.min(silentAt, this.#endsAt);
    const wasSilent = this.#body === undefined && now - this.#lastByteAt >= IDLE_MS;
    if (now >= silentAt || (wasSilent && now >= dueAt)) this.#fail(new OmieFault('network', 'No answer in time.'));
    else if (now >= dueAt) this.#fail(new OmieFault('network', 'Our time is over.', TIME_UP));
    else this.#callOffTimer = this.#clock.after(dueAt - now, this.#watch);
  };

  readonly cancel = (): void => this.#fail(new CancelledError());

  #finish(text: string): void {
    if (!this.#settle()) return;
    this.#listener.answered({ status: this.#status, retryAfter: this.#retryAfter, text });
  }

  #fail(error: Error): void {
    if (!this.#settle()) return;
    this.#failure = error;
    this.#body?.destroy();
    this.#controller?.abort(error);
    this.#listener.failed(error);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#callOffTimer();
    this.#signal?.removeEventListener('abort', this.cancel);
    return true;
  }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;
const oneOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** A bad certificate does not mend itself within seconds: it is not worth a second attempt. */
function networkFault(error: Error): OmieFault {
  const code = codeOf(error);
  const certificate = /CERT|^ERR_TLS|^ERR_SSL|^EPROTO$|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code);
  return new OmieFault('network', certificate ? 'TLS' : 'The connection failed.', {
    retryable: !certificate,
    code: code === '' ? undefined : code,
    cause: error,
  });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code !== '' ? code : codeOf(error.cause);
}
