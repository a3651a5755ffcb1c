/** JSON with sorted keys: the same question asked twice has the same text, whatever order its keys came in. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item === undefined ? null : item)).join(',')}]`;
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    const fields: Readonly<Record<string, unknown>> = { ...value };
    const pairs: string[] = [];
    for (const key of Object.keys(fields).sort()) {
      if (fields[key] !== undefined) pairs.push(`${JSON.stringify(key)}:${canonicalJson(fields[key])}`);
    }
    return `{${pairs.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** Omie knows a repeat by application, method and parameters; so do we. */
export const requestKey = (appKey: string, call: string, canonicalParams: string): string =>
  `${appKey} ${call} ${canonicalParams}`;
