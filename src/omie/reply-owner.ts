import { createHash } from 'node:crypto';
import type { CompanyCredentials } from '../companies/company.ts';

const known = new WeakMap<CompanyCredentials, string>();

/**
 * Whose replies these are, among those who use one app_key: the holder of this app_secret. Hashed, so that no map in memory
 * spells the secret out.
 */
export function ownerOf(credentials: CompanyCredentials): string {
  const before = known.get(credentials);
  if (before !== undefined) return before;
  const owner = createHash('sha256').update(credentials.appSecret.reveal()).digest('base64url');
  known.set(credentials, owner);
  return owner;
}
