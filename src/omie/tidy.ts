/** Small repairs of what Omie writes into its JSON, each skipped unless the text shows that it is needed. */
import { decodeHTMLStrict } from 'entities/decode';

/** Rows are three levels deep at most; whoever sends a thousand does not make us follow. */
const MAX_DEPTH = 8;

/** Optional fields are usually left out but now and then `null`: both become "left out". */
export function dropNulls(rows: readonly unknown[], text: string): void {
  if (/:\s*null/.test(text)) for (const row of rows) dropNullsIn(row, 0);
}

function dropNullsIn(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  for (const [key, inner] of Object.entries(value)) {
    if (inner === null && !Array.isArray(value)) Reflect.deleteProperty(value, key);
    else dropNullsIn(inner, depth + 1);
  }
}

/** HTML entities in free text, and halves of surrogate pairs, which no later encoder would take. */
export function repairTexts(rows: readonly unknown[], text: string): void {
  const escaped = text.includes('\\u') && /\\u(0026|[dD][89a-fA-F])/.test(text);
  if (escaped || text.includes('&')) for (const row of rows) repairIn(row, 0);
}

function repairIn(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'string') repairIn(inner, depth + 1);
    else {
      const repaired = repairText(inner);
      if (repaired !== inner) Reflect.set(value, key, repaired);
    }
  }
}

export function repairText(text: string): string {
  // Strict: "R&D" and "A&copy" stay as they are, only what ends in a semicolon is an entity.
  const decoded = text.includes('&') ? decodeHTMLStrict(text) : text;
  return decoded.replace(/\p{Surrogate}/gu, '\ufffd');
}
