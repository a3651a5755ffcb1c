/** The part of HUB_DATA_DIR that one server may use: its code, and a work folder that is its home. */
import { readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder.ts';
import { onDisk } from '../servers/data-disk.ts';

export interface ServerFolder {
  /** Absolute and without links: what a program may read is said with it. */
  readonly path: string;
  /** Its working folder and its HOME. */
  readonly work: string;
}

export class ServerFolders {
  readonly #root: string;

  /** @param dataDir HUB_DATA_DIR, absolute */
  constructor(dataDir: string) {
    this.#root = join(dataDir, 'servers');
  }

  /** @throws HubError (`disco_indisponivel`) */
  async open(id: string): Promise<ServerFolder> {
    const path = join(this.#root, id);
    await onDisk(() => makeFolder(join(path, 'work', 'tmp')));
    const real = await realpath(path);
    return { path: real, work: join(real, 'work') };
  }

  /** @throws HubError (`disco_indisponivel`) */
  async remove(id: string): Promise<void> {
    await onDisk(() => rm(join(this.#root, id), { recursive: true, force: true }));
  }

  /** Removes the folders of servers that nobody knows any more; nothing else that may lie there. */
  async removeAllBut(known: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#root).catch((): string[] => []);
    for (const name of names) if (/^hub-[a-z0-9]{12}$/.test(name) && !known.has(name)) await this.remove(name);
  }
}
