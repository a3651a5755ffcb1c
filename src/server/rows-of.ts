import type { JsonObject, JsonValue } from '../tools/tool-source.ts';

/** How many rows an answer holds: its lists, at the top and inside `resultado`; undefined when it has none. */
export function rowsOf(structured: JsonObject): number | undefined {
  const inside = structured['resultado'];
  const lists = [structured, isObject(inside) ? inside : {}].flatMap((holder) => Object.values(holder)).filter(isList);
  return lists.length === 0 ? undefined : lists.reduce((sum, list) => sum + list.length, 0);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}
