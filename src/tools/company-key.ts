import { createHash } from 'node:crypto';
import type { CompanyCredentials } from '../companies/company.ts';

const keys = new WeakMap<CompanyCredentials, string>();

/**
 * What names and descriptions are remembered under. Not the id alone: after a reload the same id may stand for another
 * Omie account, whose ids mean other people. The key itself is hashed, so no map in memory spells it out.
 */
export function companyKey(credentials: CompanyCredentials): string {
  const remembered = keys.get(credentials);
  if (remembered !== undefined) return remembered;
  const key = `${credentials.company.id}:${createHash('sha256').update(credentials.appKey.reveal()).digest('base64url')}`;
  keys.set(credentials, key);
  return key;
}
