import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../../files/replace-file.ts';

const ID = /^[0-9a-f-]{36}$/;

/**
 * Which hub something belongs to in an Engine that several may use: told from their folders, not from their paths, which are
 * the same in every container. Made when it is first asked for.
 *
 * @param dataDir HUB_DATA_DIR, absolute
 */
export async function hubIdentity(dataDir: string): Promise<string> {
  const path = join(dataDir, 'hub-id');
  const known = await readFile(path, 'utf8').catch(() => '');
  if (ID.test(known.trim())) return known.trim();
  const id = randomUUID();
  await replaceFile(path, `${id}\n`);
  return id;
}
