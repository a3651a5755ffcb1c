/** One page, tried until it is there or it makes no sense to go on: the waits in between, and what a company may spend on them. */
import { type Clock, sleep } from './clock.ts';
import { OmieFault } from './faults.ts';
import type { Page } from './page.ts';
import type { PageAttempts } from './page-attempts.ts';
import type { PageJob } from './page-job.ts';
import { ownerOf } from './reply-owner.ts';
import type { CachedReply, ResponseCache } from './response-cache.ts';
import { RetryBudget, retryWait } from './retry.ts';

export interface RetryLayers {
  readonly clock: Clock;
  readonly random: () => number;
  readonly cache: ResponseCache<Page<unknown>>;
}

export class PageRetries {
  readonly #layers: RetryLayers;
  readonly #attempts: PageAttempts;
  readonly #budgets = new Map<string, RetryBudget>();
  #retries = 0;

  constructor(layers: RetryLayers, attempts: PageAttempts) {
    this.#layers = layers;
    this.#attempts = attempts;
  }

  /** Retries allowed so far. */
  get retries(): number {
    return this.#retries;
  }

  /** Throws what the last attempt did. */
  async fetch<Row>(job: PageJob<Row>): Promise<CachedReply<Page<unknown>>> {
    const { clock, random, cache } = this.#layers;
    this.#budgetOf(job.tenant.key).earn();
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await this.#attempts.once(job);
      } catch (error) {
        if (!(error instanceof OmieFault)) throw error;
        if (error.kind === 'redundant') {
          const known = cache.stale(job.key, ownerOf(job.credentials));
          if (known !== undefined) {
            job.lease?.drop();
            return known;
          }
        }
        if (error.tooHeavy && job.request.canShrink) throw error;
        const leftMs = this.#attempts.leftToBeginMs(job);
        const waitMs = retryWait({ fault: error, attempts, leftMs, random: random() });
        if (waitMs === undefined || !this.mayRetry(job.tenant.key)) throw error;
        await sleep(clock, waitMs, job.signal);
      }
    }
  }

  /** Takes one retry out of the company's budget; false when there is none left. */
  mayRetry(appKey: string): boolean {
    if (!this.#budgetOf(appKey).spend()) return false;
    this.#retries += 1;
    return true;
  }

  forget(appKey: string): void {
    this.#budgets.delete(appKey);
  }

  #budgetOf(appKey: string): RetryBudget {
    const known = this.#budgets.get(appKey);
    if (known !== undefined) return known;
    const budget = new RetryBudget();
    this.#budgets.set(appKey, budget);
    return budget;
  }
}
