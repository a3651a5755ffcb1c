/** What lies in a folder, as one text that changes when anything of it does: a folder has no version to be pinned to. */
import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { open, opendir, readlink, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { HubError } from '../problem.ts';

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
  /** A link leads to what is not covered: out of the folder, or to what is left out of it. */
  readonly leadsOut: boolean;
  /** A folder inside cannot be listed: what lies there is not covered, and may be run by whoever knows its name. */
  readonly unread: boolean;
}

class TooLarge extends Error {}

/** @throws HubError (`sem_executor`) for a folder that cannot be listed itself; the signal's reason */
export async function folderContent(
  folder: string,
  signal: AbortSignal,
  limits: ContentLimits = LIMITS,
): Promise<FolderContent> {
  const hash = createHash('sha256');
  const root = await realpath(folder).catch(() => folder);
  let entries = 0;
  let bytes = 0;
  let leadsOut = false;
  let unread = false;

  /** Never what a link leads to, and no pipe that nobody writes to: it would not be looked at again for ever. */
  const bytesOf = async (path: string): Promise<string> => {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
      () => undefined,
    );
    if (file === undefined) return 'unreadable';
    const own = createHash('sha256');
    try {
      for await (const chunk of file.createReadStream()) {
        bytes += chunk.length;
        if (bytes > limits.bytes) throw new TooLarge();
        own.update(chunk);
      }
    } catch (thrown) {
      if (thrown instanceof TooLarge) throw thrown;
      return 'unreadable';
    }
    return own.digest('hex');
  };
  /** Where it leads to nothing, something may be put there: its words say where. */
  const linkOf = async (path: string): Promise<string> => {
    const says = await readlink(path).catch(() => undefined);
    if (says === undefined) return 'unreadable';
    const target = await realpath(path).catch(() => resolve(dirname(path), says));
    if (target !== root && !(target.startsWith(root + sep) && isCovered(relative(root, target)))) leadsOut = true;
    return says;
  };
  const add = async (path: string, inside: string, entry: Dirent): Promise<void> => {
    signal.throwIfAborted();
    const tell = (kind: string, value: string): unknown => hash.update(`${JSON.stringify([inside, kind, value])}\n`);
    if (entry.isSymbolicLink()) tell('link', await linkOf(path));
    else if (entry.isDirectory()) {
      const found = await list(path);
      unread ||= found === undefined;
      tell('folder', found === undefined ? 'unreadable' : '');
      await addAll(path, `${inside}/`, found ?? []);
    } else tell('file', entry.isFile() ? await bytesOf(path) : 'special');
  };
  /** In one order everywhere; undefined when the system does not say. */
  const list = async (path: string): Promise<Dirent[] | undefined> => {
    const found: Dirent[] = [];
    try {
      for await (const entry of await opendir(path)) {
        if (SKIPPED.has(entry.name)) continue;
        entries += 1;
        if (entries > limits.entries) throw new TooLarge();
        found.push(entry);
      }
    } catch (thrown) {
      if (thrown instanceof TooLarge) throw thrown;
      return undefined;
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  const addAll = async (path: string, prefix: string, found: readonly Dirent[]): Promise<void> => {
    for (const entry of found) await add(join(path, entry.name), prefix + entry.name, entry);
  };

  try {
    const found = await list(root);
    if (found === undefined) {
      throw new HubError('sem_executor', 'O hub não pode ler a pasta.', {
        hint: 'Dê leitura dela, e do que há nela, ao usuário que executa o hub: chmod -R u+rX',
      });
    }
    await addAll(root, '', found);
    return { digest: hash.digest('hex'), leadsOut, unread };
  } catch (thrown) {
    if (thrown instanceof TooLarge) return { digest: undefined, leadsOut, unread };
    throw thrown;
  }
}
