/**
 * What of a folder is to be run: a Node program that its `package.json` declares, or a Python one beside `requirements.txt`.
 * One rule for every folder, wherever it lies: on this machine, or in a repository.
 */
import { posix } from 'node:path';
import { z } from 'zod';
import { isDeeperThan } from '../../json-depth.ts';
import { HubError } from '../problem.ts';

export interface ProgramFolder {
  /** On this machine, or in a repository: what its operator can do about it is another thing. */
  readonly lies: 'here' | 'repository';
  /** Undefined where there is none of this name. @throws HubError for what is not to be read */
  text(name: string): Promise<string | undefined>;
  /** Whether it is a file. */
  has(path: string): Promise<boolean>;
  /** Where a path of the folder leads inside of it. Undefined for what is no file there, or leads out of it. */
  place(path: string): Promise<string | undefined>;
}

/** `entry`: as it is declared, for {@link placed} to judge. */
export type DeclaredProgram = NodeDeclared | PythonDeclared;

interface NodeDeclared {
  readonly kind: 'node';
  readonly entry: string;
  /** Its `package.json` names packages that it runs with. */
  readonly needsPackages: boolean;
}

interface PythonDeclared {
  readonly kind: 'python';
  readonly entry: string;
  /** Text of its `requirements.txt`, unjudged. */
  readonly requirements: string;
}

const manifestSchema = z.object({
  name: z.string().optional(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  main: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
});

/** What a Python server's program is called, the usual names first. */
const PYTHON_ENTRIES = ['server.py', 'main.py', 'app.py', 'src/server.py', 'src/main.py', '__main__.py'];
/** Nobody's manifest nests as much. */
const MAX_LEVELS = 64;

const ELSEWHERE = 'Use um pacote publicado, uma imagem, ou clone-o em HUB_LOCAL_DIR.';
/** Whoever deploys a repository can seldom change what is in it. */
const WORDS = {
  here: {
    it: 'A pasta',
    noProgram: 'Implante uma pasta com um servidor Node ou Python.',
    notDeclared: 'Declare bin ou main nele.',
    absent: 'O programa que a pasta declara não existe nela.',
    notBuilt: 'Compile o projeto antes, se preciso.',
  },
  repository: {
    it: 'A pasta do repositório',
    noProgram: ELSEWHERE,
    notDeclared: ELSEWHERE,
    absent: 'O programa que a pasta do repositório declara não existe nela.',
    notBuilt: ELSEWHERE,
  },
} as const;

/** @throws HubError (`sem_executor`, `pedido_recusado`) when there is none, or it is not to be run like this */
export async function declaredProgram(folder: ProgramFolder): Promise<DeclaredProgram> {
  const manifest = await textOf(folder, 'package.json');
  if (manifest !== undefined) return nodeDeclared(manifest, folder);
  const requirements = await textOf(folder, 'requirements.txt');
  if (requirements !== undefined) return pythonDeclared(requirements, folder);
  const { it, noProgram } = WORDS[folder.lies];
  throw new HubError('sem_executor', `${it} não tem package.json nem requirements.txt.`, { hint: noProgram });
}

/** Without the mark of its encoding with which some editors of Windows begin a file: it is no part of what it says. */
export async function textOf(folder: ProgramFolder, name: string): Promise<string | undefined> {
  return (await folder.text(name))?.replace(/^\ufeff/, '');
}

function nodeDeclared(manifest: string, { lies }: ProgramFolder): NodeDeclared {
  const { name = '', bin, main, dependencies = {} } = manifestSchema.catch({}).parse(parse(manifest));
  const programs = typeof bin === 'string' ? [bin] : Object.values(bin ?? {});
  const named = typeof bin === 'object' ? bin[name.replace(/^@[^/]*\//, '')] : undefined;
  const entry = new Set(programs).size === 1 ? programs[0] : (named ?? main);
  if (entry === undefined) {
    const hint = WORDS[lies].notDeclared;
    throw new HubError('sem_executor', 'O package.json não diz o que executar.', { hint });
  }
  return { kind: 'node', entry, needsPackages: Object.keys(dependencies).length > 0 };
}

async function pythonDeclared(requirements: string, folder: ProgramFolder): Promise<PythonDeclared> {
  for (const name of PYTHON_ENTRIES) {
    if (await folder.has(name)) return { kind: 'python', entry: name, requirements };
  }
  const { it, noProgram } = WORDS[folder.lies];
  throw new HubError('sem_executor', `${it} não tem nenhum destes: ${PYTHON_ENTRIES.join(', ')}.`, { hint: noProgram });
}

/**
 * @returns the path of its file inside the folder; of a folder, as Node takes it, that of its `index.js`
 * @throws HubError (`sem_executor`) for a program that is not in it
 */
export async function placed(entry: string, folder: ProgramFolder): Promise<string> {
  const path = (await folder.place(entry)) ?? (await folder.place(posix.join(entry, 'index.js')));
  if (path !== undefined) return path;
  const { absent, notBuilt } = WORDS[folder.lies];
  throw new HubError('sem_executor', absent, { hint: notBuilt });
}

function parse(json: string): unknown {
  try {
    return isDeeperThan(json, MAX_LEVELS) ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}
