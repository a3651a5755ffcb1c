/** The last `limit` calls inside a sliding window, in a ring: asking and recording cost the same however many they are. */
export class RateWindow {
  readonly limit: number;
  readonly #windowMs: number;
  /** Grows with use: most companies make a handful of the calls a minute allows. */
  readonly #times: number[] = [];
  /** Calls ever recorded. */
  #count = 0;
  /** Calls that have left the window. */
  #expired = 0;

  constructor(limit: number, windowMs: number) {
    this.limit = Math.max(1, Math.floor(limit));
    this.#windowMs = windowMs;
  }

  /** Earliest time (ms) at which a call may go that has `ahead` others before it; 0 means now. */
  freeAt(ahead = 0): number {
    const turns = Math.floor(ahead / this.limit);
    const position = this.#count + (ahead % this.limit);
    const occupied = position < this.limit ? undefined : this.#times[position % this.limit];
    return occupied === undefined ? turns * this.#windowMs : occupied + this.#windowMs * (turns + 1);
  }

  /** Calls inside the window now. */
  used(nowMs: number): number {
    this.#expired = Math.max(this.#expired, this.#count - this.limit);
    while (this.#expired < this.#count && this.#expiryOf(this.#expired) <= nowMs) this.#expired += 1;
    return this.#count - this.#expired;
  }

  /** When the oldest call inside the window leaves it. */
  nextExpiry(nowMs: number): number {
    return this.used(nowMs) === 0 ? nowMs : this.#expiryOf(this.#expired);
  }

  record(nowMs: number): void {
    this.#times[this.#count % this.limit] = nowMs;
    this.#count += 1;
  }

  #expiryOf(call: number): number {
    return (this.#times[call % this.limit] ?? 0) + this.#windowMs;
  }
}
