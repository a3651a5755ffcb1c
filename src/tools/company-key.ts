import { createHash } from 'node:crypto';
import type { CompanyCredentials } from '../companies/company.ts';

/**
 * What names and descriptions are remembered under. Not the id alone: after a reload the same id may stand for another
 * Omie account, whose ids mean other people. The key itself is hashed, so no map in memory spells it out.
 */
export function companyKey({ company, appKey }: CompanyCredentials): string {
  return `${company.id}:${createHash('sha256').update(appKey.reveal()).digest('base64url')}`;
}
