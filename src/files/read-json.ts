import { decodeText } from './decode-text.ts';
import { jsonPath } from './json-path.ts';
import { lineAndColumn, scanJson } from './json-scan.ts';

/** The value in a file's bytes, or every problem found, each line beginning with the file's name and never quoting. */
export type JsonReading = { readonly root: unknown } | { readonly problems: readonly string[] };

/** UTF-8 with or without BOM; JSON faults as `file:line:column` alone; a key given twice is a problem, not a choice. */
export function readJson(bytes: Uint8Array, file: string): JsonReading {
  const decoded = decodeText(bytes);
  if ('problem' in decoded) return { problems: [`${file}: ${decoded.problem}`] };
  const { text } = decoded;

  const where = (offset: number): string => {
    const { line, column } = lineAndColumn(text, offset);
    return `${file}:${line}:${column}`;
  };
  const scan = scanJson(text);
  if ('fault' in scan) return { problems: [`${where(scan.offset)}: JSON inválido: ${scan.fault}`] };
  if (scan.duplicates.length > 0) {
    return {
      problems: scan.duplicates.map((twice) => `${where(twice.offset)}: ${jsonPath(twice.path)}: chave repetida`),
    };
  }
  return { root: JSON.parse(text) };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
