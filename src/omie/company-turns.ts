/** One application at Omie: the minute its owner allows, its methods, and which of them is next in turn. */
import { Lane, type Waiter } from './lane.ts';
import { RateWindow } from './rate-window.ts';

const PER_METHOD_PER_MINUTE = 240;
/** A second over the minute: Omie stamps a call when it arrives, which may be later than we sent it. */
export const WINDOW_MS = 61_000;

export class CompanyTurns {
  #window: RateWindow;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes with waiters, next in turn first. */
  readonly #queue = new Set<Lane>();
  #waiting = 0;

  constructor(perMinute: number) {
    this.#window = new RateWindow(perMinute, WINDOW_MS);
  }

  /** Calls that wait, of all methods. */
  get waiting(): number {
    return this.#waiting;
  }

  /** A limit its owner changed starts a minute of its own; the lanes, which are Omie's, go on. */
  limitTo(perMinute: number): void {
    if (this.#window.limit !== perMinute) this.#window = new RateWindow(perMinute, WINDOW_MS);
  }

  /** The method's lane; undefined when it was never asked for. */
  lane(method: string): Lane | undefined {
    return this.#lanes.get(method);
  }

  openLane(method: string): Lane {
    const known = this.#lanes.get(method);
    if (known !== undefined) return known;
    const lane = new Lane(PER_METHOD_PER_MINUTE, WINDOW_MS);
    this.#lanes.set(method, lane);
    return lane;
  }

  join(lane: Lane, waiter: Waiter): void {
    lane.waiters.push(waiter);
    lane.waiting += 1;
    this.#waiting += 1;
    this.#queue.add(lane);
  }

  /** One who joined this lane waits no longer, with a turn or without. */
  leave(lane: Lane): void {
    lane.waiting -= 1;
    this.#waiting -= 1;
  }

  /**
   * Takes the next turn and hands back whose it is; undefined when nobody may go now. `wakeAt` hears of each time (ms)
   * that somebody here waits for.
   */
  takeTurn(now: number, wakeAt: (at: number) => void): Waiter | undefined {
    const freeAt = this.#window.freeAt();
    if (freeAt > now) {
      wakeAt(freeAt);
      return undefined;
    }
    for (const lane of this.#queue) {
      if (lane.waiting === 0) {
        this.#queue.delete(lane);
        lane.waiters.length = 0;
        continue;
      }
      const readyAt = lane.readyAt(now);
      if (readyAt === undefined) continue;
      if (readyAt > now) {
        wakeAt(readyAt);
        continue;
      }
      const waiter = lane.nextWaiter();
      if (waiter === undefined) continue;
      this.#queue.delete(lane);
      if (lane.waiting > 1) this.#queue.add(lane);
      lane.start(now);
      this.#window.record(now);
      return waiter;
    }
    return undefined;
  }

  /** A lower bound (ms) for the turn of a call that joined this lane now, as far as this company is concerned. */
  earliest(lane: Lane): number {
    return Math.max(lane.window.freeAt(lane.waiting), this.#window.freeAt(this.#waiting), lane.pausedUntil);
  }

  /** Calls inside the minute. */
  used(now: number): number {
    return this.#window.used(now);
  }

  isActive(now: number): boolean {
    return this.#waiting > 0 || this.used(now) > 0;
  }

  /** Nothing here that a new company would not say as well: its rings need not stay. */
  isIdle(now: number): boolean {
    if (this.isActive(now)) return false;
    for (const lane of this.#lanes.values()) if (!lane.isIdle(now)) return false;
    return true;
  }
}
