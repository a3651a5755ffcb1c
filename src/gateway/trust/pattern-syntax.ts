/** Reads a regular expression (ECMA-262, as JSON Schema prescribes) far enough to see where it repeats. */

/** Characters as bits: 0–127 as they are, two more for all others. */
export type CharSet = bigint;

export type PatternNode =
  | { readonly kind: 'chars'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  /** `max` is Infinity for an open end. */
  | { readonly kind: 'repeat'; readonly of: PatternNode; readonly min: number; readonly max: number };

export interface ParsedPattern {
  readonly main: PatternNode;
  /** Bodies of lookarounds: matched on their own. */
  readonly asides: readonly PatternNode[];
}

export class PatternError extends Error {}

const MAX_GROUPS_DEEP = 50;
/** Beyond ASCII only two kinds are told apart: what `\s` matches, and the rest. */
const FAR_SPACES = 1n << 128n;
const FAR_OTHERS = 1n << 129n;
const FAR = FAR_SPACES | FAR_OTHERS;
const ALL: CharSet = (1n << 130n) - 1n;
const bit = (code: number): CharSet => {
  if (code < 128) return 1n << BigInt(code);
  return /\s/.test(String.fromCodePoint(code)) ? FAR_SPACES : FAR_OTHERS;
};
const range = (from: number, to: number): CharSet => {
  if (from >= 128) return FAR;
  const top = Math.min(to, 127);
  const ascii = ((1n << BigInt(top - from + 1)) - 1n) << BigInt(from);
  return to >= 128 ? ascii | FAR : ascii;
};
const DIGITS = range(48, 57);
const WORDS = DIGITS | range(65, 90) | range(97, 122) | bit(95);
const SPACES = range(9, 13) | bit(32) | FAR_SPACES;
const CLASSES: Readonly<Record<string, CharSet>> = {
  d: DIGITS,
  D: ALL & ~DIGITS,
  w: WORDS,
  W: ALL & ~WORDS,
  s: SPACES,
  S: ALL & ~SPACES,
};
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, v: 11, f: 12, 0: 0 };
const EMPTY: PatternNode = { kind: 'sequence', items: [] };

/** @throws PatternError for what is no expression, and for back references, whose cost nothing bounds. */
export function parsePattern(source: string): ParsedPattern {
  return new Parser(source).parse();
}

class Parser {
  readonly #source: string;
  readonly #asides: PatternNode[] = [];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): ParsedPattern {
    const main = this.#choice();
    if (this.#at < this.#source.length) throw new PatternError('unbalanced parenthesis');
    return { main, asides: this.#asides };
  }

  #choice(): PatternNode {
    this.#depth += 1;
    if (this.#depth > MAX_GROUPS_DEEP) throw new PatternError('groups too deep');
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    this.#depth -= 1;
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { kind: 'choice', options };
  }

  #sequence(): PatternNode {
    const items: PatternNode[] = [];
    for (let next = this.#peek(); next !== '' && next !== '|' && next !== ')'; next = this.#peek()) {
      items.push(this.#repeated(this.#atom()));
    }
    return { kind: 'sequence', items };
  }

  #repeated(of: PatternNode): PatternNode {
    let node = of;
    for (let times = this.#quantifier(); times !== undefined; times = this.#quantifier()) {
      node = { kind: 'repeat', of: node, ...times };
      this.#take('?');
    }
    return node;
  }

  #quantifier(): { min: number; max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { min: 0, max: 1 };
    const found = this.#match(/\{(\d{1,6})(,(\d{0,6}))?\}/y);
    if (found === undefined) return undefined;
    const min = Number(found[1]);
    if (found[2] === undefined) return { min, max: min };
    return { min, max: found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]) };
  }

  #atom(): PatternNode {
    const next = this.#peek();
    this.#at += next.length;
    switch (next) {
      case '^':
      case '$':
        return EMPTY;
      case '.':
        return { kind: 'chars', set: ALL & ~(bit(10) | bit(13)) };
      case '[':
        return { kind: 'chars', set: this.#class() };
      case '(':
        return this.#group();
      case '\\':
        return this.#escape();
      default:
        return { kind: 'chars', set: bit(next.codePointAt(0) ?? 0) };
    }
  }

  #group(): PatternNode {
    const aside = this.#match(/\?<?[=!]/y) !== undefined;
    if (!aside) this.#match(/\?(?:<[^>]{1,100}>|P<[^>]{1,100}>|[a-z-]*:)/y);
    const body = this.#choice();
    if (!this.#take(')')) throw new PatternError('unclosed group');
    if (!aside) return body;
    this.#asides.push(body);
    return EMPTY;
  }

  #escape(): PatternNode {
    const next = this.#peek();
    if (next === 'b' || next === 'B') {
      this.#at += 1;
      return EMPTY;
    }
    if (/[1-9k]/.test(next)) throw new PatternError('back reference');
    return { kind: 'chars', set: this.#escapedSet() };
  }

  /** After a backslash, in a class or outside. */
  #escapedSet(): CharSet {
    const next = this.#peek();
    if (next === '') throw new PatternError('trailing backslash');
    this.#at += next.length;
    const named = Object.hasOwn(CLASSES, next) ? CLASSES[next] : undefined;
    if (named !== undefined) return named;
    if (next === 'p' || next === 'P') {
      // Which characters a property has is beyond this reader: any.
      this.#match(/\{[^}]{1,100}\}/y);
      return ALL;
    }
    if (Object.hasOwn(CONTROLS, next)) return bit(CONTROLS[next] ?? 0);
    const digits =
      next === 'x'
        ? this.#match(/[0-9a-f]{2}/iy)
        : next === 'u'
          ? this.#match(/\{[0-9a-f]{1,6}\}|[0-9a-f]{4}/iy)
          : undefined;
    if (digits !== undefined) return bit(Number.parseInt(digits[0].replace(/[{}]/g, ''), 16));
    if (next === 'c') return bit((this.#match(/[a-z]/iy)?.[0].charCodeAt(0) ?? 0) % 32);
    return bit(next.codePointAt(0) ?? 0);
  }

  #class(): CharSet {
    const negated = this.#take('^');
    let some = 0n;
    /** What is in it for certain: of the far characters, only what a named class has. */
    let whole = 0n;
    while (!this.#take(']')) {
      if (this.#peek() === '') throw new PatternError('unclosed class');
      const low = this.#classAtom();
      const isRange = low.code !== undefined && this.#peek() === '-' && this.#source[this.#at + 1] !== ']';
      if (!isRange || low.code === undefined) {
        some |= low.set;
        whole |= low.code === undefined ? low.set : low.set & ~FAR;
        continue;
      }
      this.#at += 1;
      const high = this.#classAtom();
      if (high.code !== undefined && high.code < low.code) throw new PatternError('range out of order');
      const set = high.code === undefined ? low.set | bit(45) | high.set : range(low.code, high.code);
      some |= set;
      whole |= set & ~FAR;
    }
    return negated ? ALL & ~whole : some;
  }

  /** One character or, without a `code`, a named class. */
  #classAtom(): { set: CharSet; code?: number } {
    const next = this.#peek();
    this.#at += next.length;
    if (next !== '\\') return single(next.codePointAt(0) ?? 0);
    if (this.#take('b')) return single(8);
    const set = this.#escapedSet();
    const isOne = set !== 0n && (set & (set - 1n)) === 0n;
    // Of a far one only the kind is known, and a range from there on reaches all of them.
    return isOne ? { set, code: Math.min(128, set.toString(2).length - 1) } : { set };
  }

  /** The character here, whole; empty at the end. */
  #peek(): string {
    const code = this.#source.codePointAt(this.#at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #take(wanted: string): boolean {
    if (this.#source[this.#at] !== wanted) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }
}

function single(code: number): { set: CharSet; code: number } {
  return { set: bit(code), code };
}
