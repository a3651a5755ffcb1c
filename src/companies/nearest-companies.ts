import { distance } from 'fastest-levenshtein';
import type { Company } from './company.ts';
import { nameKey } from './name-key.ts';

/** Comparing costs length times length; no id or nome is longer than this. */
const MAX_REFERENCE = 200;

/** The companies whose id or nome is closest to what was typed, closest first; a text it contains counts as close. */
export function nearestCompanies(reference: string, companies: readonly Company[], limit: number): Company[] {
  const wanted = nameKey(reference.slice(0, MAX_REFERENCE));
  return companies
    .map((company) => ({ company, far: Math.min(farness(wanted, company.id), farness(wanted, company.nome)) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, limit)
    .map(({ company }) => company);
}

/** Edits over the longer length: 0 for the same text, 1 for nothing in common. */
function farness(wanted: string, name: string): number {
  const key = nameKey(name);
  const edits = distance(wanted, key) / Math.max(wanted.length, key.length, 1);
  return wanted.length >= 3 && key.includes(wanted) ? Math.min(edits, 0.25) : edits;
}
