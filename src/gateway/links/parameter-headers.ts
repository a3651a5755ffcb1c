import { PARAMETER_HEADER_PREFIX } from '../../protocol/headers.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import type { JsonObject } from './link.ts';

/** As deep as arguments are looked for; nobody routes by anything deeper. */
const MAX_DEPTH = 8;

/**
 * The `Mcp-Param-*` headers of a call in 2026-07-28: arguments whose schema says `x-mcp-header`, repeated so that what
 * stands between can route by them. An upstream that declares one refuses calls without it. Values are given as they
 * are; the link encodes them.
 *
 * @param inputSchema the tool's, as the upstream listed it
 * @param args the call's arguments
 */
export function parameterHeaders(inputSchema: unknown, args: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {};
  collect(inputSchema, args, headers, 1);
  return headers;
}

function collect(schema: unknown, value: unknown, headers: Record<string, string>, depth: number): void {
  const properties = isFields(schema) ? schema['properties'] : undefined;
  if (!isFields(properties) || !isFields(value) || depth > MAX_DEPTH) return;
  for (const [name, property] of Object.entries(properties)) {
    if (!isFields(property) || !Object.hasOwn(value, name)) continue;
    const header = property['x-mcp-header'];
    const text = headerText(value[name]);
    if (typeof header === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(header) && text !== undefined) {
      headers[`${PARAMETER_HEADER_PREFIX}${header.toLowerCase()}`] = text;
    }
    collect(property, value[name], headers, depth + 1);
  }
}

/** What has no one way to be written is left out, as the specification asks. */
function headerText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  const isNumber = typeof value === 'number' && (!Number.isInteger(value) || Number.isSafeInteger(value));
  return isNumber ? String(value) : undefined;
}
