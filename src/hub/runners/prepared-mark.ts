/** Whether what was installed into a server's folder was installed to its end: npm and pip leave halves that look whole. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../files/replace-file.ts';
import { onDisk } from '../servers/data-disk.ts';

const fileIn = (folder: string): string => join(folder, 'prepared');

/** @param what as it was given to {@link markPrepared} */
export async function isPrepared(folder: string, what: string): Promise<boolean> {
  const text = await readFile(fileIn(folder), 'utf8').catch(() => '');
  return text === `${what}\n`;
}

/**
 * From now on the folder holds nothing whole.
 *
 * @param halves what an installation that was interrupted leaves, by its names in the folder
 * @throws HubError (`disco_indisponivel`)
 */
export async function clearUnprepared(folder: string, halves: readonly string[]): Promise<void> {
  await onDisk(async () => {
    for (const name of ['prepared', ...halves]) await rm(join(folder, name), { recursive: true, force: true });
  });
}

/** All of it or nothing. @throws HubError (`disco_indisponivel`) */
export async function markPrepared(folder: string, what: string): Promise<void> {
  await onDisk(() => replaceFile(fileIn(folder), `${what}\n`));
}
