/** What an entry of a foreign archive may be. Decisions of their arguments alone. */
import { posix } from 'node:path';

export interface ArchiveEntry {
  /** As the archive has it. */
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly linkpath?: string | undefined;
}

export interface PlacedEntry {
  /** Inside the repository; empty for its root. Without a `/` at its end. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'link';
}

const MAX_PATH = 1_024;
const MAX_DEPTH = 64;
const MAX_FILE_BYTES = 64 * 1_048_576;

/**
 * Where an entry belongs; GitHub puts everything into one folder of its own, which is taken away.
 *
 * @returns Portuguese why the whole archive is refused, for anything that could reach outside of the folder it is unpacked in
 */
export function placeEntry({ path, type, size, linkpath }: ArchiveEntry): PlacedEntry | string {
  const plain = path.replace(/\/+$/, '');
  const [, ...inside] = plain.split('/');
  const bad = path.startsWith('/') || /[\0\\]/.test(path) || plain.split('/').some((part) => /^\.{0,2}$/.test(part));
  if (bad) return 'tem um caminho que sai da própria pasta';
  if (path.length > MAX_PATH || inside.length > MAX_DEPTH) return 'tem um caminho longo demais';
  if (size > MAX_FILE_BYTES) return `tem um arquivo de mais de ${MAX_FILE_BYTES / 1_048_576} MB`;
  const place = inside.join('/');
  switch (type) {
    case 'File':
    case 'OldFile':
      return place === '' ? 'tem um arquivo no lugar da pasta' : { path: place, kind: 'file' };
    case 'Directory':
      return { path: place, kind: 'directory' };
    case 'SymbolicLink':
      return leadsOutside(place, linkpath ?? '')
        ? 'tem um atalho que sai da própria pasta'
        : { path: place, kind: 'link' };
    default:
      return 'tem uma entrada que não é arquivo, pasta nem atalho';
  }
}

function leadsOutside(place: string, target: string): boolean {
  if (place === '' || target === '' || target.startsWith('/') || /[\0\\]/.test(target)) return true;
  // Above what another link leads to is not above that link: only from where a link lies itself can be told what is above it.
  const parts = target.split('/');
  const down = parts.findIndex((part) => !/^\.{0,2}$/.test(part));
  if (down !== -1 && parts.includes('..', down)) return true;
  const end = posix.normalize(posix.join(posix.dirname(place), target));
  return end === '..' || end.startsWith('../');
}
