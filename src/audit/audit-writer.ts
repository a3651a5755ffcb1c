import type { KeyObject } from 'node:crypto';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HeldFile } from '../files/held-file.ts';
import { headFile, rotatedFile, rotatedFiles } from './audit-files.ts';
import { writeHead } from './audit-head.ts';
import type { ChainEnd } from './audit-line.ts';
import { openAppend } from './open-chain.ts';

export interface WriterOptions {
  readonly path: string;
  readonly maxBytes: number;
  readonly headKey: KeyObject;
  readonly lock: HeldFile;
  readonly sync?: SyncFile | undefined;
}

export type SyncFile = (handle: FileHandle) => Promise<void>;

/** Puts lines on the disk: append and fsync; a new file when one is full. Nothing is written twice or in halves. */
export class AuditWriter {
  readonly #options: WriterOptions;
  #handle: FileHandle | undefined;
  #size: number;
  /** A write was cut off: the file may be longer than the lines that count. */
  #dirty = false;

  constructor(options: WriterOptions, opened: { readonly handle: FileHandle; readonly size: number }) {
    this.#options = options;
    this.#handle = opened.handle;
    this.#size = opened.size;
  }

  /**
   * Writes as many of the lines as fit into the present file, one at least, and says how many. What throws left nothing
   * of them in the file.
   */
  async write(lines: readonly string[]): Promise<number> {
    if (!(await this.#options.lock.keep())) throw new Error('the lock was taken by another process');
    const handle = await this.#ready();
    const { bytes, count } = this.#portion(lines);
    this.#dirty = true;
    await handle.appendFile(bytes);
    await (this.#options.sync ?? datasync)(handle);
    this.#dirty = false;
    this.#size += bytes.length;
    return count;
  }

  /** Says how far the lines on the disk reach. */
  async anchor(end: ChainEnd): Promise<void> {
    await writeHead(headFile(this.#options.path), end, this.#options.headKey);
  }

  /** Leaves whole lines only, as far as the disk allows. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (this.#dirty) await handle?.truncate(this.#size).catch(() => {});
    await handle?.close();
  }

  /** The file to append to: ours still, whole, and not full. */
  async #ready(): Promise<FileHandle> {
    const { path, maxBytes } = this.#options;
    if (this.#handle !== undefined && this.#dirty) {
      await this.#handle.truncate(this.#size);
      this.#dirty = false;
    }
    if (this.#handle !== undefined && !(await isStillAt(path, this.#handle))) await this.close();
    if (this.#handle !== undefined && this.#size >= maxBytes) {
      await this.close();
      const last = (await rotatedFiles(path)).at(-1)?.number ?? 0;
      await rename(path, rotatedFile(path, last + 1));
      await syncFolder(path);
    }
    if (this.#handle === undefined) {
      this.#handle = await openAppend(path);
      this.#size = (await this.#handle.stat()).size;
    }
    return this.#handle;
  }

  #portion(lines: readonly string[]): { bytes: Buffer; count: number } {
    const room = this.#options.maxBytes - this.#size;
    let text = '';
    let count = 0;
    for (const line of lines) {
      if (count > 0 && text.length + line.length > room) break;
      text += `${line}\n`;
      count += 1;
    }
    return { bytes: Buffer.from(text), count };
  }
}

const datasync: SyncFile = (handle) => handle.datasync();

/** So that a power cut right after a rotation does not undo the renaming. Windows has nothing of the kind. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}

/** False when somebody moved the file away: what we append would go into a file that nobody looks for. */
async function isStillAt(path: string, handle: FileHandle): Promise<boolean> {
  try {
    const [there, ours] = await Promise.all([stat(path), handle.stat()]);
    return there.ino === ours.ino && there.dev === ours.dev;
  } catch {
    return false;
  }
}
