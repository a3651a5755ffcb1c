import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'hub-id';

/**
 * Which hub this is, for what is labelled outside of this machine: it lies in HUB_DATA_DIR, so that a restart and a move
 * keep it. Undefined while nothing was ever labelled.
 */
export async function readHubId(dataDir: string): Promise<string | undefined> {
  const text = await readFile(join(dataDir, FILE), 'utf8').catch(() => '');
  return /^[0-9a-f-]{36}$/.exec(text.trim())?.[0];
}

/** The same, made where there is none. */
export async function hubIdOf(dataDir: string): Promise<string> {
  const known = await readHubId(dataDir);
  if (known !== undefined) return known;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const id = randomUUID();
  await writeFile(join(dataDir, FILE), `${id}\n`, { mode: 0o600 });
  return id;
}
