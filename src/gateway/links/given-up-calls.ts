/**
 * Calls that nobody waits for any more. Their server was told so and may go on all the same: what it asks or logs on a
 * shared line may still be about one of them, and is then nobody else's to see.
 */

/** As long as anything waits for a person here. Most servers never answer what was cancelled, so there is no better sign. */
export const STILL_RUNS_MS = 10 * 60_000;
const MAX_CALLS = 1_024;

interface GivenUp {
  readonly caller: string;
  readonly until: number;
}

export class GivenUpCalls {
  readonly #calls = new Map<number, GivenUp>();
  /** There were more than are kept: until then everybody's is somebody else's. */
  #crowdedUntil = 0;

  /** @param caller whose call it was; undefined for what the gateway asks for itself, which is about nobody */
  add(id: number, caller: string | undefined): void {
    if (caller === undefined) return;
    const now = performance.now();
    this.#forget(now);
    const until = now + STILL_RUNS_MS;
    if (this.#calls.size < MAX_CALLS) this.#calls.set(id, { caller, until });
    else this.#crowdedUntil = until;
  }

  /** The server is done with it after all. */
  answered(id: number): void {
    this.#calls.delete(id);
  }

  /** Whether one of them is somebody else's. */
  hasOthers(caller: string | undefined): boolean {
    if (this.#calls.size === 0 && this.#crowdedUntil === 0) return false;
    const now = performance.now();
    this.#forget(now);
    if (this.#crowdedUntil > now) return true;
    for (const call of this.#calls.values()) if (call.caller !== caller) return true;
    return false;
  }

  /** They stand in the order in which they end. */
  #forget(now: number): void {
    for (const [id, { until }] of this.#calls) {
      if (until > now) return;
      this.#calls.delete(id);
    }
  }
}
