/** The client, put together: one socket, one budget for the address, one memory of replies. */

import type { Dispatcher } from 'undici';
import type { CompanyCredentials } from '../companies/company.ts';
import type { CallBudget, ReplyExchange } from '../coordination/coordination.ts';
import { CancelledError } from '../errors.ts';
import { Breaker } from './breaker.ts';
import { type CallLayers, type Observation, PageCaller } from './call.ts';
import { listarEmpresas } from './calls/empresas.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { toAppError } from './failures.ts';
import { FairLimiter } from './fair-limiter.ts';
import { OmieFault } from './faults.ts';
import type { Limiter } from './limiter.ts';
import type { ListReading, OmieCall, OmieClient, OmieParams, OmieStats, ReadOptions } from './omie-client.ts';
import type { Page } from './page.ts';
import { readingOfPage, readingOfWholeList } from './page-reading.ts';
import { PageSizes } from './page-size.ts';
import { walkPages } from './pages.ts';
import { createPost, type Post } from './post.ts';
import { ResponseCache } from './response-cache.ts';
import { TOTAL_DEADLINE_MS } from './retry.ts';
import { SharedLimiter } from './shared-limiter.ts';
import { SharedReplies } from './shared-replies.ts';

export interface OmieClientOptions {
  /** E.g. `https://app.omie.com.br/api/v1/`. */
  readonly baseUrl: string;
  readonly clock?: Clock | undefined;
  /** A number in [0, 1), for the jitter of retries. */
  readonly random?: (() => number) | undefined;
  /** Called once a page, answered from memory or not; for logs and metrics. */
  readonly observe?: ((observation: Observation) => void) | undefined;
  /** How many error answers a method may give in a minute; see {@link ERRORS_A_MINUTE}. */
  readonly errorsAMinute?: number | undefined;
  /** Calls a minute that Omie takes from our address, 960 when not given. With `shared`, the shared budget counts alone. */
  readonly callsAMinute?: number | undefined;
  /** Another way to the wire than our own pool, e.g. through a proxy. */
  readonly fetchDispatcher?: Dispatcher | undefined;
  /** Budgets and replies that other replicas share; without them this process is alone. */
  readonly shared?: { readonly calls: CallBudget; readonly replies: ReplyExchange } | undefined;
}

/** An application server that broke is given this long, half more or less, before the smaller pages. */
const BREATH_MS = 500;

export function createOmieClient(options: OmieClientOptions): OmieClient {
  const {
    baseUrl,
    clock = systemClock,
    random = Math.random,
    observe,
    fetchDispatcher,
    shared,
    callsAMinute,
    errorsAMinute,
  } = options;
  return new LayeredClient({
    clock,
    random,
    observe,
    post: createPost({ baseUrl, clock, dispatcher: fetchDispatcher }),
    cache: new ResponseCache(clock),
    limiter: shared === undefined ? new FairLimiter(clock, callsAMinute) : new SharedLimiter(shared.calls, clock),
    replies: shared === undefined ? undefined : new SharedReplies(shared.replies, clock),
    breaker: new Breaker(clock, errorsAMinute),
  });
}

class LayeredClient implements OmieClient {
  readonly #post: Post;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #cache: ResponseCache<Page<unknown>>;
  readonly #limiter: Limiter;
  readonly #replies: SharedReplies | undefined;
  readonly #breaker: Breaker;
  readonly #sizes: PageSizes;
  readonly #caller: PageCaller;
  #closed = false;
  /** Application keys seen under each company id, for `forget`. */
  readonly #keys = new Map<string, Set<string>>();

  constructor(layers: CallLayers) {
    this.#post = layers.post;
    this.#clock = layers.clock;
    this.#random = layers.random;
    this.#cache = layers.cache;
    this.#limiter = layers.limiter;
    this.#replies = layers.replies;
    this.#breaker = layers.breaker;
    this.#sizes = new PageSizes(layers.clock);
    this.#caller = new PageCaller(layers);
  }

  async readList<Row>(
    company: CompanyCredentials,
    call: OmieCall<Row>,
    params: OmieParams,
    options: ReadOptions = {},
  ): Promise<ListReading<Row>> {
    const remembered = this.#recallList(company, call, params, options);
    if (remembered !== undefined) return remembered;
    return this.#guarded(company, options, async () => {
      const appKey = company.appKey.reveal();
      const deadlineAt = this.#deadlineOf(options);
      let size: number | undefined = this.#sizes.sizeFor(appKey, call, params);
      for (;;) {
        try {
          const { pageBudget: pages = 0 } = options;
          const pageBudget = pages > 1 ? pages * this.#sizes.piecesOf(call, params, size) : options.pageBudget;
          const reading = await this.#walk(company, call, params, size, { ...options, pageBudget, deadlineAt });
          return reading.totalPages > 1 ? { ...reading, pageSize: size } : reading;
        } catch (error) {
          // Too heavy a page: the whole walk again with half of it. Another size is another question to Omie, no repeat.
          if (!(error instanceof OmieFault) || !error.tooHeavy) throw error;
          size = this.#sizes.halve(appKey, call, size);
          if (size === undefined || !this.#caller.mayRetry(appKey)) throw error;
          await sleep(this.#clock, BREATH_MS * (0.5 + this.#random()), options.signal);
        }
      }
    });
  }

  readPage<Row>(
    company: CompanyCredentials,
    call: OmieCall<Row>,
    params: OmieParams,
    page: { number: number; size: number },
    options: ReadOptions = {},
  ): Promise<ListReading<Row>> {
    return this.#guarded(company, options, async () => {
      const asked = { number: page.number, size: Math.max(1, Math.min(page.size, call.maxPageSize)) };
      const answer = await this.#caller.fetch(company, call, {
        params,
        page: asked,
        signal: options.signal,
        deadlineAt: this.#deadlineOf(options),
      });
      const reading = readingOfPage(answer, asked.number, call);
      options.onPage?.(1, reading.totalPages);
      return reading;
    });
  }

  async check(company: CompanyCredentials, options: ReadOptions = {}): Promise<void> {
    const asked = { params: {}, page: { number: 1, size: 1 } };
    await this.#guarded(company, options, async () => {
      try {
        const { signal } = options;
        await this.#caller.fetch(company, listarEmpresas, { ...asked, signal, deadlineAt: this.#deadlineOf(options) });
      } catch (error) {
        // "Asked a moment ago already" is said only to keys that Omie knows: a second check within a minute.
        if (!(error instanceof OmieFault) || error.kind !== 'redundant') throw error;
      }
    });
  }

  forget(companyId: string): void {
    for (const appKey of this.#keys.get(companyId) ?? []) {
      this.#cache.letGo(`${appKey} `);
      this.#breaker.forget(appKey);
      this.#caller.forget(appKey);
    }
    this.#keys.delete(companyId);
  }

  stats(): OmieStats {
    return {
      requests: this.#caller.requests,
      cache: this.#cache.stats,
      queued: this.#limiter.queued,
      inFlight: this.#limiter.inFlight,
      retries: this.#caller.retries,
      openBreakers: this.#breaker.open,
      breakers: this.#breaker.states,
    };
  }

  warmUp(): Promise<void> {
    return this.#post.warmUp();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cache.close();
    await this.#post.close();
    await this.#replies?.settled();
  }

  /** A list of one page that memory holds: there is no walk to guard, to time or to call off. */
  #recallList<Row>(
    company: CompanyCredentials,
    call: OmieCall<Row>,
    params: OmieParams,
    { signal, onPage }: ReadOptions,
  ): ListReading<Row> | undefined {
    if (this.#closed || signal?.aborted) return undefined;
    const page = { number: 1, size: this.#sizes.sizeFor(company.appKey.reveal(), call, params) };
    const reading = this.#caller.recall(company, call, { params, page }, (first) => readingOfWholeList(first, call));
    if (reading === undefined) return undefined;
    this.#remember(company);
    onPage?.(1, reading.totalPages);
    return reading;
  }

  #walk<Row>(
    company: CompanyCredentials,
    call: OmieCall<Row>,
    params: OmieParams,
    size: number,
    { signal, onPage, pageBudget, deadlineAt }: Omit<ReadOptions, 'timeoutMs'> & { readonly deadlineAt: number },
  ): Promise<ListReading<Row>> {
    return walkPages({
      call,
      signal,
      onPage,
      pageBudget,
      isTimeUp: (error) => error instanceof OmieFault && error.timeUp,
      fetchPage: (number, pageSignal) =>
        this.#caller.fetch(company, call, {
          params,
          page: { number, size },
          signal: pageSignal,
          deadlineAt,
          canShrink: true,
        }),
    });
  }

  #deadlineOf({ timeoutMs = TOTAL_DEADLINE_MS }: ReadOptions): number {
    return this.#clock.now() + timeoutMs;
  }

  /** Everything that leaves is an `AppError` about the company; nothing starts after `close`. */
  async #guarded<T>(company: CompanyCredentials, { signal }: ReadOptions, work: () => Promise<T>): Promise<T> {
    if (this.#closed || signal?.aborted) throw new CancelledError();
    this.#remember(company);
    try {
      return await work();
    } catch (error) {
      throw toAppError(error, company);
    }
  }

  #remember({ company, appKey }: CompanyCredentials): void {
    const keys = this.#keys.get(company.id) ?? new Set();
    keys.add(appKey.reveal());
    this.#keys.set(company.id, keys);
  }
}
