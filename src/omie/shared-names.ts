/**
 * What a company is called where replicas meet. Everything is derived from its app_secret, which each replica has and the
 * database never sees: a plain hash of an app_key, thirteen digits at most, could be undone by trying them all.
 */
import { createHmac, hkdfSync } from 'node:crypto';
import type { CompanyCredentials } from '../companies/company.ts';

export interface SharedNames {
  readonly company: string;
  /** AES-256 key of the company's replies. */
  readonly replyKey: Buffer;
  lane(method: string): string;
  question(method: string, canonicalParams: string): string;
}

const known = new WeakMap<CompanyCredentials, SharedNames>();

export function sharedNamesOf(credentials: CompanyCredentials): SharedNames {
  const before = known.get(credentials);
  if (before !== undefined) return before;
  const appKey = credentials.appKey.reveal();
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', credentials.appSecret.reveal(), `omie-mcp-hub ${appKey}`, purpose, 32));
  const nameKey = derive('names v1');
  const name = (kind: string, ...parts: string[]): string =>
    createHmac('sha256', nameKey)
      .update(JSON.stringify([kind, ...parts]))
      .digest('hex');
  const names: SharedNames = {
    company: name('company'),
    replyKey: derive('replies v1'),
    lane: (method) => name('lane', method),
    question: (method, params) => name('question', method, params),
  };
  known.set(credentials, names);
  return names;
}
