/** The form under which two names count as one: no accents, no case, single spaces. `São  João` → `sao joao`. */
export function nameKey(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}
