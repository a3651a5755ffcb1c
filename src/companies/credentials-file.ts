import type { Parsed } from '../files/file-source.ts';
import { isRecord, readJson } from '../files/read-json.ts';
import type { Variables } from '../files/variables.ts';
import type { CredentialSet } from './credential-set.ts';
import { findSharedKeys, findTwinIds, warnSharedNames } from './cross-checks.ts';
import { EntryReader } from './entry-reader.ts';

export interface ParseOptions {
  /** The name shown in problems, e.g. `credentials.json`. */
  readonly file: string;
  readonly variables: Variables;
}

/** Far more than anybody has; a file that is not meant to be one would hold up everybody else. */
const MAX_COMPANIES = 10_000;
/** Lines of the log for one reading. */
const MAX_WARNINGS = 50;

/**
 * Reads the bytes of a credentials file. Lines look like `credentials.json: empresa_001.app_key: está em branco` and
 * never hold a value. A company whose variables have no value is disabled with its reason; the others load.
 */
export function parseCredentials(bytes: Uint8Array, { file, variables }: ParseOptions): Parsed<CredentialSet> {
  const reading = readJson(bytes, file);
  if ('problems' in reading) return reading;
  const { root } = reading;
  if (!isRecord(root)) return { problems: [`${file}: o conteúdo deve ser um objeto { "id_da_empresa": { … } }`] };
  const reader = new EntryReader(variables);
  const entries = Object.entries(root);
  if (entries.length === 0) reader.problem([], 'o arquivo não tem nenhuma empresa');
  if (entries.length > MAX_COMPANIES) {
    return { problems: [`${file}: tem ${entries.length} empresas; o limite é ${MAX_COMPANIES}`] };
  }
  for (const [id, value] of entries) reader.read(id, value);
  for (const [path, message] of findTwinIds(Object.keys(root))) reader.problem(path, message);
  for (const [path, message] of findSharedKeys(reader.companies)) reader.problem(path, message);
  if (reader.problems.length > 0) return { problems: reader.problems.map((line) => `${file}: ${line}`) };

  for (const [path, message] of warnSharedNames(reader.companies)) reader.warn(path, message);
  const content = { companies: reader.companies, disabled: reader.disabled };
  return { content, warnings: shortened(reader.warnings).map((line) => `${file}: ${line}`) };
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_WARNINGS) return lines;
  return [...lines.slice(0, MAX_WARNINGS), `e mais ${lines.length - MAX_WARNINGS} avisos como estes`];
}
