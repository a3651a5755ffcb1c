/** One page through all the layers: read list → response cache → other replicas → retry → limiter → breaker → the one socket. */
import type { CompanyCredentials } from '../companies/company.ts';
import { CancelledError, InternalError } from '../errors.ts';
import { sleep } from './clock.ts';
import { type FaultClass, OmieFault } from './faults.ts';
import type { Tenant } from './limiter.ts';
import type { OmieCall } from './omie-client.ts';
import type { Page } from './page.ts';
import { type AttemptLayers, PageAttempts } from './page-attempts.ts';
import { keyOf, type PageJob, type PageQuestion, type PageRequest } from './page-job.ts';
import { PageRetries, type RetryLayers } from './page-retries.ts';
import { assertRead } from './read-list.ts';
import { ownerOf } from './reply-owner.ts';
import type { CachedReply, Origin } from './response-cache.ts';
import { sharedNamesOf } from './shared-names.ts';
import type { SharedReplies } from './shared-replies.ts';

/** What happened to one page, for logs and metrics. Never holds a key, a parameter or a row. */
export interface Observation {
  readonly call: string;
  readonly companyId: string;
  readonly outcome: 'ok' | 'cancelled' | FaultClass;
  readonly ms: number;
  /** How often it was tried; 0 when nothing was sent for it. */
  readonly attempts: number;
  /** Answered without a request of its own: remembered, or shared with one in flight. */
  readonly cached: boolean;
}

export interface CallLayers extends AttemptLayers, RetryLayers {
  /** What other replicas asked within the minute; undefined for a process alone. */
  readonly replies: SharedReplies | undefined;
  readonly observe: ((observation: Observation) => void) | undefined;
}

/** Who joined a request that ended for another asks again after this long at most. */
const JOINER_WAIT_MS = 200;

export class PageCaller {
  readonly #layers: CallLayers;
  readonly #attempts: PageAttempts;
  readonly #retries: PageRetries;

  constructor(layers: CallLayers) {
    this.#layers = layers;
    this.#attempts = new PageAttempts(layers);
    this.#retries = new PageRetries(layers, this.#attempts);
  }

  get requests(): number {
    return this.#attempts.requests;
  }

  get retries(): number {
    return this.#retries.retries;
  }

  /**
   * What `read` makes of the page in memory, at once: without a turn, a deadline or anything to cancel. Undefined when the
   * page is not there or `read` has no use for it alone.
   */
  recall<Row, R>(
    credentials: CompanyCredentials,
    call: OmieCall<Row>,
    question: PageQuestion,
    read: (page: Page<Row>) => R | undefined,
  ): R | undefined {
    const { cache, observe } = this.#layers;
    const { key } = keyOf(credentials.appKey.reveal(), call, question);
    return cache.recall(key, ownerOf(credentials), (page) => {
      const made = isPageOf(page, call) ? read(page) : undefined;
      if (made !== undefined) {
        const outcome = page.absent ? 'empty' : 'ok';
        observe?.({ call: call.name, companyId: credentials.company.id, outcome, ms: 0, attempts: 0, cached: true });
      }
      return made;
    });
  }

  /** Throws `OmieFault` for what failed at Omie and `AppError` for the rest (cancelled, a name not on the read list). */
  async fetch<Row>(credentials: CompanyCredentials, call: OmieCall<Row>, request: PageRequest): Promise<Page<Row>> {
    assertRead(call.name);
    const { clock, observe } = this.#layers;
    const startedAt = clock.now();
    const tally = { attempts: 0 };
    const tell = (outcome: Observation['outcome'], cached: boolean): void =>
      observe?.({
        call: call.name,
        companyId: credentials.company.id,
        outcome,
        ms: clock.now() - startedAt,
        attempts: tally.attempts,
        cached,
      });
    const appKey = credentials.appKey.reveal();
    const { key, params } = keyOf(appKey, call, request);
    try {
      const tenant = tenantOf(credentials, appKey, this.#layers.replies !== undefined);
      const { value: page, origin } = await this.#ask({ credentials, call, key, tenant, params, request, tally });
      tell(page.absent ? 'empty' : 'ok', origin !== 'fetched');
      return asPageOf(page, call);
    } catch (error) {
      if (error instanceof OmieFault) tell(error.kind, error.remembered);
      else if (error instanceof CancelledError) tell('cancelled', false);
      throw error;
    }
  }

  /** Takes one retry out of the company's budget; for walks that start again with smaller pages. */
  mayRetry(appKey: string): boolean {
    return this.#retries.mayRetry(appKey);
  }

  forget(appKey: string): void {
    this.#retries.forget(appKey);
  }

  /** From memory, from a request in flight here or at another replica, or from Omie. */
  async #ask<Row>(job: Omit<PageJob<Row>, 'signal'>): Promise<{ value: Page<unknown>; origin: Origin }> {
    const { clock, random, cache } = this.#layers;
    for (let again = false; ; again = true) {
      let shared = true;
      let fromAnother = false;
      try {
        const found = await cache.get(job.key, ownerOf(job.credentials), job.request.signal, (signal) => {
          shared = false;
          const { replies } = this.#layers;
          if (replies === undefined) return this.#retries.fetch({ ...job, signal });
          return this.#askTogether({ ...job, signal }, replies, () => {
            fromAnother = true;
          });
        });
        return fromAnother ? { ...found, origin: 'shared' } : found;
      } catch (error) {
        if (again || !shared || !this.#endedForAnother(error, job)) throw error;
        await sleep(clock, random() * JOINER_WAIT_MS, job.request.signal);
      }
    }
  }

  /** The reply of another replica, which is said by `fromAnother`, or our own once it is our turn to ask. */
  async #askTogether<Row>(
    job: PageJob<Row>,
    replies: SharedReplies,
    fromAnother: () => void,
  ): Promise<CachedReply<Page<unknown>>> {
    const { call, params, tenant, request, signal } = job;
    const names = tenant.shared ?? sharedNamesOf(job.credentials);
    const claim = await replies.claim({
      name: names.question(call.name, params),
      key: names.replyKey,
      deadlineAt: request.deadlineAt,
      signal,
    });
    if (claim.kind === 'reply') {
      fromAnother();
      return this.#attempts.read(claim.reply, call, claim.arrivedAt);
    }
    if (claim.kind === 'alone') return this.#retries.fetch(job);
    try {
      return await this.#retries.fetch({ ...job, lease: claim.lease });
    } catch (error) {
      claim.lease.drop();
      throw error;
    }
  }

  /** A shared request goes by the terms of whoever began it; ours may allow one more try. */
  #endedForAnother<Row>(error: unknown, { tenant, request }: Omit<PageJob<Row>, 'signal'>): boolean {
    if (!(error instanceof OmieFault)) return false;
    if (error.timeUp) return request.deadlineAt > this.#layers.clock.now();
    return error.tooHeavy && request.canShrink !== true && this.mayRetry(tenant.key);
  }
}

const tenantOf = (credentials: CompanyCredentials, key: string, among: boolean): Tenant => ({
  key,
  perMinute: credentials.company.rateLimitPerMinute,
  ...(among && { shared: sharedNamesOf(credentials) }),
});

/** The cache holds pages of all calls; a page belongs to the call whose schema validated it. */
function isPageOf<Row>(page: Page<unknown>, call: OmieCall<Row>): page is Page<Row> {
  return page.call === call;
}

function asPageOf<Row>(page: Page<unknown>, call: OmieCall<Row>): Page<Row> {
  if (isPageOf(page, call)) return page;
  throw new InternalError(new Error(`Two definitions of ${call.name} ask the same question: keep one.`));
}
