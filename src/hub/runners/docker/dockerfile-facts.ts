/**
 * What an operator should know of a Dockerfile before it is built. Told from its text; nothing is decided by it but the
 * builder. Where it cannot be told, that is said: lines are joined as the Engine joins them, so that none hides behind another.
 */

export interface DockerfileFacts {
  /** Images it starts from, copies from or is read with, variables replaced by their defaults; stages of its own left out. */
  readonly bases: readonly string[];
  /** Names of images, as written, which only the build itself will know. */
  readonly untold: readonly string[];
  /** It uses what only BuildKit knows. */
  readonly needsBuildKit: boolean;
}

const DIRECTIVE = /^\s*(?:#|\/\/)\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/;
const COMMENT = /^\s*#/;
const INSTRUCTION = /^\s*([A-Za-z]+)\s+(.*)$/s;

export function dockerfileFacts(text: string): DockerfileFacts {
  const raw = text.split(/\r?\n/);
  const { syntax, escapedBy } = directivesOf(raw);
  const images = new Images();
  const args = new Map<string, string | undefined>();
  if (syntax !== undefined) images.add(syntax, syntax.split(/\s/)[0]);
  let needsBuildKit = false;
  for (const line of joined(raw, escapedBy)) {
    const [, word = '', rest = ''] = INSTRUCTION.exec(line) ?? [];
    const instruction = word.toUpperCase();
    if (instruction === 'FROM') {
      const [base = '', as, stage] = plainWords(rest);
      images.stage(base, replaced(base, args), as?.toUpperCase() === 'AS' ? stage : undefined);
    }
    // Of those behind the first FROM, none is used in another one.
    if (instruction === 'ARG' && !images.begun) takeArgs(rest, args);
    if (['COPY', 'ADD'].includes(instruction)) {
      for (const from of flags(rest, /^--from=(.*)$/s)) images.add(from, literal(from));
      if (/(?:^|\s)--(?:link|chmod|parents|exclude|checksum)\b/.test(rest)) needsBuildKit = true;
    }
    if (instruction === 'RUN') {
      for (const from of flags(rest, /^--mount=(?:.*,)?["']?from=([^,]*)/s)) images.add(from, literal(from));
      if (/^\s*--(?:mount|network|security)\b/.test(rest)) needsBuildKit = true;
    }
    if (['RUN', 'COPY', 'ADD'].includes(instruction) && /<<-?["']?[A-Za-z_]/.test(rest)) needsBuildKit = true;
  }
  return { bases: [...images.known], untold: [...images.untold], needsBuildKit };
}

class Images {
  readonly known = new Set<string>();
  readonly untold = new Set<string>();
  /** Names and numbers of the stages before this one, whose own name is still an image's. */
  readonly #stages = new Set<string>();
  #now: string | undefined;
  #count = 0;

  get begun(): boolean {
    return this.#count > 0;
  }

  /** @param name what it is after all variables; undefined when nobody can tell */
  add(written: string, name: string | undefined): void {
    if (name === undefined || !/^[A-Za-z0-9][\w./:@-]*$/.test(name)) this.untold.add(written.trim() || '?');
    else if (!this.#stages.has(name.toLowerCase())) this.known.add(name);
  }

  /** A stage begins. Another one is begun from by its name alone, and copied from by its number too. */
  stage(written: string, name: string | undefined, called: string | undefined): void {
    if (this.#now !== undefined) this.#stages.add(this.#now);
    if (name !== 'scratch') {
      if (name !== undefined && /^\d+$/.test(name)) this.known.add(name);
      else this.add(written, name);
    }
    if (this.#count > 0) this.#stages.add(String(this.#count - 1));
    this.#now = called?.toLowerCase();
    this.#count += 1;
  }
}

/** Only the first lines can be directives. */
function directivesOf(lines: readonly string[]): { readonly syntax: string | undefined; readonly escapedBy: string } {
  const found = new Map<string, string>();
  for (const line of lines[0]?.startsWith('#!') ? lines.slice(1) : lines) {
    const [, name, value] = DIRECTIVE.exec(line) ?? [];
    if (name === undefined || value === undefined) break;
    found.set(name.toLowerCase(), value);
  }
  return { syntax: found.get('syntax'), escapedBy: found.get('escape') === '`' ? '`' : '\\' };
}

/** Comments and empty lines do not end a continuation, and are none; two escapes are no continuation. */
function joined(lines: readonly string[], escapedBy: string): readonly string[] {
  const continued = escapedBy === '`' ? /(^|[^`])`[ \t]*$/ : /(^|[^\\])\\[ \t]*$/;
  const all: string[] = [];
  let current: string | undefined;
  for (const line of lines) {
    if (COMMENT.test(line) || line.trim() === '') continue;
    const goesOn = continued.test(line);
    current = (current ?? '') + (goesOn ? line.replace(continued, '$1') : line);
    if (goesOn) continue;
    all.push(current);
    current = undefined;
  }
  return current === undefined ? all : [...all, current];
}

const plainWords = (rest: string): readonly string[] =>
  rest
    .trim()
    .split(/\s+/)
    .filter((one) => !one.startsWith('--'));

/** Values of a flag in front of everything else. */
function flags(rest: string, wanted: RegExp): readonly string[] {
  const words = rest.trim().split(/\s+/);
  const end = words.findIndex((one) => !one.startsWith('--'));
  return words.slice(0, end === -1 ? undefined : end).flatMap((one) => wanted.exec(one)?.[1] ?? []);
}

/** The Engine replaces no variables there. */
const literal = (text: string): string | undefined => (/[$\\]/.test(text) ? undefined : text.replaceAll(/["']/g, ''));

function takeArgs(rest: string, args: Map<string, string | undefined>): void {
  for (const one of rest.trim().split(/\s+/)) {
    const equals = one.indexOf('=');
    if (equals === -1) args.set(one, undefined);
    else args.set(one.slice(0, equals), replaced(one.slice(equals + 1), args));
  }
}

/** With the defaults of arguments, which nobody gives values for; undefined where one has none, e.g. the builder's own. */
function replaced(text: string, args: ReadonlyMap<string, string | undefined>): string | undefined {
  let told = true;
  const plain = text
    .replaceAll(/["']/g, '')
    .replaceAll(/\$(?:(\w+)|\{(\w+)(?::?-([^${}]*))?\})/g, (_, bare, braced, or) => {
      const value = args.get(bare ?? braced) ?? or;
      if (value === undefined || value === '') told = false;
      return value ?? '';
    });
  return told && !/[$\\`]/.test(plain) ? plain : undefined;
}
