import type { JsonObject, JsonValue } from '../tools/tool-source.ts';

/** How many rows an answer holds: its lists, at the top and inside `resultado`; undefined when it has none. */
export function rowsOf(structured: JsonObject): number | undefined {
  const outside = rowsIn(structured);
  const inside = isObject(structured['resultado']) ? rowsIn(structured['resultado']) : undefined;
  return outside === undefined ? inside : outside + (inside ?? 0);
}

/** Asked after each call, so without a list of lists. */
function rowsIn(holder: JsonObject): number | undefined {
  let rows: number | undefined;
  for (const name in holder) {
    const value = holder[name];
    if (isList(value)) rows = (rows ?? 0) + value.length;
  }
  return rows;
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}
