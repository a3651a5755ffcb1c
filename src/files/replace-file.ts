import { randomUUID } from 'node:crypto';
import { chown, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';

/**
 * Puts new content in a file's place at once, readable by its owner alone (0600): whoever reads meanwhile gets the old
 * content whole. A link keeps pointing where it does, and the file keeps its owner, so that a server under another
 * user goes on reading what root has written.
 *
 * @throws the system's error; the old file is untouched then.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const draft = `${target}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await keepOwner(target, draft);
      await write(file, text);
    } finally {
      await file.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function write(file: FileHandle, text: string): Promise<void> {
  await file.writeFile(text);
  // A crash of the machine after the rename must not leave an empty file under the good name.
  await file.sync();
}

/** Only root may give files away; for everybody else the owner is right already. */
async function keepOwner(target: string, draft: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  try {
    const { uid, gid } = await stat(target);
    await chown(draft, uid, gid);
  } catch {
    // A new file, or a file system without owners.
  }
}
