/**
 * A folder that somebody checked out below HUB_LOCAL_DIR, run from where it lies: Node with what is installed in it, or
 * Python in a virtual environment of the server's own. Nothing is written into the folder.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { HubError } from '../problem.ts';
import { diskProblemIn } from '../servers/data-disk.ts';
import type { ServerRecord } from '../servers/server-record.ts';
import { type FolderContent, folderContent, NOT_COVERED } from './folder-content.ts';
import { nodeProgram } from './node-program.ts';
import { homeIn, type ProcessRunnerParts } from './npx.ts';
import { requirementProblem } from './requirements.ts';
import { runCommand } from './run-command.ts';
import type { Command, Fit, Job, Reach, Runner, RunnerPlan, StartContext } from './runner.ts';

export interface LocalRunnerParts extends ProcessRunnerParts {
  /** HUB_LOCAL_DIR, absolute; undefined: switched off. */
  readonly localDir?: string | undefined;
}

const programSchema = z.object({
  kind: z.enum(['node', 'python']),
  folder: z.string(),
  entry: z.string(),
  packages: z.boolean(),
});
type Program = z.output<typeof programSchema>;
/** `content`: of the folder as it was planned. */
const launchSchema = programSchema.extend({ content: z.string().optional() });

const manifestSchema = z.object({
  name: z.string().optional(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  main: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
});

/** What a Python server's program is called, the usual names first. */
const PYTHON_ENTRIES = ['server.py', 'main.py', 'app.py', 'src/server.py', 'src/main.py', '__main__.py'];

export function localRunner(parts: LocalRunnerParts): Runner {
  const { localDir, dataDir, folders, lines, logger, installerEnvironment, nodePermissions } = parts;

  /** @throws HubError for what is no folder below HUB_LOCAL_DIR, links followed */
  const find = async (folder: string): Promise<string> => {
    if (localDir === undefined) throw new HubError('nao_configurado', OFF);
    const root = await realpath(localDir).catch(() => undefined);
    const found = root === undefined ? undefined : await realpath(join(root, folder)).catch(() => undefined);
    if (
      root === undefined ||
      found === undefined ||
      !found.startsWith(root + sep) ||
      !(await stat(found)).isDirectory()
    ) {
      throw new HubError('fonte_desconhecida', 'Não há esta subpasta em HUB_LOCAL_DIR.', {
        hint: 'Confira o nome em folder.',
      });
    }
    return found;
  };

  const commandsOf = ({ kind, folder, entry, packages }: Program, own: string, args: readonly string[]): Command[] => {
    const file = join(folder, entry);
    if (kind === 'node') return [nodeProgram(file, args, nodePermissions ? [own, folder] : undefined)];
    const python = `${own}/venv/bin/python`;
    const pip = [
      '-m',
      'pip',
      'install',
      '--no-input',
      '--disable-pip-version-check',
      '--no-cache-dir',
      '--only-binary=:all:',
    ];
    // pip is half a minute of a slow machine, and nothing where there is nothing to install.
    const prepare: Command[] = packages
      ? [
          { command: 'python3', args: ['-m', 'venv', `${own}/venv`] },
          { command: python, args: [...pip, '-r', join(folder, 'requirements.txt')] },
        ]
      : [{ command: 'python3', args: ['-m', 'venv', '--without-pip', `${own}/venv`] }];
    return [
      ...prepare,
      // Neither variables nor packages of this user change what it loads.
      { command: python, args: ['-E', '-s', '-u', file, ...args] },
    ];
  };

  return {
    method: 'local',
    unusable: () => (localDir === undefined ? OFF : undefined),
    fit(source): Fit {
      return source.kind === 'folder'
        ? { fits: true, why: 'é uma subpasta de HUB_LOCAL_DIR' }
        : { fits: false, why: 'só executa subpastas de HUB_LOCAL_DIR; clone o repositório ali e use folder.' };
    },
    async plan({ source, args }: Job, signal): Promise<RunnerPlan> {
      if (source.kind !== 'folder') throw new HubError('sem_executor', 'local executa subpastas de HUB_LOCAL_DIR.');
      const folder = await find(source.folder);
      const launch = (await nodeLaunch(folder)) ?? (await pythonLaunch(folder));
      if (launch === undefined) {
        throw new HubError('sem_executor', 'A pasta não tem package.json nem requirements.txt.', {
          hint: 'Implante uma pasta com um servidor Node ou Python.',
        });
      }
      const content = await folderContent(folder, signal);
      const { digest } = content;
      return {
        commands: commandsOf(launch, '{folder}', args),
        hosts: launch.packages ? ['pypi.org'] : [],
        content: digest,
        warnings: warningsAbout(content),
        launch: digest === undefined ? launch : { ...launch, content: digest },
      };
    },
    async start(server: ServerRecord, { signal, log }: StartContext): Promise<Reach> {
      const launch = launchSchema.parse(server.launch);
      // Judged again: a link may lead elsewhere by now.
      if ((await find(server.source.kind === 'folder' ? server.source.folder : '')) !== launch.folder) {
        throw new HubError('fonte_desconhecida', 'A pasta do servidor mudou de lugar.', {
          hint: 'Implante-a de novo.',
        });
      }
      // Of one that ran before, whoever changed the folder wants the change.
      const planned = server.status === 'planned' ? launch.content : undefined;
      if (planned !== undefined && (await folderContent(launch.folder, signal)).digest !== planned) {
        throw new HubError('conflito_de_estado', 'A pasta mudou depois do plano; nada dela foi iniciado.', {
          hint: 'Simule e implante de novo.',
        });
      }
      const { path, work } = await folders.open(server.id);
      const commands = commandsOf(launch, path, server.args);
      for (const command of commands.slice(0, -1)) {
        log(`preparando: ${command.command} ${command.args.slice(0, 3).join(' ')} …`);
        const said: string[] = [];
        const onLine = (line: string): void => {
          said.push(line);
          log(line);
        };
        const options = { cwd: work, env: installerEnvironment, logger, signal, onLine };
        const { exitCode, stdout } = await runCommand(command, options);
        if (exitCode === 0) continue;
        const last = stdout.split('\n').slice(-20);
        for (const line of last) log(line);
        const disk = diskProblemIn([...said, ...last]);
        if (disk !== undefined) throw disk;
        throw new HubError('fonte_indisponivel', 'O servidor não pôde ser preparado.', { hint: 'Veja os logs dele.' });
      }
      const run = commands.at(-1);
      if (run === undefined) throw new TypeError('no command');
      const env = { ...server.env, ...(await homeIn(work, dataDir)) };
      return { transport: 'stdio', ...run, env, cwd: work };
    },
    stop: async () => {},
    async remove({ id }) {
      await folders.remove(id);
      lines.forget(id);
    },
    logs: async ({ id }, limit) => lines.last(id, limit),
    health: async () => ({ healthy: true }),
    // What npx sweeps is everything in the data folder.
    sweep: async () => {},
  };
}

const OFF = 'Executar pastas desta máquina está desligado; HUB_LOCAL_DIR o liga.';

function warningsAbout({ digest, leadsOut }: FolderContent): string[] {
  return [
    'O código vem desta máquina, sem versão fixada: a cada novo início roda o que estiver na pasta.',
    digest === undefined
      ? 'A pasta é grande demais para ser lida inteira: o digest não cobre o que há nela, que pode mudar até o início.'
      : `O digest cobre o que há na pasta, menos ${NOT_COVERED.join(', ')}.`,
    ...(leadsOut ? ['Há atalhos para fora da pasta: o digest não cobre o que está lá.'] : []),
  ];
}

async function nodeLaunch(folder: string): Promise<Program | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
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
  return { kind: 'node', folder, entry: await insideOf(folder, entry), packages: false };
}

async function pythonLaunch(folder: string): Promise<Program | undefined> {
  const text = await readFile(join(folder, 'requirements.txt'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const problem = requirementProblem(text);
  if (problem !== undefined)
    throw new HubError('pedido_recusado', `requirements.txt: ${problem}.`, { hint: 'Fixe cada pacote: nome==versão.' });
  const packages = text.split('\n').some((line) => !/^\s*(?:#|$)/.test(line));
  for (const name of PYTHON_ENTRIES) {
    if (!(await isThere(join(folder, name)))) continue;
    return { kind: 'python', folder, entry: await insideOf(folder, name), packages };
  }
  throw new HubError('sem_executor', `A pasta não tem nenhum destes: ${PYTHON_ENTRIES.join(', ')}.`);
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
