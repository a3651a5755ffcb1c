/** A folder of a repository, as its archive has it: what lies there, and the few texts that say what it is. */
import { HubError } from '../problem.ts';
import type { ProgramFolder } from './declared-program.ts';
import { pathInside } from './path-inside.ts';
import { readArchive } from './read-archive.ts';

const TEXTS: ReadonlySet<string> = new Set(['package.json', 'requirements.txt']);
const MAX_TEXT_BYTES = 1_048_576;

/**
 * Reads the whole archive. Links are not followed: they count as nothing.
 *
 * @param folder inside the repository; empty for its root
 * @throws HubError for an archive that is not accepted, or a text that is too large
 */
export async function archiveFolder(packed: Buffer, folder: string, signal: AbortSignal): Promise<ProgramFolder> {
  const files = new Set<string>();
  const texts = new Map<string, Buffer[]>();
  let large: string | undefined;
  const prefix = folder === '' ? '' : `${folder}/`;
  const pieces = readArchive(packed, ({ path, kind }, entry) => {
    if (kind !== 'file' || !path.startsWith(prefix)) return;
    const name = path.slice(prefix.length);
    files.add(name);
    if (!TEXTS.has(name)) return;
    if (entry.size > MAX_TEXT_BYTES) {
      large = name;
      return;
    }
    const text: Buffer[] = [];
    texts.set(name, text);
    entry.on('data', (bytes: Buffer) => text.push(bytes));
  });
  for await (const _ of pieces) signal.throwIfAborted();
  if (large !== undefined) throw tooLarge(large);
  const place = (path: string): string | undefined => {
    const inside = pathInside('', path);
    return inside !== undefined && files.has(inside) ? inside : undefined;
  };
  return {
    lies: 'repository',
    text: async (name) => {
      const text = texts.get(name);
      return text === undefined ? undefined : Buffer.concat(text).toString('utf8');
    },
    has: async (path) => files.has(path),
    place: async (path) => place(path),
  };
}

const tooLarge = (name: string): HubError =>
  new HubError('pedido_recusado', `O ${name} do repositório passa de 1 MB.`, {
    hint: 'Publique o servidor como pacote ou imagem.',
  });
