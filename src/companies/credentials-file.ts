import type { CredentialSet } from './credential-set.ts';
import { decodeCredentials } from './credentials-text.ts';
import { findSharedKeys, findTwinIds, warnSharedNames } from './cross-checks.ts';
import { EntryReader, isRecord } from './entry-reader.ts';
import { jsonPath } from './json-path.ts';
import { lineAndColumn, scanJson } from './json-scan.ts';
import type { Variables } from './variables.ts';

export interface ParseOptions {
  /** The name shown in problems, e.g. `credentials.json`. */
  readonly file: string;
  readonly variables: Variables;
}

/** Either a whole good set or every problem found; a file is never half accepted. */
export type ParsedCredentials =
  | { readonly set: CredentialSet; readonly warnings: readonly string[] }
  | { readonly problems: readonly string[] };

/**
 * Reads the bytes of a credentials file. Lines look like `credentials.json: empresa_001.app_key: está em branco` and
 * never hold a value. A company whose variables have no value is disabled with its reason; the others load.
 */
export function parseCredentials(bytes: Uint8Array, { file, variables }: ParseOptions): ParsedCredentials {
  const decoded = decodeCredentials(bytes);
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

  const root: unknown = JSON.parse(text);
  if (!isRecord(root)) return { problems: [`${file}: o conteúdo deve ser um objeto { "id_da_empresa": { … } }`] };
  const reader = new EntryReader(variables);
  const entries = Object.entries(root);
  if (entries.length === 0) reader.problem([], 'o arquivo não tem nenhuma empresa');
  for (const [id, value] of entries) reader.read(id, value);
  for (const [path, message] of findTwinIds(Object.keys(root))) reader.problem(path, message);
  for (const [path, message] of findSharedKeys(reader.companies)) reader.problem(path, message);
  if (reader.problems.length > 0) return { problems: reader.problems.map((line) => `${file}: ${line}`) };

  for (const [path, message] of warnSharedNames(reader.companies)) reader.warn(path, message);
  const set = { companies: reader.companies, disabled: reader.disabled };
  return { set, warnings: reader.warnings.map((line) => `${file}: ${line}`) };
}
