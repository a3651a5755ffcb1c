/** How many requests begin in one turn of the event loop: about 3 ms of work, between which sockets are read. */
const perTurn = 8;
/** How long a line may be: its last waits so many milliseconds of processor time, and so few never wait too long. */
interface Length {
  readonly waitMs: number;
  readonly atLeast: number;
}
/** Many who ask in the same instant are a burst, and soon served. */
const burst: Length = { waitMs: 200, atLeast: 256 };
/** A line that stands serves nobody sooner, and all that waits in it has to be kept and collected. */
const standing: Length = { waitMs: 40, atLeast: 64 };
/** How long the line is kept short after a burst was too much. */
const keptShortMs = 30_000;
/** What a request costs as long as nothing was measured. */
const firstGuessMs = 1;
/** What a request costs is measured over so many turns that had no pause between them: to ask the system costs a third of a request. */
const turnsMeasured = 32;
/** What a measurement counts in the mean of those before it. */
const weight = 1 / 4;

export interface WaitingLineOptions {
  /** Milliseconds of processor time this process has used. */
  readonly readCpuMs?: (() => number) | undefined;
  /** Milliseconds of a clock that only runs forward. */
  readonly now?: () => number;
}

/**
 * Requests that were let in, first come first served, a few in each turn of the event loop. What is in line waits here and
 * not in the sockets, so that a probe of health, or somebody who has to be turned away, waits one short turn and not for
 * all who came before. It is full when its last would wait too long. That is reckoned in processor time: a process that gets
 * little of the machine because others are busy is slow, but to turn its clients away would help nobody.
 */
export class WaitingLine {
  readonly #readCpuMs: () => number;
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #scheduled = false;
  #shortUntil = Number.NEGATIVE_INFINITY;
  #msPerRequest = firstGuessMs;
  /** Turns since the last measurement, each of which left somebody waiting. */
  #turns = 0;
  /** The processor time when the first of them began. */
  #busySinceMs = 0;

  constructor({ readCpuMs = cpuMs, now = () => performance.now() }: WaitingLineOptions = {}) {
    this.#readCpuMs = readCpuMs;
    this.#now = now;
  }

  /** Whether one more would wait too long. */
  isFull(): boolean {
    if (this.#waiting.length < standing.atLeast) return false;
    const now = this.#now();
    if (now < this.#shortUntil) return this.#reaches(standing);
    if (!this.#reaches(burst)) return false;
    this.#shortUntil = now + keptShortMs;
    return true;
  }

  /** `begin` is called when it is its turn: in this turn of the event loop if nobody is before it. */
  join(begin: () => void): void {
    this.#waiting.push(begin);
    this.#schedule();
  }

  #reaches({ waitMs, atLeast }: Length): boolean {
    const { length } = this.#waiting;
    return length >= atLeast && length * this.#msPerRequest >= waitMs;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#serve);
  }

  readonly #serve = (): void => {
    this.#scheduled = false;
    this.#measure();
    for (const begin of this.#waiting.splice(0, perTurn)) begin();
    if (this.#waiting.length > 0) this.#schedule();
  };

  /** All that is done while somebody waits is done before their turn: reading, refusing, answering. */
  #measure(): void {
    const { length } = this.#waiting;
    // How long a line may be is asked of one that is long: no need to know it better before.
    if (length <= perTurn || (this.#turns === 0 && length < standing.atLeast)) {
      this.#turns = 0;
      return;
    }
    if (this.#turns === 0) this.#busySinceMs = this.#readCpuMs();
    this.#turns += 1;
    if (this.#turns <= turnsMeasured) return;
    const ms = (this.#readCpuMs() - this.#busySinceMs) / (turnsMeasured * perTurn);
    this.#msPerRequest += (ms - this.#msPerRequest) * weight;
    this.#turns = 0;
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
