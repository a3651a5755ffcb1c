/**
 * The budgets of one address in memory: the same arithmetic that `postgres/take-function.ts` does for several replicas,
 * and what a replica goes on with when it does not hear the others.
 */
import type { CallLimits } from './call-limits.ts';
import type { CallBudget, CallGrant, CallRequest } from './coordination.ts';
import { WakeList } from './wake-list.ts';

interface Call {
  readonly id: string;
  readonly company: string;
  readonly lane: string;
  readonly at: number;
  heldUntil: number;
}

/** A call that another replica made, as this one heard of it. */
export interface HeardCall {
  readonly id: string;
  readonly company: string;
  readonly lane: string;
  /** How long ago it left, in milliseconds. */
  readonly ageMs: number;
  /** How much longer its place is held; 0 when it has ended. */
  readonly heldMs: number;
}

export interface MemoryBudgetOptions {
  readonly limits: CallLimits;
  /** Begins every ticket given out here, so that no two replicas give out the same. */
  readonly replica: string;
  /** A steady clock, milliseconds. */
  readonly now: () => number;
}

export class MemoryBudget implements CallBudget {
  readonly #limits: CallLimits;
  readonly #replica: string;
  readonly #now: () => number;
  readonly #calls = new Map<string, Call>();
  readonly #pauses = new Map<string, number>();
  readonly #waiting = new WakeList();
  /** While alone: calls up to then were made in common, and one of so many parts of the rest is ours. */
  #alone: { readonly before: ReadonlySet<string>; readonly parts: number } | undefined;
  #serial = 0;

  constructor({ limits, replica, now }: MemoryBudgetOptions) {
    this.#limits = limits;
    this.#replica = replica;
    this.#now = now;
  }

  /** From now on only one of `parts` of what the calls known so far leave of each budget. */
  goAlone(parts: number): void {
    this.#alone ??= { before: new Set(this.#calls.keys()), parts };
  }

  /** The whole budget again. */
  rejoin(): void {
    this.#alone = undefined;
  }

  get isAlone(): boolean {
    return this.#alone !== undefined;
  }

  /** A name for a call that nobody else will give. */
  nextTicket(): string {
    this.#serial += 1;
    return `${this.#replica}:${this.#serial}`;
  }

  /** Calls of this replica that still count, for others to hear. */
  ownCalls(): HeardCall[] {
    const now = this.#now();
    this.#forgetOld(now);
    return [...this.#calls.values()]
      .filter((call) => this.#isOwn(call))
      .map(({ id, company, lane, at, heldUntil }) => ({
        id,
        company,
        lane,
        ageMs: now - at,
        heldMs: Math.max(0, heldUntil - now),
      }));
  }

  /** Notes a call that was granted elsewhere: by the database to us, or to another replica. */
  hear({ id, company, lane, ageMs, heldMs }: HeardCall): void {
    const now = this.#now();
    this.#calls.set(id, { id, company, lane, at: now - ageMs, heldUntil: now + heldMs });
    this.#forgetOld(now);
  }

  async take(request: CallRequest): Promise<CallGrant> {
    const now = this.#now();
    this.#forgetOld(now);
    const refusal = this.#refusal(request, now);
    if (refusal !== undefined) return refusal;
    const id = this.nextTicket();
    const { company, lane, holdMs } = request;
    this.#calls.set(id, { id, company, lane, at: now, heldUntil: now + holdMs });
    return { kind: 'granted', ticket: id };
  }

  release(ticket: string, unused?: 'unused'): void {
    const call = this.#calls.get(ticket);
    if (call === undefined) return;
    if (unused === undefined) call.heldUntil = Math.min(call.heldUntil, this.#now());
    else this.#calls.delete(ticket);
    this.wake(call.lane);
  }

  pause(lane: string, ms: number): void {
    this.#pauses.set(lane, Math.max(this.#pauses.get(lane) ?? 0, this.#now() + ms));
  }

  whenFree(lane: string, wake: () => void): () => void {
    return this.#waiting.add(lane, wake);
  }

  /** A call of the lane has ended somewhere. */
  wake(lane: string): void {
    this.#waiting.wake(lane);
  }

  #refusal({ company, lane, perMinute, parallel }: CallRequest, now: number): CallGrant | undefined {
    const { windowMs, perAddress, perLane, shareFrom } = this.#limits;
    const pausedUntil = this.#pauses.get(lane) ?? 0;
    if (pausedUntil > now) return { kind: 'later', waitMs: pausedUntil - now, busy: false };
    const calls = [...this.#calls.values()].filter((call) => call.at > now - windowMs).sort((a, b) => a.at - b.at);
    const ofCompany = calls.filter((call) => call.company === company);
    const ofLane = calls.filter((call) => call.lane === lane);
    const waits = [
      this.#waitFor(calls, perAddress, now),
      this.#waitFor(ofCompany, Math.min(perMinute ?? perAddress, perAddress), now),
      this.#waitFor(ofLane, perLane, now),
      this.#alone === undefined && calls.length >= shareFrom ? this.#waitForShare(calls, ofCompany.length, now) : 0,
    ];
    const waitMs = Math.max(...waits);
    if (waitMs > 0) return { kind: 'later', waitMs, busy: false };
    return this.#busy(lane, parallel, now);
  }

  /** 0 when there is room. While alone, our part is of what the calls from before leave. */
  #waitFor(calls: readonly Call[], limit: number, now: number): number {
    const alone = this.#alone;
    if (alone === undefined) {
      const blocking = calls.length < limit ? undefined : calls[calls.length - Math.max(1, limit)];
      return blocking === undefined ? 0 : blocking.at + this.#limits.windowMs - now;
    }
    const own = calls.filter((call) => this.#isOwnSince(call, alone.before)).length;
    const room = Math.floor((limit - (calls.length - own)) / alone.parts);
    // The oldest to leave may not yet make room: asked again then, the next one is waited for. A company whose owner
    // allows less than one call for each part still gets one.
    if (own < Math.max(room, limit < alone.parts && own === 0 ? 1 : 0)) return 0;
    const oldest = calls[0];
    return oldest === undefined ? this.#limits.windowMs : oldest.at + this.#limits.windowMs - now;
  }

  #waitForShare(calls: readonly Call[], used: number, now: number): number {
    const active = new Set(calls.map((call) => call.company)).size;
    const oldest = calls[0];
    if (oldest === undefined || used < this.#limits.perAddress / (active + 1)) return 0;
    return oldest.at + this.#limits.windowMs - now;
  }

  #busy(lane: string, parallel: number, now: number): CallGrant | undefined {
    const alone = this.#alone;
    const running = [...this.#calls.values()].filter((call) => call.lane === lane && call.heldUntil > now);
    const own = alone === undefined ? running : running.filter((call) => this.#isOwnSince(call, alone.before));
    const most = Math.min(parallel, this.#limits.parallel);
    // Alone, at least one at once: that the others' calls have ended cannot be heard, and they take seconds.
    const room =
      alone === undefined ? most : Math.max(1, Math.floor((most - (running.length - own.length)) / alone.parts));
    if (own.length < room) return undefined;
    return { kind: 'later', waitMs: Math.min(...own.map((call) => call.heldUntil)) - now, busy: true };
  }

  #isOwn({ id }: Call): boolean {
    return id.startsWith(`${this.#replica}:`);
  }

  #isOwnSince(call: Call, before: ReadonlySet<string>): boolean {
    return this.#isOwn(call) && !before.has(call.id);
  }

  #forgetOld(now: number): void {
    const { windowMs } = this.#limits;
    for (const [id, call] of this.#calls) {
      if (call.at <= now - windowMs && call.heldUntil <= now) this.#calls.delete(id);
    }
    for (const [lane, until] of this.#pauses) if (until <= now) this.#pauses.delete(lane);
  }
}
