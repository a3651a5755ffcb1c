/** A folder of a repository as Docker builds it. What was looked at is what is handed over: both read the same bytes. */
import { Readable } from 'node:stream';
import type { ReadEntry } from 'tar';
import { HubError } from '../problem.ts';
import type { PlacedEntry } from './archive-entry.ts';
import { readArchive } from './read-archive.ts';

export interface LookedAt {
  /** Files that would be handed over. */
  readonly files: number;
  readonly dockerfile: string;
}

const MAX_DOCKERFILE_BYTES = 262_144;

export interface BuildPlace {
  /** Inside the repository; empty for its root. */
  readonly context: string;
  /** Within the context. */
  readonly dockerfile: string;
}

/**
 * Reads the whole archive and keeps the Dockerfile alone.
 *
 * @throws HubError for an archive that is not accepted, or has no Dockerfile there
 */
export async function lookAtContext(
  packed: Buffer,
  { context, dockerfile }: BuildPlace,
  signal: AbortSignal,
): Promise<LookedAt> {
  let files = 0;
  let size = 0;
  const text: Buffer[] = [];
  const pieces = readArchive(packed, (placed, entry) => {
    const path = pathIn(placed, context);
    if (path === undefined || placed.kind === 'directory') return;
    files += 1;
    if (path !== dockerfile || placed.kind !== 'file') return;
    entry.on('data', (bytes: Buffer) => {
      size += bytes.length;
      if (size <= MAX_DOCKERFILE_BYTES) text.push(bytes);
    });
  });
  for await (const _ of pieces) signal.throwIfAborted();
  if (size === 0 || size > MAX_DOCKERFILE_BYTES) {
    throw new HubError('sem_executor', `O repositório não tem um ${dockerfile} que possa ser lido nesta pasta.`, {
      hint: 'Diga a pasta em github_url: …/tree/ramo/pasta.',
    });
  }
  return { files, dockerfile: Buffer.concat(text).toString('utf8') };
}

/** A tar of one folder, made while it is read. Owners and times of the archive are left behind. */
export function contextOf(packed: Buffer, folder: string): Readable {
  return Readable.from(contextPieces(packed, folder), { objectMode: false });
}

async function* contextPieces(packed: Buffer, folder: string): AsyncGenerator<Buffer> {
  const { Header, Pax } = await import('tar');
  const ready: Buffer[] = [];
  const headOf = (path: string, kind: PlacedEntry['kind'], { mode = 0o644, size, linkpath }: ReadEntry): Buffer[] => {
    const type = { file: 'File', directory: 'Directory', link: 'SymbolicLink' } as const;
    const facts = {
      path: kind === 'directory' ? `${path}/` : path,
      mode: mode & 0o777,
      uid: 0,
      gid: 0,
      size: kind === 'file' ? size : 0,
      mtime: new Date(0),
      type: type[kind],
      ...(kind === 'link' && linkpath !== undefined ? { linkpath } : {}),
    };
    const header = new Header(facts);
    const needsMore = header.encode();
    const { path: longPath, linkpath: longLink } = facts;
    const more = needsMore ? [new Pax({ path: longPath, ...(longLink && { linkpath: longLink }) }).encode()] : [];
    return header.block === undefined ? more : [...more, header.block];
  };
  const pieces = readArchive(packed, (placed, entry) => {
    const path = pathIn(placed, folder);
    if (path === undefined || path === '') return;
    ready.push(...headOf(path, placed.kind, entry));
    if (placed.kind !== 'file') return;
    entry.on('data', (bytes: Buffer) => ready.push(bytes));
    entry.on('end', () => ready.push(Buffer.alloc((512 - (entry.size % 512)) % 512)));
  });
  for await (const _ of pieces) yield* ready.splice(0);
  // Two empty blocks are its end.
  yield Buffer.alloc(1_024);
}

/** Inside the folder; undefined for what lies elsewhere. */
function pathIn({ path }: PlacedEntry, folder: string): string | undefined {
  if (folder === '' || path === folder) return folder === '' ? path : '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}
