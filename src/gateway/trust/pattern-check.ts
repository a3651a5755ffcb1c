/**
 * Whether a regular expression can take exponential time: whether inside one of its loops the same text can be matched
 * in two ways ("exponential ambiguity", Weideman et al., CIAA 2016). Then n repetitions of that text have 2ⁿ ways, and an
 * engine that backtracks tries them all when the match fails at the end. Nothing is ever matched here.
 */
import { type CharSet, PatternError, type PatternNode, parsePattern } from './pattern-syntax.ts';

const MAX_LENGTH = 2_000;
/** Places where a character is matched, repetitions of a fixed count written out. */
const MAX_POSITIONS = 1_500;
/** Steps of the search, for one pattern or for all of a schema together. All the formats of zod together take 8,100. */
export const MAX_STEPS = 25_000;

/** Reading a place, and finding its loops, costs as much as this many steps. */
const PLACE_STEPS = 10;

/** What is left of the time somebody has for checking patterns. */
export interface Work {
  steps: number;
}
/** A repetition with room in it, `{0,9}`, counts as a loop from here on: 2⁴ ways are few, 2⁹⁹ are not. */
const FEW_TIMES = 4;

/** Why a pattern is refused, in Portuguese; undefined when it is harmless. */
export function patternProblem(pattern: string, work: Work = { steps: MAX_STEPS }): string | undefined {
  if (pattern.length > MAX_LENGTH) return `padrão com mais de ${MAX_LENGTH} caracteres`;
  try {
    const { main, asides } = parsePattern(pattern);
    return [main, ...asides].some((node) => isAmbiguous(node, work))
      ? 'padrão que pode levar tempo exponencial'
      : undefined;
  } catch (thrown) {
    if (thrown instanceof PatternError) return `padrão que não se pode conferir (${thrown.message})`;
    throw thrown;
  }
}

function isAmbiguous(node: PatternNode, work: Work): boolean {
  const graph = new Graph(work);
  graph.add(node);
  return graph.loops().some((loop) => graph.isAmbiguousIn(loop));
}

interface Part {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly nullable: boolean;
}

/** Glushkov's automaton: one state for each place, an edge where one place can follow another. */
class Graph {
  readonly #sets: CharSet[] = [];
  readonly #follow: Set<number>[] = [];
  /** Edges that exist in two ways, as when one loop is directly inside another: `from * MAX_POSITIONS + to`. */
  readonly #twice = new Set<number>();
  readonly #work: Work;

  constructor(work: Work) {
    this.#work = work;
  }

  add(node: PatternNode): Part {
    switch (node.kind) {
      case 'chars':
        return this.#place(node.set);
      case 'choice': {
        const parts = node.options.map((option) => this.add(option));
        return {
          first: parts.flatMap(({ first }) => first),
          last: parts.flatMap(({ last }) => last),
          nullable: parts.some(({ nullable }) => nullable),
        };
      }
      case 'sequence':
        return this.#sequence(node.items.map((item) => () => this.add(item)));
      case 'repeat':
        return this.#repeat(node);
    }
  }

  #place(set: CharSet): Part {
    if (this.#sets.length >= MAX_POSITIONS) throw new PatternError('too large');
    this.#step(PLACE_STEPS);
    const place = this.#sets.length;
    this.#sets.push(set);
    this.#follow.push(new Set());
    return { first: [place], last: [place], nullable: false };
  }

  #sequence(parts: readonly (() => Part)[]): Part {
    let whole: Part = { first: [], last: [], nullable: true };
    for (const make of parts) {
      const next = make();
      this.#link(whole.last, next.first);
      whole = {
        first: whole.nullable ? [...whole.first, ...next.first] : whole.first,
        last: next.nullable ? [...whole.last, ...next.last] : next.last,
        nullable: whole.nullable && next.nullable,
      };
    }
    return whole;
  }

  #repeat({ of, min, max }: Extract<PatternNode, { kind: 'repeat' }>): Part {
    if (max === 0) return { first: [], last: [], nullable: true };
    const once = (): Part => this.add(of);
    if (min === max) return this.#sequence(Array<() => Part>(min).fill(once));
    if (max < FEW_TIMES) {
      const maybe = (): Part => ({ ...once(), nullable: true });
      return this.#sequence([...Array<() => Part>(min).fill(once), ...Array<() => Part>(max - min).fill(maybe)]);
    }
    const part = once();
    this.#link(part.last, part.first);
    return { ...part, nullable: part.nullable || min === 0 };
  }

  #link(from: readonly number[], to: readonly number[]): void {
    for (const place of from) {
      const next = this.#follow[place];
      if (next === undefined) continue;
      for (const one of to) {
        this.#step();
        if (next.has(one)) this.#twice.add(place * MAX_POSITIONS + one);
        next.add(one);
      }
    }
  }

  /** Places that can reach one another, together (Tarjan). */
  loops(): Set<number>[] {
    const index: number[] = [];
    const low: number[] = [];
    const path: number[] = [];
    const onPath = new Set<number>();
    const found: Set<number>[] = [];
    const visit = (place: number): void => {
      index[place] = path.length + found.length * MAX_POSITIONS;
      low[place] = index[place] ?? 0;
      path.push(place);
      onPath.add(place);
      for (const next of this.#follow[place] ?? []) {
        if (index[next] === undefined) visit(next);
        if (onPath.has(next)) low[place] = Math.min(low[place] ?? 0, low[next] ?? 0);
      }
      if (low[place] !== index[place]) return;
      const loop = new Set(path.splice(path.lastIndexOf(place)));
      for (const member of loop) onPath.delete(member);
      found.push(loop);
    };
    for (const place of this.#sets.keys()) if (index[place] === undefined) visit(place);
    return found.filter((loop) => loop.size > 1 || [...loop].some((place) => this.#follow[place]?.has(place)));
  }

  /** Two different ways with the same text, from one place of the loop and back to one. */
  isAmbiguousIn(loop: ReadonlySet<number>): boolean {
    for (const place of loop) {
      for (const next of this.#follow[place] ?? []) {
        if (loop.has(next) && this.#twice.has(place * MAX_POSITIONS + next)) return true;
      }
    }
    const back = new Map<number, number[]>();
    const starts = [...loop].map((place) => place * MAX_POSITIONS + place);
    const parted = this.#pairsFrom(starts, loop, back);
    // Against the edges, from where both ways are together again.
    const meeting = new Set(starts);
    for (const pair of meeting) {
      for (const before of back.get(pair) ?? []) {
        if (parted.has(before)) return true;
        meeting.add(before);
      }
    }
    return false;
  }

  /** The pairs of different places that two equal texts can lead to; `back` gets the edges, reversed. */
  #pairsFrom(starts: readonly number[], loop: ReadonlySet<number>, back: Map<number, number[]>): Set<number> {
    const seen = new Set(starts);
    const parted = new Set<number>();
    for (const pair of seen) {
      const left = Math.floor(pair / MAX_POSITIONS);
      const right = pair % MAX_POSITIONS;
      for (const [one, other] of this.#steps(left, right, loop)) {
        const next = one * MAX_POSITIONS + other;
        const from = back.get(next);
        if (from === undefined) back.set(next, [pair]);
        else from.push(pair);
        seen.add(next);
        if (one !== other) parted.add(next);
      }
    }
    return parted;
  }

  #step(weight = 1): void {
    this.#work.steps -= weight;
    if (this.#work.steps < 0) throw new PatternError('too large');
  }

  *#steps(left: number, right: number, loop: ReadonlySet<number>): Generator<readonly [number, number]> {
    for (const one of this.#follow[left] ?? []) {
      if (!loop.has(one)) continue;
      for (const other of this.#follow[right] ?? []) {
        this.#step();
        if (loop.has(other) && ((this.#sets[one] ?? 0n) & (this.#sets[other] ?? 0n)) !== 0n) yield [one, other];
      }
    }
  }
}
