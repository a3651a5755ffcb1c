/** A foreign archive, read entry by entry within bounds. Nothing is unpacked. */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ReadEntry } from 'tar';
import { HubError } from '../problem.ts';
import { type PlacedEntry, placeEntry } from './archive-entry.ts';

export interface ArchiveLimits {
  readonly unpackedBytes: number;
  readonly entries: number;
}

const LIMITS: ArchiveLimits = { unpackedBytes: 256 * 1_048_576, entries: 20_000 };
/** What writers fill the last block of an archive with is less. */
const MAX_AFTER_END = 65_536;
const PIECE_BYTES = 262_144;
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/**
 * Reads the whole of a `tar.gz` and stops after each piece of it, so that whoever writes what `each` made of it is not
 * overrun. Paths are judged as text, and a path below a link is refused: what is unpacked stays where it is unpacked.
 *
 * @param each an entry in its turn; its content comes as `data` events, and is dropped where nobody listens
 * @throws HubError (`pedido_recusado`) for anything suspicious, `nao_configurado` where the library is missing
 */
export async function* readArchive(
  packed: Buffer,
  each: (placed: PlacedEntry, entry: ReadEntry) => void,
  limits: ArchiveLimits = LIMITS,
): AsyncGenerator<void> {
  const { Parser } = await import('tar').catch((cause: unknown) => {
    throw new HubError('nao_configurado', 'Falta o pacote tar.', {
      hint: 'Instale-o ao lado do hub: npm install tar@7.',
      cause,
    });
  });
  const seen = new Map<string, PlacedEntry['kind']>();
  const problems: string[] = [];
  const parser = new Parser({
    strict: true,
    brotli: false,
    zstd: false,
    onReadEntry: (entry) => {
      const placed = placeEntry(entry);
      const why = typeof placed === 'string' ? placed : keep(placed, seen, limits.entries);
      if (why !== undefined) problems.push(why);
      if (typeof placed !== 'string' && problems.length === 0) each(placed, entry);
      entry.resume();
    },
  });
  parser.on('error', () => problems.push('está corrompido'));
  // What describes an entry and is too long to be read would be left out silently.
  parser.on('ignoredEntry', () => problems.push('tem um cabeçalho longo demais'));
  const refuseProblems = (): void => {
    const [first] = problems;
    if (first === undefined) return;
    throw new HubError('pedido_recusado', `O código do repositório não é aceito: ${first}.`, {
      hint: 'Publique uma imagem e use image, ou clone-o em HUB_LOCAL_DIR e use folder.',
    });
  };
  let ended: number | undefined;
  parser.on('eof', () => {
    ended ??= size;
  });
  let size = 0;
  for await (const bytes of unpacked(packed, problems)) {
    // The reader would unpack it a second time, and nobody would count.
    if (size === 0 && isPacked(bytes)) problems.push('está compactado duas vezes');
    size += bytes.length;
    if (size > limits.unpackedBytes) problems.push(`passa de ${limits.unpackedBytes / 1_048_576} MB descompactado`);
    if (ended !== undefined && size - ended > MAX_AFTER_END) problems.push('continua depois do fim');
    refuseProblems();
    if (ended === undefined) parser.write(bytes);
    refuseProblems();
    yield;
  }
  parser.end();
  if (seen.size === 0) problems.push('está vazio');
  refuseProblems();
  yield;
}

/** By the first bytes of gzip (RFC 1952) and Zstandard (RFC 8878); Brotli has none, and is no tar. */
const isPacked = (bytes: Buffer): boolean => bytes[0] === 0x1f || bytes.subarray(0, 4).equals(ZSTD);

async function* unpacked(packed: Buffer, problems: string[]): AsyncGenerator<Buffer> {
  try {
    for await (const bytes of Readable.from([packed]).pipe(createGunzip({ chunkSize: PIECE_BYTES }))) yield bytes;
  } catch {
    problems.push('está corrompido');
  }
}

/** Why an entry cannot stand beside those before it, Portuguese. */
function keep({ path, kind }: PlacedEntry, seen: Map<string, PlacedEntry['kind']>, most: number): string | undefined {
  if (seen.size >= most) return `tem mais de ${most} entradas`;
  const before = seen.get(path);
  if (before !== undefined && (kind !== 'directory' || before !== 'directory')) return 'tem duas vezes o mesmo caminho';
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
    if ((seen.get(path.slice(0, end)) ?? 'directory') !== 'directory') return 'tem um caminho por dentro de um atalho';
  }
  seen.set(path, kind);
  return undefined;
}
