import type { IncomingHttpHeaders } from 'node:http';
import { decodeHeaderValue } from '../../protocol/headers.ts';
import { type Fields, isFields } from '../../protocol/json-rpc.ts';
import type { ToolDescriptor } from '../../tools/tool-source.ts';
import type { Refusal } from '../http-reply.ts';
import { mismatch } from './standard-headers.ts';

/** An argument that a header repeats, so that intermediaries can route by it (2026-07-28, "Custom Headers"; SEP-2243). */
interface Declaration {
  readonly path: readonly string[];
  readonly header: string;
  readonly numeric: boolean;
}

type Declarations = ReadonlyMap<string, readonly Declaration[]>;

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** Checks `Mcp-Param-*` headers of the tools whose schema declares any. Read once for each list of tools. */
export class ParameterHeaders {
  readonly #read = new WeakMap<readonly ToolDescriptor[], Declarations>();

  problem(tools: readonly ToolDescriptor[], params: Fields, headers: IncomingHttpHeaders): Refusal | undefined {
    let declarations = this.#read.get(tools);
    if (declarations === undefined) {
      declarations = readDeclarations(tools);
      this.#read.set(tools, declarations);
    }
    const name = params['name'];
    if (declarations.size === 0 || typeof name !== 'string') return undefined;
    for (const declaration of declarations.get(name) ?? []) {
      const problem = check(declaration, params['arguments'], headers);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

/** A value in the body demands an equal header; without one, a header is nobody's business. */
function check(
  { path, header, numeric }: Declaration,
  args: unknown,
  headers: IncomingHttpHeaders,
): Refusal | undefined {
  const value = path.reduce<unknown>((node, key) => (isFields(node) ? node[key] : undefined), args);
  if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number') return undefined;
  const name = `Mcp-Param-${header}`;
  const given = headers[name.toLowerCase()];
  if (typeof given !== 'string') return mismatch(name, '(missing)', `the body carries ${path.join('.')}`);
  const decoded = decodeHeaderValue(given);
  if (decoded === undefined) return mismatch(name, given, 'the value is not valid Base64 of UTF-8');
  const equal =
    numeric && typeof value === 'number' && DECIMAL.test(decoded)
      ? Number(decoded) === value
      : decoded === String(value);
  return equal ? undefined : mismatch(name, given, `the body carries another ${path.join('.')}`);
}

function readDeclarations(tools: readonly ToolDescriptor[]): Declarations {
  const byTool = new Map<string, readonly Declaration[]>();
  for (const { name, inputSchema } of tools) {
    const found = [...declared(inputSchema, [])];
    if (found.length > 0) byTool.set(name, found);
  }
  return byTool;
}

/** Declarations count only where a chain of `properties` leads ("Schema Extension"). */
function* declared(schema: unknown, path: readonly string[]): Generator<Declaration> {
  if (!isFields(schema)) return;
  const header = schema['x-mcp-header'];
  const type = schema['type'];
  if (typeof header === 'string') yield { path, header, numeric: type === 'integer' || type === 'number' };
  if (!isFields(schema['properties'])) return;
  for (const [key, child] of Object.entries(schema['properties'])) yield* declared(child, [...path, key]);
}
