/** What of a folder of this machine is to be run, links followed. */
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { HubError } from '../problem.ts';
import { declaredProgram, type ProgramFolder, placed, textOf } from '../repositories/declared-program.ts';
import { textIn } from './folder-file.ts';
import { pinnedList } from './requirements.ts';

/** `entry`: inside the folder. `requirements`: what pip is given before its first start, empty where there is nothing to install. */
export const programSchema = z.object({
  kind: z.enum(['node', 'python']),
  folder: z.string(),
  entry: z.string(),
  requirements: z.string().optional(),
});
export type Program = z.output<typeof programSchema>;

/** @throws HubError (`sem_executor`, `pedido_recusado`) when there is none, or it is not to be run like this; the signal's reason */
export async function programIn(folder: string, signal: AbortSignal): Promise<Program> {
  const there = folderOf(folder, signal);
  const program = await declaredProgram(there);
  const { kind } = program;
  if (kind === 'python') {
    const requirements = pinnedList(program.requirements);
    return { kind, folder, entry: await placed(program.entry, there), requirements };
  }
  if (program.needsPackages && !(await isThere(join(folder, 'node_modules')))) {
    throw new HubError('sem_executor', 'As dependências da pasta não estão instaladas.', {
      hint: 'Rode nela: npm ci --ignore-scripts --omit=dev',
    });
  }
  return { kind, folder, entry: await placed(program.entry, there) };
}

/**
 * A program that was planned, judged again as it lies there now.
 *
 * @returns what pip is to be given by now; empty where there is nothing to install
 * @throws HubError (`sem_executor`, `pedido_recusado`); the signal's reason
 */
export async function requirementsOf({ kind, folder, entry }: Program, signal: AbortSignal): Promise<string> {
  await placed(entry, folderOf(folder, signal));
  return (kind === 'python' ? await listIn(folder, signal) : undefined) ?? '';
}

/** @throws HubError (`pedido_recusado`) for one that names anything else than pinned packages */
async function listIn(folder: string, signal: AbortSignal): Promise<string | undefined> {
  const text = await textOf(folderOf(folder, signal), 'requirements.txt');
  return text === undefined ? undefined : pinnedList(text);
}

const folderOf = (folder: string, signal: AbortSignal): ProgramFolder => ({
  lies: 'here',
  text: (name) => textIn(folder, name, signal),
  has: (path) => isFile(join(folder, path)),
  place: (path) => placeIn(folder, path),
});

/** The path inside the folder, when no link and no `..` leads out of it. */
async function placeIn(folder: string, path: string): Promise<string | undefined> {
  const file = await realpath(join(folder, path)).catch(() => undefined);
  return file?.startsWith(folder + sep) === true && (await isFile(file)) ? file.slice(folder.length + 1) : undefined;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
