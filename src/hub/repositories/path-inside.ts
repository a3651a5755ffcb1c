/** Paths that a repository writes down, judged as text: nothing is looked up. */
import { posix } from 'node:path';

const SEGMENT = /^(?!\.\.$)[A-Za-z0-9_.@+-]{1,100}$/;
const MAX_LENGTH = 500;

/**
 * Where a relative path leads, seen from a folder.
 *
 * @returns from the root of the repository, empty for the root itself; undefined for what leads out of it, is absolute, an
 *   address, or written with other characters than names of files are
 */
export function pathInside(folder: string, path: string): string | undefined {
  const inside = posix.normalize(posix.join(folder, path)).replace(/\/$/, '');
  const [head] = path;
  if (path.length > MAX_LENGTH || head === undefined || head === '/') return undefined;
  if (inside === '.') return '';
  return inside.split('/').every((segment) => SEGMENT.test(segment)) ? inside : undefined;
}
