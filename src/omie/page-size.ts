/** How many rows to ask for, learnt per application and method: heavy pages break Omie's application server. */
import type { Clock } from './clock.ts';
import type { OmieCall, OmieParams } from './omie-client.ts';

/** Snake lists cap at 100 in silence. */
const SNAKE_SIZE = 100;
/** Hungarian lists take 500, but without a filter pages over 200 are known to break the application server. */
const UNFILTERED_SIZE = 200;
export const SMALLEST_SIZE = 25;
/** A size that broke is tried again, doubled, after this long. */
const GROW_AFTER_MS = 600_000;
/** A size nobody asked for since would have grown back to the usual one by now. */
const FORGET_AFTER_MS = 6 * GROW_AFTER_MS;
const MOST_PIECES = 4;

/** Keys that order or decorate a list but leave all its rows in. */
const NO_FILTER: ReadonlySet<string> = new Set([
  'cOrdenarPor',
  'cOrdemDecrescente',
  'lDadosCad',
  'cExibirDepartamentos',
]);

/** What of a call its page size depends on. */
type Sized = Pick<OmieCall, 'name' | 'dialect' | 'maxPageSize'>;

export class PageSizes {
  readonly #clock: Clock;
  readonly #learnt = new Map<string, { size: number; growAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  sizeFor(key: string, call: Sized, params: OmieParams): number {
    const usual = usualSize(call, params);
    const learntKey = `${key} ${call.name}`;
    const learnt = this.#learnt.get(learntKey);
    if (learnt === undefined) return usual;
    if (this.#clock.now() >= learnt.growAt) {
      if (learnt.size * 2 >= call.maxPageSize) this.#learnt.delete(learntKey);
      else this.#learnt.set(learntKey, { size: learnt.size * 2, growAt: this.#clock.now() + GROW_AFTER_MS });
      return Math.min(usual, learnt.size * 2);
    }
    return Math.min(usual, learnt.size);
  }

  /** How many pages of this size stand for one of the usual size; a question has to end some time. */
  piecesOf(call: Sized, params: OmieParams, size: number): number {
    return Math.min(MOST_PIECES, Math.max(1, Math.ceil(usualSize(call, params) / size)));
  }

  /** The half of a size that broke, remembered; undefined when it is as small as it gets. */
  halve(key: string, call: Sized, size: number): number | undefined {
    if (size <= SMALLEST_SIZE) return undefined;
    const half = Math.max(SMALLEST_SIZE, Math.floor(size / 2));
    this.#dropOld();
    this.#learnt.set(`${key} ${call.name}`, { size: half, growAt: this.#clock.now() + GROW_AFTER_MS });
    return half;
  }

  #dropOld(): void {
    const now = this.#clock.now();
    for (const [key, { growAt }] of [...this.#learnt]) {
      if (now >= growAt + FORGET_AFTER_MS) this.#learnt.delete(key);
    }
  }
}

function usualSize(call: Sized, params: OmieParams): number {
  if (call.dialect === 'snake') return Math.min(SNAKE_SIZE, call.maxPageSize);
  const filtered = Object.entries(params).some(([key, value]) => value !== undefined && !NO_FILTER.has(key));
  return filtered ? call.maxPageSize : Math.min(UNFILTERED_SIZE, call.maxPageSize);
}
