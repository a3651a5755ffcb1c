/** What of a folder is to be run: a Node program that its `package.json` declares, or a Python one beside `requirements.txt`. */
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { HubError } from '../problem.ts';
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

const manifestSchema = z.object({
  name: z.string().optional(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  main: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
});

/** What a Python server's program is called, the usual names first. */
const PYTHON_ENTRIES = ['server.py', 'main.py', 'app.py', 'src/server.py', 'src/main.py', '__main__.py'];

/** @throws HubError (`sem_executor`, `pedido_recusado`) when there is none, or it is not to be run like this; the signal's reason */
export async function programIn(folder: string, signal: AbortSignal): Promise<Program> {
  const program = (await nodeIn(folder, signal)) ?? (await pythonIn(folder, signal));
  if (program !== undefined) return program;
  throw new HubError('sem_executor', 'A pasta não tem package.json nem requirements.txt.', {
    hint: 'Implante uma pasta com um servidor Node ou Python.',
  });
}

async function nodeIn(folder: string, signal: AbortSignal): Promise<Program | undefined> {
  const text = await textIn(folder, 'package.json', signal);
  if (text === undefined) return undefined;
  const { name = '', bin, main, dependencies = {} } = manifestSchema.catch({}).parse(parse(text));
  const programs = typeof bin === 'string' ? [bin] : Object.values(bin ?? {});
  const named = typeof bin === 'object' ? bin[name.replace(/^@[^/]*\//, '')] : undefined;
  const entry = new Set(programs).size === 1 ? programs[0] : (named ?? main);
  if (entry === undefined) {
    throw new HubError('sem_executor', 'O package.json não diz o que executar.', { hint: 'Declare bin ou main nele.' });
  }
  if (Object.keys(dependencies).length > 0 && !(await isThere(join(folder, 'node_modules')))) {
    throw new HubError('sem_executor', 'As dependências da pasta não estão instaladas.', {
      hint: 'Rode nela: npm ci --ignore-scripts --omit=dev',
    });
  }
  return { kind: 'node', folder, entry: await insideOf(folder, entry) };
}

async function pythonIn(folder: string, signal: AbortSignal): Promise<Program | undefined> {
  const requirements = await listIn(folder, signal);
  if (requirements === undefined) return undefined;
  for (const name of PYTHON_ENTRIES) {
    if (!(await isThere(join(folder, name)))) continue;
    return { kind: 'python', folder, entry: await insideOf(folder, name), requirements };
  }
  throw new HubError('sem_executor', `A pasta não tem nenhum destes: ${PYTHON_ENTRIES.join(', ')}.`);
}

/**
 * A program that was planned, judged again as it lies there now.
 *
 * @returns what pip is to be given by now; empty where there is nothing to install
 * @throws HubError (`sem_executor`, `pedido_recusado`); the signal's reason
 */
export async function requirementsOf({ kind, folder, entry }: Program, signal: AbortSignal): Promise<string> {
  await insideOf(folder, entry);
  return (kind === 'python' ? await listIn(folder, signal) : undefined) ?? '';
}

/** @throws HubError (`pedido_recusado`) for one that names anything else than pinned packages */
async function listIn(folder: string, signal: AbortSignal): Promise<string | undefined> {
  const text = await textIn(folder, 'requirements.txt', signal);
  return text === undefined ? undefined : pinnedList(text);
}

/** The path inside the folder, when no link and no `..` leads out of it. */
async function insideOf(folder: string, entry: string): Promise<string> {
  const file = await realpath(join(folder, entry)).catch(() => undefined);
  if (file?.startsWith(folder + sep) === true) return file.slice(folder.length + 1);
  throw new HubError('sem_executor', 'O programa que a pasta declara não existe nela.', {
    hint: 'Compile o projeto antes, se preciso.',
  });
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
