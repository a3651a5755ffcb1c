/** The environment as data: `process.env` belongs to the configuration, which hands it down. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface Substitution {
  readonly text: string;
  /** Did the raw text refer to any variable? */
  readonly used: boolean;
  /** Variables without a value and without a default, in order of appearance. */
  readonly missing: readonly string[];
  /** A `${` that is not a well-formed reference: it would be sent on as it stands. */
  readonly malformed: boolean;
}

/** A default holds no reference: where it ends would be anybody's guess. */
const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:(?!\$\{)[^}])*))?\}/g;

/**
 * Replaces `${VAR}` and `${VAR:-default}`. As in the shell, an empty variable counts as unset. What comes out is not
 * read again, so a value holding `${…}` stays as it is.
 */
export function substituteVariables(raw: string, variables: Variables): Substitution {
  const missing: string[] = [];
  let used = false;
  const text = raw.replace(REFERENCE, (_reference, name: string, fallback: string | undefined) => {
    used = true;
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value !== undefined && value !== '') return value;
    if (fallback === undefined) missing.push(name);
    return fallback ?? '';
  });
  return { text, used, missing, malformed: raw.replace(REFERENCE, '').includes('${') };
}
