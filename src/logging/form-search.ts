/** How much of a text is compared at a time. */
const GRAM = 4;
/** As many distances as a slot of the table has bits. */
const MAX_STRIDE = 16;
const MIN_TABLE = 1 << 14;

/**
 * Whether a text holds any of many literals, at a cost that hardly grows with how many they are. No literal is shorter
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

  isIn(text: string): boolean {
    const end = text.length - GRAM;
    for (let at = 0; at <= end; at += this.#stride) {
      if (this.#pairs[pairAt(text, at)] === 0) continue;
      const distances = this.#distances[hashAt(text, at) & this.#mask] ?? 0;
      if (distances !== 0 && this.#isAround(text, at, distances)) return true;
    }
    return false;
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

  /** Does a literal begin at one of these distances before the gram? */
  #isAround(text: string, at: number, distances: number): boolean {
    for (let distance = 0; distance < this.#stride && distance <= at; distance += 1) {
      if ((distances & (1 << distance)) === 0) continue;
      const start = at - distance;
      const alike = this.#byBeginning.get(text.slice(start, start + this.#stride + GRAM - 1));
      if (alike?.some((literal) => text.startsWith(literal, start))) return true;
    }
    return false;
  }
}

function pairAt(text: string, at: number): number {
  return (text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 8)) & 0xffff;
}

/** Of the {@link GRAM} characters from there on. */
function hashAt(text: string, at: number): number {
  const pair = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
  const next = text.charCodeAt(at + 2) | (text.charCodeAt(at + 3) << 16);
  const mixed = Math.imul(pair, 0x9e3779b1) ^ Math.imul(next, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
