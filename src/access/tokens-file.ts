import type { z } from 'zod';
import type { Parsed } from '../files/file-source.ts';
import { jsonPath } from '../files/json-path.ts';
import { readJson } from '../files/read-json.ts';
import { type TokenEntry, tokensFileSchema } from './tokens-schema.ts';

/**
 * Reads the bytes of a tokens file: all of it or every problem. Lines look like `tokens.json: tokens[0].expira: deve
 * ser uma data…` and never hold a value.
 *
 * @param taken digest of the hub's administration token, which may be nobody's besides
 */
export function parseTokens(bytes: Uint8Array, file: string, taken?: Buffer): Parsed<readonly TokenEntry[]> {
  const reading = readJson(bytes, file);
  if ('problems' in reading) return reading;
  const parsed = tokensFileSchema.safeParse(reading.root);
  const problems = parsed.success
    ? [
        ...repeats(parsed.data.tokens, 'id', foldedId),
        ...repeats(parsed.data.tokens, 'sha256', ({ sha256 }) => sha256),
        ...alsoAdministration(parsed.data.tokens, taken?.toString('hex')),
      ]
    : parsed.error.issues.flatMap(explain);
  if (!parsed.success || problems.length > 0) return { problems: problems.map((line) => `${file}: ${line}`) };
  return { content: parsed.data.tokens, warnings: [] };
}

function explain(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${pathText([...issue.path, key])}: chave desconhecida`);
  }
  return [issue.path.length === 0 ? issue.message : `${pathText(issue.path)}: ${issue.message}`];
}

const pathText = (path: readonly PropertyKey[]): string =>
  jsonPath(path.map((step) => (typeof step === 'number' ? `[${step}]` : String(step))));

/** People would take two ids that differ by case for one; one digest under two ids would be two people with one token. */
function repeats(tokens: readonly TokenEntry[], field: string, keyOf: (entry: TokenEntry) => string): string[] {
  const firstAt = new Map<string, number>();
  const found: string[] = [];
  for (const [index, entry] of tokens.entries()) {
    const first = firstAt.get(keyOf(entry));
    if (first === undefined) firstAt.set(keyOf(entry), index);
    else found.push(`tokens[${index}].${field}: repete o de tokens[${first}]`);
  }
  return found;
}

/** Whoever holds it would come in as the administrator, and lose the companies that are granted here. */
function alsoAdministration(tokens: readonly TokenEntry[], taken: string | undefined): string[] {
  const index = tokens.findIndex(({ sha256 }) => sha256 === taken);
  return index < 0 ? [] : [`tokens[${index}].sha256: é o token de administração do hub (HUB_ADMIN_TOKEN); crie outro`];
}

const foldedId = ({ id }: TokenEntry): string => id.toLowerCase();
