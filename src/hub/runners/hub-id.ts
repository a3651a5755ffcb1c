import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeFolder } from '../../files/make-folder.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { onDisk } from '../servers/data-disk.ts';

const FILE = 'hub-id';
/** Who makes the file has written it by then; one that is empty for longer was left by a hub that died over it. */
const LOOKS = 20;
const LOOK_EVERY_MS = 50;

/**
 * Which hub this is, for what is labelled outside of this machine and in an Engine that several hubs may use: it lies in
 * HUB_DATA_DIR, so that a restart and a move keep it. Undefined while nothing was ever labelled.
 */
export async function readHubId(dataDir: string): Promise<string | undefined> {
  const text = await readFile(join(dataDir, FILE), 'utf8').catch(() => '');
  return /^[0-9a-f-]{36}$/.exec(text.trim())?.[0];
}

/** By folder, while it is being made. */
const making = new Map<string, Promise<string>>();

/**
 * The same, made where there is none: once, however many ask for it, here and in other processes.
 *
 * @throws HubError (`disco_indisponivel`)
 */
export async function hubIdOf(dataDir: string): Promise<string> {
  const known = await readHubId(dataDir);
  if (known !== undefined) return known;
  const begun = making.get(dataDir) ?? onDisk(() => make(dataDir)).finally(() => making.delete(dataDir));
  making.set(dataDir, begun);
  return begun;
}

async function make(dataDir: string): Promise<string> {
  const path = join(dataDir, FILE);
  const id = randomUUID();
  await makeFolder(dataDir);
  try {
    await writeFile(path, `${id}\n`, { mode: 0o600, flag: 'wx' });
    return id;
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
  }
  for (let look = 0; look < LOOKS; look += 1) {
    const theirs = await readHubId(dataDir);
    if (theirs !== undefined) return theirs;
    await wait(LOOK_EVERY_MS);
  }
  await replaceFile(path, `${id}\n`);
  return id;
}
