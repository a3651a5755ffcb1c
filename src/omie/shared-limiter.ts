/**
 * The limiter of one replica among several. Its own queue decides who is next here; then the budget that all replicas share
 * says whether that call may leave now.
 */
import type { CallBudget } from '../coordination/coordination.ts';
import { CancelledError } from '../errors.ts';
import { Alarm } from './alarm.ts';
import type { Clock } from './clock.ts';
import { FairLimiter } from './fair-limiter.ts';
import { type AcquireOptions, type Limiter, type Place, type Tenant, tooLong } from './limiter.ts';

/** Who waits for another replica's call asks again after this long at the latest, should its end not be heard. */
const ASK_AGAIN_MS = 1_000;
/** The same for who waits for the minute: the budget may grow meanwhile, e.g. when the replicas hear each other again. */
const LOOK_AGAIN_MS = 5_000;
/** Over the longest a call can take: its place must not come back before it has ended. */
const MARGIN_MS = 1_000;
/** Forgotten all together; they only spare a question that would be refused again. */
const MAX_REMEMBERED = 10_000;

export class SharedLimiter implements Limiter {
  readonly #local: FairLimiter;
  readonly #budget: CallBudget;
  readonly #clock: Clock;
  /** By lane, until when (ms) the shared budget has no room, and until when that is taken for granted. */
  readonly #full = new Map<string, { readonly until: number; readonly sureUntil: number }>();
  #waiting = 0;

  constructor(budget: CallBudget, clock: Clock) {
    this.#local = new FairLimiter(clock);
    this.#budget = budget;
    this.#clock = clock;
  }

  get queued(): number {
    return this.#local.queued + this.#waiting;
  }

  get inFlight(): number {
    return this.#local.inFlight - this.#waiting;
  }

  async acquire(tenant: Tenant, method: string, options: AcquireOptions): Promise<Place> {
    const lane = tenant.shared?.lane(method);
    if (tenant.shared === undefined || lane === undefined) throw new Error('A tenant without a shared name.');
    // Refused here, it does not use up a turn of our own queue.
    const [now, full] = [this.#clock.now(), this.#full.get(lane)];
    if (full !== undefined && full.sureUntil > now && full.until > options.deadlineAt) throw tooLong(full.until - now);
    const place = await this.#local.acquire(tenant, method, options);
    this.#waiting += 1;
    try {
      const ticket = await this.#takeTurn(tenant, tenant.shared.company, lane, method, options);
      place.begin();
      return this.#placeOf(place, ticket);
    } catch (error) {
      place.release('unused');
      throw error;
    } finally {
      this.#waiting -= 1;
    }
  }

  refusedParallel(key: string, method: string): void {
    this.#local.refusedParallel(key, method);
  }

  lastTookMs(key: string, method: string): number | undefined {
    return this.#local.lastTookMs(key, method);
  }

  pause({ key, shared }: Tenant, method: string, ms: number): void {
    this.#local.pause({ key }, method, ms);
    if (shared !== undefined) this.#budget.pause(shared.lane(method), ms);
  }

  async #takeTurn(
    { key, perMinute }: Tenant,
    company: string,
    lane: string,
    method: string,
    { deadlineAt, endsAt, signal }: AcquireOptions,
  ): Promise<string> {
    for (;;) {
      // Before the question, so that a call that ends while it is being answered is not missed.
      const freed = new Alarm((wake) => this.#budget.whenFree(lane, wake));
      try {
        const grant = await this.#budget.take({
          company,
          lane,
          perMinute,
          parallel: this.#local.allowanceOf(key, method),
          holdMs: (endsAt ?? deadlineAt) - this.#clock.now() + MARGIN_MS,
        });
        if (grant.kind === 'granted') {
          if (!signal?.aborted) return grant.ticket;
          this.#budget.release(grant.ticket, 'unused');
          throw new CancelledError();
        }
        const now = this.#clock.now();
        if (!grant.busy) this.#rememberFull(lane, now, grant.waitMs);
        if (now >= deadlineAt || (!grant.busy && now + grant.waitMs > deadlineAt)) throw tooLong(grant.waitMs);
        const longest = Math.min(grant.waitMs, grant.busy ? ASK_AGAIN_MS : LOOK_AGAIN_MS);
        await freed.wait(this.#clock, Math.max(1, Math.min(longest, deadlineAt - now)), signal);
      } finally {
        freed.callOff();
      }
    }
  }

  #rememberFull(lane: string, now: number, waitMs: number): void {
    if (this.#full.size >= MAX_REMEMBERED) this.#full.clear();
    this.#full.set(lane, { until: now + waitMs, sureUntil: now + ASK_AGAIN_MS });
  }

  #placeOf(place: Place, ticket: string): Place {
    let held = true;
    return {
      begin: () => place.begin(),
      release: (how) => {
        if (!held) return;
        held = false;
        this.#budget.release(ticket, how === 'unused' ? how : undefined);
        place.release(how);
      },
    };
  }
}
