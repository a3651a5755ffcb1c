/** Packages whose name is nearly that of a much better known one, which is how people are made to install them. */
import { distance } from 'fastest-levenshtein';
import { knownNpm, knownPypi } from './known-packages.ts';

/** Below this many letters, one edit away are words that have nothing to do with each other. */
const MIN_LENGTH = 6;
/** What any maker may call a package within a scope of his own. */
const COMMON_NAMES: ReadonlySet<string> = new Set(['mcp', 'mcpserver', 'server', 'sdk', 'inspector', 'servermcp']);

/**
 * The known package that this one may be taken for: the same letters with other separators, one edit or letters that look
 * alike away, or the same name under another scope or none. Undefined for the known ones themselves and for scopes that only
 * a known maker can publish in.
 */
export function lookAlikeOf(kind: 'npm' | 'pypi', name: string): string | undefined {
  const known = kind === 'npm' ? knownNpm : knownPypi;
  // PEP 503: these are one name to PyPI.
  const asked = kind === 'pypi' ? name.toLowerCase().replaceAll(/[-_.]+/g, '-') : name;
  if (known.includes(asked)) return undefined;
  const scope = scopeOf(asked);
  if (scope !== '' && known.some((one) => scopeOf(one) === scope)) return undefined;
  return known.find((one) => isNear(asked, one));
}

function isNear(asked: string, known: string): boolean {
  const [a, b] = [lettersOf(asked), lettersOf(known)];
  if (a === b || skeletonOf(a) === skeletonOf(b)) return true;
  if (Math.min(a.length, b.length) >= MIN_LENGTH && isOneEdit(a, b)) return true;
  if (scopeOf(known) === '') return false;
  const [own, theirs] = [lettersOf(baseOf(asked)), lettersOf(baseOf(known))];
  if (COMMON_NAMES.has(theirs)) return scopeOf(asked) !== '' && own === theirs && isNearScope(asked, known);
  return skeletonOf(own) === skeletonOf(theirs);
}

function isNearScope(asked: string, known: string): boolean {
  const [a, b] = [lettersOf(scopeOf(asked)), lettersOf(scopeOf(known))];
  return skeletonOf(a) === skeletonOf(b) || (Math.min(a.length, b.length) >= MIN_LENGTH && isOneEdit(a, b));
}

const scopeOf = (name: string): string => /^@([^/]+)\//.exec(name)?.[1] ?? '';
const baseOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** `mcp-server.git`, `mcp_server_git` and `mcpservergit` are one word to a hasty reader. */
const lettersOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Letters that look alike are one letter; others than ASCII have no place in the names of npm and PyPI. */
function skeletonOf(letters: string): string {
  return letters
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll(/[1il]/g, 'l')
    .replaceAll('0', 'o')
    .replaceAll('5', 's')
    .replaceAll('3', 'e');
}

/** One letter more, less or other, or two neighbours that changed places. */
function isOneEdit(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  const edits = distance(a, b);
  if (edits !== 2 || a.length !== b.length) return edits <= 1;
  const at = [...a].findIndex((letter, index) => letter !== b[index]);
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}
