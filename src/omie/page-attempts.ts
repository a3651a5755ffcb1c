/** One page, tried once: a turn at the limiter, the breaker's leave, the socket, and what the answer says to both of them. */
import type { Breaker, Report } from './breaker.ts';
import type { Clock } from './clock.ts';
import { mayHoldFault, OmieFault } from './faults.ts';
import { type Limiter, type Place, type Tenant, tooLong } from './limiter.ts';
import type { OmieCall } from './omie-client.ts';
import { type Page, readPageReply } from './page.ts';
import type { PageJob } from './page-job.ts';
import type { Post, PostReply } from './post.ts';
import type { CachedReply } from './response-cache.ts';
import { attemptMs } from './retry.ts';
import { Turns } from './turns.ts';

export interface AttemptLayers {
  readonly clock: Clock;
  readonly limiter: Limiter;
  readonly breaker: Breaker;
  readonly post: Post;
}

/** The pause a 429 imposes on its method: Omie's window is a minute, whatever an absurd Retry-After says. */
const LONGEST_PAUSE_MS = 60_000;
const LONGEST_BLOCK_MS = 1_800_000;
/** A page takes a fifth of a millisecond to parse: the event loop is never away for much longer than one. */
const PAGES_A_TURN = 4;
/** Rows in memory, against the text they came in; a rough measure that errs on the large side. */
const BYTES_PER_CHARACTER = 2;

export class PageAttempts {
  readonly #layers: AttemptLayers;
  readonly #parsing = new Turns(PAGES_A_TURN);
  #requests = 0;

  constructor(layers: AttemptLayers) {
    this.#layers = layers;
  }

  /** Requests sent so far. */
  get requests(): number {
    return this.#requests;
  }

  /** Time left in which an attempt may still begin, in milliseconds; below 0 when none may. */
  leftToBeginMs<Row>(job: PageJob<Row>): number {
    return this.#leftMs(job) - this.#attemptMs(job);
  }

  /** Throws `OmieFault`, also for a turn that would come too late, and `CancelledError`. */
  async once<Row>(job: PageJob<Row>): Promise<CachedReply<Page<unknown>>> {
    const place = await this.#turn(job, job.request.deadlineAt - this.#attemptMs(job));
    // The method may have grown slow while this call waited.
    if (this.leftToBeginMs(job) < 0) {
      place.release('unused');
      throw tooLong(0);
    }
    return this.#attempt(job, place, this.#leftMs(job));
  }

  /** The page in a reply that somebody else got, parsed in its turn among ours. */
  async read<Row>(reply: PostReply, call: OmieCall<Row>, arrivedAt: number): Promise<CachedReply<Page<unknown>>> {
    await this.#parsing.next();
    return remembered(reply, readPageReply(reply, call, arrivedAt));
  }

  async #turn<Row>({ tenant, call, request, signal }: PageJob<Row>, deadlineAt: number): Promise<Place> {
    const { clock, limiter, breaker } = this.#layers;
    // Asked before the queue as well, so that a blocked method answers at once and takes nobody's turn.
    breaker.check(tenant.key, call.name);
    if (deadlineAt <= clock.now()) throw tooLong(0);
    return limiter.acquire(tenant, call.name, { deadlineAt, endsAt: request.deadlineAt, signal });
  }

  async #attempt<Row>(job: PageJob<Row>, place: Place, timeoutMs: number): Promise<CachedReply<Page<unknown>>> {
    const { clock, breaker, limiter } = this.#layers;
    const { call, tenant } = job;
    let report: Report | undefined;
    try {
      report = breaker.enter(tenant.key, call.name);
      const reply = await this.#send(job, timeoutMs);
      const arrivedAt = clock.now();
      if (!mayHoldFault(reply) && breaker.isSound(tenant.key, call.name)) {
        // Nothing in it will hold the next call back: that one leaves before this page is parsed.
        const othersWait = limiter.queued > 0;
        place.release();
        await (othersWait ? this.#parsing.later() : this.#parsing.next());
      }
      const page = readPageReply(reply, call, arrivedAt);
      place.release();
      report(page.absent ? 'empty' : undefined);
      job.lease?.keep(reply, arrivedAt);
      return remembered(reply, page);
    } catch (error) {
      // What our own deadline cut off says nothing about Omie.
      if (error instanceof OmieFault && !error.remembered && !error.timeUp) {
        report?.(error);
        this.#heed(error, tenant, call.name);
      } else report?.('cancelled');
      place.release('unanswered');
      throw error;
    }
  }

  #send<Row>({ credentials, call, params, signal, tally }: PageJob<Row>, timeoutMs: number): Promise<PostReply> {
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

  #leftMs<Row>({ request }: PageJob<Row>): number {
    return request.deadlineAt - this.#layers.clock.now();
  }

  #attemptMs<Row>({ tenant, call }: PageJob<Row>): number {
    return attemptMs(this.#layers.limiter.lastTookMs(tenant.key, call.name));
  }
}

const remembered = (reply: PostReply, page: Page<unknown>): CachedReply<Page<unknown>> => ({
  value: page,
  bytes: reply.text.length * BYTES_PER_CHARACTER,
  arrivedAt: page.arrivedAt,
});
