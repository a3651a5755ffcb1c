import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Secret } from '../logging/secret.ts';
import { keyFile } from './audit-files.ts';

export interface AuditKeys {
  /** For the digests of arguments. */
  readonly args: KeyObject;
  /** For the signature of the anchor. */
  readonly head: KeyObject;
}

/** The log's keys: from the setting, or from the file beside the log; undefined when there is neither. */
export async function readKeys(path: string, given: Secret | undefined): Promise<AuditKeys | undefined> {
  if (given !== undefined) return derive(given.reveal());
  try {
    return derive((await readFile(keyFile(path), 'utf8')).trim());
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** {@link readKeys}, with a key of 256 random bits made at the first start (mode 0600). */
export async function ensureKeys(path: string, given: Secret | undefined): Promise<AuditKeys> {
  const known = await readKeys(path, given);
  if (known !== undefined) return known;
  const fresh = randomBytes(32).toString('hex');
  await writeFile(keyFile(path), `${fresh}\n`, { mode: 0o600, flag: 'wx' });
  return derive(fresh);
}

/** One secret, two uses, two keys. */
function derive(secret: string): AuditKeys {
  const keyFor = (use: string): KeyObject =>
    createSecretKey(createHmac('sha256', secret).update(`omie-mcp-hub audit ${use}`).digest());
  return { args: keyFor('arguments'), head: keyFor('head') };
}
