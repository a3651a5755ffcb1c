/**
 * A strict JSON reader that keeps no values. It exists for two things `JSON.parse` cannot do on a file of secrets:
 * say where the text is wrong without quoting it (V8's messages quote the input), and see keys that occur twice
 * (`JSON.parse` keeps the last one in silence).
 */
export type JsonScan =
  | { readonly duplicates: readonly DuplicateKey[] }
  | { readonly fault: JsonFault; readonly offset: number };

export interface DuplicateKey {
  /** Keys from the root to the repeated one, e.g. `['empresa_001', 'app_key']`; `[]` positions are `[0]`. */
  readonly path: readonly string[];
  readonly offset: number;
}

export type JsonFault =
  | 'texto incompleto'
  | 'vírgula sobrando'
  | 'caractere inesperado'
  | 'aninhamento profundo demais';

/** Our files need four levels; the limit keeps a hostile file from exhausting the stack. */
const MAX_DEPTH = 64;

/** Reads the whole text. `offset` counts UTF-16 units from zero; see {@link lineAndColumn}. */
export function scanJson(text: string): JsonScan {
  const scanner = new Scanner(text);
  try {
    scanner.document();
  } catch (thrown) {
    if (thrown instanceof Fault) return { fault: thrown.reason, offset: thrown.offset };
    throw thrown;
  }
  return { duplicates: scanner.duplicates };
}

/** One-based line and column of an offset; CRLF and LF both end a line. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

class Fault extends Error {
  readonly reason: JsonFault;
  readonly offset: number;

  constructor(reason: JsonFault, offset: number) {
    super(reason);
    this.reason = reason;
    this.offset = offset;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Scanner {
  readonly duplicates: DuplicateKey[] = [];
  readonly #text: string;
  readonly #path: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#fail();
  }

  #value(): void {
    this.#space();
    const next = this.#text[this.#at];
    if (next === '{') this.#object();
    else if (next === '[') this.#array();
    else if (next === '"') this.#string();
    else if (!this.#match(WORD) && !this.#match(NUMBER)) this.#fail();
  }

  #object(): void {
    const seen = new Set<string>();
    this.#list('}', () => {
      this.#space();
      const start = this.#at;
      const key = this.#string();
      this.#path.push(key);
      if (seen.has(key)) this.duplicates.push({ path: [...this.#path], offset: start });
      seen.add(key);
      this.#space();
      this.#expect(':');
      this.#value();
      this.#path.pop();
    });
  }

  #array(): void {
    let index = 0;
    this.#list(']', () => {
      this.#path.push(`[${index}]`);
      index += 1;
      this.#value();
      this.#path.pop();
    });
  }

  #list(close: '}' | ']', item: () => void): void {
    if (this.#path.length >= MAX_DEPTH) throw new Fault('aninhamento profundo demais', this.#at);
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      item();
      this.#space();
      if (this.#text[this.#at] === close) break;
      const comma = this.#at;
      this.#expect(',');
      this.#space();
      if (this.#text[this.#at] === close) throw new Fault('vírgula sobrando', comma);
    }
    this.#at += 1;
  }

  #string(): string {
    const start = this.#at;
    this.#expect('"');
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) break;
      if (code === 0x5c) {
        if (!this.#match(ESCAPE)) this.#fail();
      } else if (code >= 0x20) this.#at += 1;
      else this.#fail();
    }
    this.#at += 1;
    const key: unknown = JSON.parse(this.#text.slice(start, this.#at));
    return String(key);
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return false;
    this.#at += found[0].length;
    return true;
  }

  #space(): void {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) this.#fail();
    this.#at += 1;
  }

  /** Past the end the text is incomplete (a half-written file); before it, a character is wrong. */
  #fail(): never {
    const reason = this.#at >= this.#text.length ? 'texto incompleto' : 'caractere inesperado';
    throw new Fault(reason, this.#at);
  }
}
