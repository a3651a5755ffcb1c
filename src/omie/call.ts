/** One page through all the layers: read list → response cache → retry → fair limiter → breaker → the one socket. */
import type { CompanyCredentials } from '../companies/company.ts';
import { type AppError, asAppError, CancelledError, InternalError } from '../errors.ts';
import type { Breaker, Report } from './breaker.ts';
import { type Clock, sleep } from './clock.ts';
import { failureOf } from './failures.ts';
import { type FaultClass, mayHoldFault, OmieFault } from './faults.ts';
import { type Limiter, type Place, type Tenant, tooLong } from './limiter.ts';
import type { OmieCall, OmieParams } from './omie-client.ts';
import { type Page, pageParams, readPageReply } from './page.ts';
import type { Post, PostReply } from './post.ts';
import { assertRead } from './read-list.ts';
import { canonicalJson, requestKey } from './request-key.ts';
import type { CachedReply, Origin, ResponseCache } from './response-cache.ts';
import { attemptMs, RetryBudget, retryWait } from './retry.ts';
import { sharedNamesOf } from './shared-names.ts';
import type { Lease, SharedReplies } from './shared-replies.ts';
import { Turns } from './turns.ts';

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

export interface CallLayers {
  readonly clock: Clock;
  readonly random: () => number;
  readonly cache: ResponseCache<Page<unknown>>;
  readonly limiter: Limiter;
  readonly breaker: Breaker;
  readonly post: Post;
  /** What other replicas asked within the minute; undefined for a process alone. */
  readonly replies: SharedReplies | undefined;
  readonly observe: ((observation: Observation) => void) | undefined;
}

/** Which page of which list. */
export interface PageQuestion {
  readonly params: OmieParams;
  readonly page: { readonly number: number; readonly size: number };
}

export interface PageRequest extends PageQuestion {
  readonly signal?: AbortSignal | undefined;
  /** Queue, attempts and waits all end before this time, in milliseconds since 1970. */
  readonly deadlineAt: number;
  /** The caller answers a too heavy page with a smaller one, so the same size is not tried again. */
  readonly canShrink?: boolean;
}

/** The pause a 429 imposes on its method: Omie's window is a minute, whatever an absurd Retry-After says. */
const LONGEST_PAUSE_MS = 60_000;
const LONGEST_BLOCK_MS = 1_800_000;
const JOINER_WAIT_MS = 200;
/** A page takes a fifth of a millisecond to parse: the event loop is never away for much longer than one. */
const PAGES_A_TURN = 4;

export class PageCaller {
  readonly #layers: CallLayers;
  readonly #budgets = new Map<string, RetryBudget>();
  readonly #parsing = new Turns(PAGES_A_TURN);
  #requests = 0;
  #retries = 0;

  constructor(layers: CallLayers) {
    this.#layers = layers;
  }

  get requests(): number {
    return this.#requests;
  }

  get retries(): number {
    return this.#retries;
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
    return cache.recall(key, (page) => {
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
    if (!this.#budgetOf(appKey).spend()) return false;
    this.#retries += 1;
    return true;
  }

  forget(appKey: string): void {
    this.#budgets.delete(appKey);
  }

  /** From memory, from a request in flight here or at another replica, or from Omie. */
  async #ask<Row>(job: Omit<Job<Row>, 'signal'>): Promise<{ value: Page<unknown>; origin: Origin }> {
    const { clock, random, cache } = this.#layers;
    for (let again = false; ; again = true) {
      let shared = true;
      let fromAnother = false;
      try {
        const found = await cache.get(job.key, job.request.signal, (signal) => {
          shared = false;
          const { replies } = this.#layers;
          if (replies === undefined) return this.#withRetries({ ...job, signal });
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
    job: Job<Row>,
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
      await this.#parsing.next();
      return remembered(claim.reply, readPageReply(claim.reply, call, claim.arrivedAt));
    }
    if (claim.kind === 'alone') return this.#withRetries(job);
    try {
      return await this.#withRetries({ ...job, lease: claim.lease });
    } catch (error) {
      claim.lease.drop();
      throw error;
    }
  }

  /** A shared request goes by the terms of whoever began it; ours may allow one more try. */
  #endedForAnother<Row>(error: unknown, { tenant, request }: Omit<Job<Row>, 'signal'>): boolean {
    if (!(error instanceof OmieFault)) return false;
    if (error.timeUp) return request.deadlineAt > this.#layers.clock.now();
    return error.tooHeavy && request.canShrink !== true && this.mayRetry(tenant.key);
  }

  async #withRetries<Row>(job: Job<Row>): Promise<CachedReply<Page<unknown>>> {
    const { clock, random, cache } = this.#layers;
    this.#budgetOf(job.tenant.key).earn();
    const leftMs = (): number => job.request.deadlineAt - clock.now();
    for (let attempts = 1; ; attempts += 1) {
      try {
        const place = await this.#turn(job, job.request.deadlineAt - this.#attemptMs(job));
        // The method may have grown slow while this call waited.
        if (leftMs() < this.#attemptMs(job)) {
          place.release('unused');
          throw tooLong(0);
        }
        return await this.#attempt(job, place, leftMs());
      } catch (error) {
        if (!(error instanceof OmieFault)) throw error;
        if (error.kind === 'redundant') {
          const known = cache.stale(job.key);
          if (known !== undefined) {
            job.lease?.drop();
            return known;
          }
        }
        if (error.tooHeavy && job.request.canShrink) throw error;
        const beginMs = leftMs() - this.#attemptMs(job);
        const waitMs = retryWait({ fault: error, attempts, leftMs: beginMs, random: random() });
        if (waitMs === undefined || !this.#budgetOf(job.tenant.key).spend()) throw error;
        this.#retries += 1;
        await sleep(clock, waitMs, job.signal);
      }
    }
  }

  async #turn<Row>({ tenant, call, request, signal }: Job<Row>, deadlineAt: number): Promise<Place> {
    const { clock, limiter, breaker } = this.#layers;
    // Asked before the queue as well, so that a blocked method answers at once and takes nobody's turn.
    breaker.check(tenant.key, call.name);
    if (deadlineAt <= clock.now()) throw tooLong(0);
    return limiter.acquire(tenant, call.name, { deadlineAt, endsAt: request.deadlineAt, signal });
  }

  #attemptMs<Row>({ tenant, call }: Job<Row>): number {
    return attemptMs(this.#layers.limiter.lastTookMs(tenant.key, call.name));
  }

  async #attempt<Row>(job: Job<Row>, place: Place, timeoutMs: number): Promise<CachedReply<Page<unknown>>> {
    const { clock, breaker } = this.#layers;
    const { call, tenant } = job;
    let report: Report | undefined;
    try {
      report = breaker.enter(tenant.key, call.name);
      const reply = await this.#send(job, timeoutMs);
      const arrivedAt = clock.now();
      if (!mayHoldFault(reply) && breaker.isSound(tenant.key, call.name)) {
        // Nothing in it will hold the next call back: that one leaves before this page is parsed.
        place.release();
        await this.#parsing.next();
      }
      const page = readPageReply(reply, call, arrivedAt);
      report(page.absent ? 'empty' : undefined);
      job.lease?.keep(reply, arrivedAt);
      return remembered(reply, page);
    } catch (error) {
      // What our own deadline cut off says nothing about Omie.
      if (error instanceof OmieFault && !error.remembered && !error.timeUp) {
        report?.(error);
        this.#heed(error, tenant, call.name);
      } else report?.('cancelled');
      throw error;
    } finally {
      place.release();
    }
  }

  #send<Row>({ credentials, call, params, signal, tally }: Job<Row>, timeoutMs: number): Promise<PostReply> {
    this.#requests += 1;
    tally.attempts += 1;
    const envelope = `{"call":${JSON.stringify(call.name)},"app_key":${JSON.stringify(credentials.appKey.reveal())},"app_secret":${JSON.stringify(credentials.appSecret.reveal())},"param":[${params}]}`;
    return this.#layers.post.send(call.path, envelope, { signal, timeoutMs });
  }

  #heed(fault: OmieFault, tenant: Tenant, method: string): void {
    const { limiter } = this.#layers;
    if (fault.kind === 'lock') limiter.refusedParallel(tenant.key, method);
    if (fault.kind === 'rate' && fault.waitMs !== undefined) {
      limiter.pause(tenant, method, Math.min(fault.waitMs, LONGEST_PAUSE_MS));
    }
    // Our own breaker remembers a block; the other replicas learn of it here, since each call during it makes it longer.
    if (fault.kind === 'blocked' && tenant.shared !== undefined) {
      limiter.pause(tenant, method, Math.min(fault.waitMs ?? LONGEST_BLOCK_MS, LONGEST_BLOCK_MS));
    }
  }

  #budgetOf(appKey: string): RetryBudget {
    const known = this.#budgets.get(appKey);
    if (known !== undefined) return known;
    const budget = new RetryBudget();
    this.#budgets.set(appKey, budget);
    return budget;
  }
}

interface Job<Row> {
  readonly credentials: CompanyCredentials;
  readonly call: OmieCall<Row>;
  readonly key: string;
  readonly tenant: Tenant;
  /** Canonical text of the parameter object. */
  readonly params: string;
  readonly request: PageRequest;
  /** Counts the requests sent for this page. */
  readonly tally: { attempts: number };
  readonly signal: AbortSignal;
  /** Ours while the other replicas wait for this answer. */
  readonly lease?: Lease;
}

/** Rows in memory, against the text they came in; a rough measure that errs on the large side. */
const BYTES_PER_CHARACTER = 2;

const remembered = (reply: PostReply, page: Page<unknown>): CachedReply<Page<unknown>> => ({
  value: page,
  bytes: reply.text.length * BYTES_PER_CHARACTER,
  arrivedAt: page.arrivedAt,
});

/** The canonical text of a question's parameters, and what its answer is remembered under. */
function keyOf(
  appKey: string,
  call: Pick<OmieCall, 'name' | 'dialect'>,
  { params, page }: PageQuestion,
): { key: string; params: string } {
  const text = canonicalJson(pageParams(call, params, page));
  return { key: requestKey(appKey, call.name, text), params: text };
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

/** What leaves this folder is always an `AppError`. */
export function toAppError(error: unknown, credentials: CompanyCredentials): AppError {
  return error instanceof OmieFault ? failureOf(error, credentials) : asAppError(error);
}
