/** What lies in a folder, as one text that changes when anything of it does: a folder has no version to be pinned to. */
import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { open, opendir, readlink, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** What is installed or written beside the code: too much to read, or changed by each run. */
export const NOT_COVERED = ['node_modules', '.git', '.venv', 'venv', '__pycache__'] as const;
const SKIPPED: ReadonlySet<string> = new Set(NOT_COVERED);

/** @param path inside the folder */
export function isCovered(path: string): boolean {
  return !path.split(sep).some((name) => SKIPPED.has(name));
}

export interface ContentLimits {
  /** Files, links and folders together. */
  readonly entries: number;
  readonly bytes: number;
}
/** A second of a slow machine; a server that was checked out has some hundred files. */
const LIMITS: ContentLimits = { entries: 5_000, bytes: 64 * 1_048_576 };

export interface FolderContent {
  /** SHA-256 over names, kinds and bytes, in hexadecimal; undefined for a folder beyond the limits. */
  readonly digest: string | undefined;
  /** A link leads out of the folder: what lies there is not covered. */
  readonly leadsOut: boolean;
}

class TooLarge extends Error {}

/** @throws the system's error for a folder that cannot be listed; the signal's reason */
export async function folderContent(
  folder: string,
  signal: AbortSignal,
  limits: ContentLimits = LIMITS,
): Promise<FolderContent> {
  const hash = createHash('sha256');
  const root = await realpath(folder);
  let entries = 0;
  let bytes = 0;
  let leadsOut = false;

  /** Never what a link leads to, and no pipe that nobody writes to: it would not be looked at again for ever. */
  const bytesOf = async (path: string): Promise<string> => {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
      () => undefined,
    );
    if (file === undefined) return 'unreadable';
    const own = createHash('sha256');
    for await (const chunk of file.createReadStream()) {
      bytes += chunk.length;
      if (bytes > limits.bytes) throw new TooLarge();
      own.update(chunk);
    }
    return own.digest('hex');
  };
  const linkOf = async (path: string): Promise<string> => {
    const target = await realpath(path).catch(() => undefined);
    if (target !== undefined && target !== root && !target.startsWith(root + sep)) leadsOut = true;
    return readlink(path);
  };
  const add = async (path: string, inside: string, entry: Dirent): Promise<void> => {
    signal.throwIfAborted();
    const tell = (kind: string, value: string): unknown => hash.update(`${JSON.stringify([inside, kind, value])}\n`);
    if (entry.isSymbolicLink()) tell('link', await linkOf(path));
    else if (entry.isDirectory()) {
      tell('folder', '');
      await walk(path, `${inside}/`);
    } else tell('file', entry.isFile() ? await bytesOf(path) : 'special');
  };
  const walk = async (path: string, prefix: string): Promise<void> => {
    const found: Dirent[] = [];
    for await (const entry of await opendir(path)) {
      if (SKIPPED.has(entry.name)) continue;
      entries += 1;
      if (entries > limits.entries) throw new TooLarge();
      found.push(entry);
    }
    found.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of found) await add(join(path, entry.name), prefix + entry.name, entry);
  };

  try {
    await walk(root, '');
    return { digest: hash.digest('hex'), leadsOut };
  } catch (thrown) {
    if (thrown instanceof TooLarge) return { digest: undefined, leadsOut };
    throw thrown;
  }
}
