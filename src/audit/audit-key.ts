import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { ConfigurationError } from '../errors.ts';
import type { Secret } from '../logging/secret.ts';
import { headFile, keyFile } from './audit-files.ts';
import { readHead } from './audit-head.ts';

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

/**
 * {@link readKeys}, with a key of 256 random bits made at the first start (mode 0600).
 *
 * @throws ConfigurationError when there is a log already, and no key.
 */
export async function ensureKeys(path: string, given: Secret | undefined): Promise<AuditKeys> {
  const known = await readKeys(path, given);
  if (known !== undefined) return known;
  // A fresh key beside a log that another one signed would make the log look forged.
  if ((await readHead(headFile(path))) !== 'missing')
    throw new ConfigurationError(`AUDIT_LOG: falta a chave com que o log ${path} foi assinado.`, [], {
      hint: `Ponha de volta ${keyFile(path)} ou a AUDIT_KEY de antes; para começar outro log, guarde os arquivos deste em outro lugar.`,
    });
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
