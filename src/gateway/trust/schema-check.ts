/**
 * Whether a JSON Schema of an upstream can be handed to validators and models: no address to fetch, no depth, number or
 * pattern that keeps whoever compiles it busy. A schema that passes is passed on untouched.
 */
import { ExactNumber, exactJson } from '../../protocol/exact-number.ts';
import { MAX_STEPS, patternProblem, type Work } from './pattern-check.ts';

export interface SchemaLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Objects and arrays in the schema, and again with every `$ref` followed where it stands. */
  readonly maxNodes: number;
  readonly maxExpandedNodes: number;
  readonly maxPatterns: number;
}

/** Ten times what the largest public servers have (GitHub's, Playwright's: 40 KB, 12 deep). */
export const SCHEMA_LIMITS: SchemaLimits = {
  maxBytes: 512 * 1_024,
  maxDepth: 64,
  maxNodes: 20_000,
  maxExpandedNodes: 200_000,
  maxPatterns: 200,
};

const MAX_CHAIN = 1_000;
/** Characters of one number: a double reaches 309 digits, and nobody's rule needs more than these. */
const MAX_NUMBER_LENGTH = 400;

const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef'] as const;

/**
 * The first problem found, in Portuguese, or undefined. Stops at it: a hostile schema costs no more than a large one.
 *
 * @param schema parsed JSON
 */
export function schemaProblem(schema: unknown, limits: SchemaLimits = SCHEMA_LIMITS): string | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return 'o esquema não é um objeto';
  return walk(schema, limits) ?? sizeProblem(schema, limits) ?? expansionProblem(schema, limits);
}

function sizeProblem(schema: object, { maxBytes }: SchemaLimits): string | undefined {
  return Buffer.byteLength(exactJson(schema)) > maxBytes ? `o esquema tem mais de ${maxBytes} bytes` : undefined;
}

/** With a list of its own instead of the stack: depth is one of the things that may be hostile. */
function walk(schema: object, { maxDepth, maxNodes, maxPatterns }: SchemaLimits): string | undefined {
  const waiting: { readonly node: object; readonly depth: number }[] = [{ node: schema, depth: 1 }];
  let nodes = 0;
  const patterns = new Set<string>();
  const work = { steps: MAX_STEPS };
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next;
    nodes += 1;
    // What waits counts too: a hundred thousand alternatives need not be looked at.
    if (nodes + waiting.length > maxNodes) return `o esquema tem mais de ${maxNodes} partes`;
    if (depth > maxDepth) return `o esquema tem mais de ${maxDepth} níveis`;
    const problem = Array.isArray(node) ? undefined : (referenceProblem(node) ?? patternsOf(node, patterns, work));
    if (problem !== undefined) return problem;
    if (patterns.size > maxPatterns) return `o esquema tem mais de ${maxPatterns} padrões`;
    for (const inner of Object.values(node)) {
      if (isEndless(inner))
        return `o esquema tem um número de mais de ${MAX_NUMBER_LENGTH} caracteres ou grande demais`;
      if (typeof inner === 'object' && inner !== null) waiting.push({ node: inner, depth: depth + 1 });
    }
  }
  return undefined;
}

/** Longer than anybody means, or beyond what a double holds where no digits were kept: JSON has no word for infinity. */
function isEndless(value: unknown): boolean {
  return value instanceof ExactNumber
    ? value.text.length > MAX_NUMBER_LENGTH
    : typeof value === 'number' && !Number.isFinite(value);
}

/** Only places in the schema itself; a relative one means the network as soon as there is an `$id`. */
function referenceProblem(node: object): string | undefined {
  for (const keyword of REFERENCES) {
    const target: unknown = Object.hasOwn(node, keyword) ? Reflect.get(node, keyword) : undefined;
    if (typeof target === 'string' && !target.startsWith('#')) return `${keyword} aponta para fora do esquema`;
  }
  return undefined;
}

function patternsOf(node: object, seen: Set<string>, work: Work): string | undefined {
  const own = (key: string): unknown => (Object.hasOwn(node, key) ? Reflect.get(node, key) : undefined);
  const pattern = own('pattern');
  const keyed = own('patternProperties');
  const sources = [
    ...(typeof pattern === 'string' ? [pattern] : []),
    ...(typeof keyed === 'object' && keyed !== null ? Object.keys(keyed) : []),
  ];
  for (const source of sources) {
    if (seen.has(source)) continue;
    seen.add(source);
    const problem = patternProblem(source, work);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * How large it is with every reference followed: twenty definitions that each use the one before twice are a million.
 * A definition that uses itself counts once; validators follow it only as deep as the data.
 */
function expansionProblem(schema: object, { maxExpandedNodes }: SchemaLimits): string | undefined {
  const sizes = new Map<object, number>();
  const open = new Set<object>();
  const sizeOf = (node: object): number => {
    const known = sizes.get(node);
    if (known !== undefined) return known;
    if (open.has(node)) return 0;
    // A chain of references this long is built to exhaust somebody's stack; it may not be ours.
    if (open.size > MAX_CHAIN) return Number.POSITIVE_INFINITY;
    open.add(node);
    let size = 1;
    for (const [key, inner] of Object.entries(node)) {
      if (key === '$defs' || key === 'definitions') continue;
      if (key === '$ref' && typeof inner === 'string') size += sizeOf(resolve(schema, inner) ?? {});
      else if (typeof inner === 'object' && inner !== null) size += sizeOf(inner);
    }
    open.delete(node);
    sizes.set(node, Math.min(size, Number.MAX_SAFE_INTEGER));
    return size;
  };
  return sizeOf(schema) > maxExpandedNodes ? 'as referências do esquema se multiplicam demais' : undefined;
}

/** A JSON Pointer in a fragment (RFC 6901 §6). */
function resolve(schema: object, reference: string): object | undefined {
  let node: unknown = schema;
  for (const part of reference.slice(1).split('/').slice(1)) {
    if (typeof node !== 'object' || node === null) return undefined;
    const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~');
    node = Object.hasOwn(node, key) ? Reflect.get(node, key) : undefined;
  }
  return typeof node === 'object' && node !== null ? node : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
