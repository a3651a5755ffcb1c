/** How much of a text is compared at a time. */
const GRAM = 4;
/** As many distances as a slot of the table has bits. */
const MAX_STRIDE = 16;
const MIN_TABLE = 1 << 14;

interface Occurrence {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a text holds any of many literals, at a cost that hardly grows with how many they are. No literal is shorter
 * than `stride + GRAM - 1`, so of the grams that begin at every `stride`-th character of a text, each occurrence
 * covers one: only those are looked up, and a table tells how far into which beginnings such a gram may stand.
 */
export class FormSearch {
  readonly #stride: number;
  readonly #mask: number;
  /** 1 for the two characters that such a gram begins with: reading the whole gram is most of the cost. */
  readonly #pairs = new Uint8Array(1 << 16);
  /** For the hash of a gram, a bit for each distance from the beginning of a literal at which it occurs. */
  readonly #distances: Uint16Array;
  /** Literals by as many of their first characters as the shortest has, within reason. */
  readonly #byBeginning = new Map<string, string[]>();

  /** No literal is shorter than {@link GRAM}. */
  constructor(literals: ReadonlySet<string>) {
    let longestStride = MAX_STRIDE;
    for (const { length } of literals) longestStride = Math.min(longestStride, length - GRAM + 1);
    this.#stride = longestStride;
    let size = MIN_TABLE;
    while (size < literals.size * this.#stride * 8) size *= 2;
    this.#mask = size - 1;
    this.#distances = new Uint16Array(size);
    for (const literal of literals) this.#add(literal);
  }

  /** Every occurrence replaced, from the left, the longest where several begin at one place; the same text when there is none. */
  replaceAll(text: string, by: string): string {
    let replaced = '';
    let from = 0;
    for (const { start, end } of this.occurrences(text)) {
      replaced += text.slice(from, start) + by;
      from = end;
    }
    return from === 0 ? text : replaced + text.slice(from);
  }

  /** Those that {@link replaceAll} replaces. */
  *occurrences(text: string): Generator<Occurrence> {
    for (let found = this.#next(text, 0); found !== undefined; found = this.#next(text, found.end)) yield found;
  }

  /** Whether bytes hold one that is written with a character a byte. They are made a text only where one may begin. */
  isInBytes(bytes: Buffer): boolean {
    const end = bytes.length - GRAM;
    let text: string | undefined;
    for (let at = 0; at <= end; at += this.#stride) {
      const first = bytes[at] ?? 0;
      const second = bytes[at + 1] ?? 0;
      if (this.#pairs[first ^ (second << 8)] === 0) continue;
      const hash = hashOf(first, second, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
      const distances = this.#distances[hash & this.#mask] ?? 0;
      if (distances === 0) continue;
      text ??= bytes.toString('latin1');
      if (this.#around(text, at, distances, 0) !== undefined) return true;
    }
    return false;
  }

  /** The first occurrence that begins there or later. It is met at the first looked-up gram that it covers, as all before it. */
  #next(text: string, from: number): Occurrence | undefined {
    const end = text.length - GRAM;
    for (let at = Math.ceil(from / this.#stride) * this.#stride; at <= end; at += this.#stride) {
      if (this.#pairs[pairAt(text, at)] === 0) continue;
      const distances = this.#distances[hashAt(text, at) & this.#mask] ?? 0;
      const found = distances === 0 ? undefined : this.#around(text, at, distances, from);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #add(literal: string): void {
    for (let distance = 0; distance < this.#stride; distance += 1) {
      this.#pairs[pairAt(literal, distance)] = 1;
      const slot = hashAt(literal, distance) & this.#mask;
      this.#distances[slot] = (this.#distances[slot] ?? 0) | (1 << distance);
    }
    const beginning = literal.slice(0, this.#stride + GRAM - 1);
    const alike = this.#byBeginning.get(beginning);
    if (alike === undefined) this.#byBeginning.set(beginning, [literal]);
    else alike.push(literal);
  }

  /** The first literal that begins at one of these distances before the gram. */
  #around(text: string, at: number, distances: number, from: number): Occurrence | undefined {
    for (let distance = Math.min(this.#stride - 1, at - from); distance >= 0; distance -= 1) {
      if ((distances & (1 << distance)) === 0) continue;
      const start = at - distance;
      let longest = 0;
      for (const literal of this.#byBeginning.get(text.slice(start, start + this.#stride + GRAM - 1)) ?? []) {
        if (literal.length > longest && text.startsWith(literal, start)) longest = literal.length;
      }
      if (longest > 0) return { start, end: start + longest };
    }
    return undefined;
  }
}

function pairAt(text: string, at: number): number {
  return (text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 8)) & 0xffff;
}

/** Of the {@link GRAM} characters from there on. */
function hashAt(text: string, at: number): number {
  return hashOf(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2), text.charCodeAt(at + 3));
}

function hashOf(first: number, second: number, third: number, fourth: number): number {
  const mixed = Math.imul(first | (second << 16), 0x9e3779b1) ^ Math.imul(third | (fourth << 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
