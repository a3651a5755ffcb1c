import { substituteVariables, type Variables } from '../files/variables.ts';
import { isBlankSecret } from './credentials-schema.ts';

export interface ReplacedEntry {
  /** The entry with variables replaced; fields that lack a variable are left out. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Why the company must be disabled, one reason a field; empty when everything resolved. */
  readonly reasons: readonly string[];
  readonly malformed: readonly (readonly string[])[];
}

/** Replaces variables in every text of one company's entry, one level of lists included. */
export function replaceVariables(entry: Readonly<Record<string, unknown>>, variables: Variables): ReplacedEntry {
  const fields = new Map<string, unknown>();
  const reasons: string[] = [];
  const malformed: string[][] = [];

  /** The text with its variables replaced; undefined when the field has to be left out. */
  const replace = (raw: string, key: string, path: string[]): string | undefined => {
    const { text, used, missing, malformed: broken } = substituteVariables(raw, variables);
    if (broken) malformed.push(path);
    for (const name of missing) reasons.push(`${key}: a variável ${name} não está definida`);
    if (missing.length > 0) return undefined;
    if (!used || (key !== 'app_key' && key !== 'app_secret') || !isBlankSecret(text)) return text;
    reasons.push(`${key}: a variável dá um valor em branco ou de exemplo`);
    return undefined;
  };

  for (const [key, value] of Object.entries(entry)) {
    if (typeof value === 'string') {
      const text = replace(value, key, [key]);
      if (text !== undefined) fields.set(key, text);
    } else if (Array.isArray(value)) {
      const items = value.map((item: unknown, index) =>
        typeof item === 'string' ? replace(item, key, [key, `[${index}]`]) : item,
      );
      fields.set(
        key,
        items.filter((item) => item !== undefined),
      );
    } else fields.set(key, value);
  }
  return { fields: Object.fromEntries(fields), reasons, malformed };
}
