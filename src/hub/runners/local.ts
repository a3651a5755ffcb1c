/**
 * A folder that somebody checked out below HUB_LOCAL_DIR, run from where it lies: Node with what is installed in it, or
 * Python in a virtual environment of the server's own. Nothing is written into the folder.
 */
import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../files/replace-file.ts';
import { HubError } from '../problem.ts';
import { onDisk } from '../servers/data-disk.ts';
import type { ServerRecord } from '../servers/server-record.ts';
import { type FolderContent, folderContent, isCovered, NOT_COVERED } from './folder-content.ts';
import { type Program, programIn, programSchema, requirementsOf } from './folder-program.ts';
import { InstallerDisk } from './installer-disk.ts';
import { nodeProgram } from './node-program.ts';
import { homeIn, type ProcessRunnerParts } from './npx.ts';
import { MARK, markOf } from './orphans.ts';
import { clearUnprepared, isPrepared, markPrepared } from './prepared-mark.ts';
import { pythonProgram, REQUIREMENTS } from './python-program.ts';
import { runCommand } from './run-command.ts';
import type { Command, Fit, Job, Reach, Runner, RunnerPlan, StartContext } from './runner.ts';

export interface LocalRunnerParts extends ProcessRunnerParts {
  /** HUB_LOCAL_DIR, absolute; undefined: switched off. */
  readonly localDir?: string | undefined;
}

/** `content`: of the folder as it was planned. */
const launchSchema = programSchema.extend({ content: z.string().optional() });

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

  const commandsOf = (
    { kind, folder, entry, requirements = '' }: Program,
    own: string,
    args: readonly string[],
  ): Command[] => {
    const file = join(folder, entry);
    if (kind === 'node') return [nodeProgram(file, args, nodePermissions ? [own, folder] : undefined)];
    return pythonProgram(file, args, own, requirements !== '');
  };

  /** @throws HubError when the folder is not as it was planned; never of one that ran before: whoever changed it wants the change */
  const refuseChanged = async (
    { started }: ServerRecord,
    { folder, content }: z.output<typeof launchSchema>,
    signal: AbortSignal,
  ): Promise<void> => {
    if (started === true || content === undefined) return;
    if ((await folderContent(folder, signal)).digest !== content) throw changed();
  };

  /** What pip is given: at the first start the list of the plan, later the one that is there; both are judged. @throws HubError */
  const listOf = async (
    { started }: ServerRecord,
    launch: z.output<typeof launchSchema>,
    signal: AbortSignal,
  ): Promise<string> => {
    const now = await requirementsOf(launch, signal);
    if (started === true || launch.requirements === undefined || launch.requirements === now) return now;
    throw changed();
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
      const { requirements = '', ...program } = await programIn(folder, signal);
      const content = await folderContent(folder, signal);
      const { digest } = content;
      const launch = { ...program, requirements };
      return {
        commands: commandsOf(launch, '{folder}', args),
        hosts: requirements === '' ? [] : ['pypi.org'],
        content: digest,
        warnings: [...installedBy(requirements), ...warningsAbout(content, launch.entry)],
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
      await refuseChanged(server, launch, signal);
      const requirements = await listOf(server, launch, signal);
      const { path, work } = await folders.open(server.id);
      const commands = commandsOf({ ...launch, requirements }, path, server.args);
      // Not whole while pip is at it, even where it was before.
      if (launch.kind === 'python')
        await clearUnprepared(path, [REQUIREMENTS, ...((await isPrepared(path, PREPARED)) ? [] : ['venv'])]);
      if (requirements !== '') await onDisk(() => replaceFile(join(path, REQUIREMENTS), requirements));
      const preparing = { ...installerEnvironment, [MARK]: await markOf(dataDir) };
      for (const command of commands.slice(0, -1)) {
        log(`preparando: ${command.command} ${command.args.slice(0, 3).join(' ')} …`);
        const disk = new InstallerDisk();
        const onLine = (line: string): void => {
          disk.hear(line);
          log(line);
        };
        const options = { cwd: work, env: preparing, logger, signal, onLine };
        const { exitCode, stdout } = await runCommand(command, options);
        if (exitCode === 0) continue;
        for (const line of stdout.split('\n').slice(-20)) onLine(line);
        const failed = 'O servidor não pôde ser preparado.';
        throw disk.problem ?? new HubError('fonte_indisponivel', failed, { hint: 'Veja os logs dele.' });
      }
      if (launch.kind === 'python') {
        await markPrepared(path, PREPARED);
        // A start that was refused or cut off is none; and pip gave whoever writes there minutes.
        await refuseChanged(server, launch, signal);
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

/** What a virtual environment holds is for pip to say, each time. */
const PREPARED = 'venv';

const OFF = 'Executar pastas desta máquina está desligado; HUB_LOCAL_DIR o liga.';

const changed = (): HubError =>
  new HubError('conflito_de_estado', 'A pasta mudou depois do plano; nada dela foi iniciado.', {
    hint: 'Apague este servidor, simule e implante de novo.',
  });

/** So many are named; the digest of the list tells of the others. */
const NAMED = 20;

/** What the plan shows of the list, so that a digest of the plan is one of the list too. */
function installedBy(requirements: string): string[] {
  if (requirements === '') return [];
  const packages = requirements.trimEnd().split('\n');
  const named = packages.slice(0, NAMED).map((line) => line.split(' ', 1).join(''));
  const more = packages.length > NAMED ? ` e mais ${packages.length - NAMED}` : '';
  const digest = createHash('sha256').update(requirements).digest('hex');
  return [`O pip instala ${named.join(', ')}${more}, e o que eles pedem (SHA-256 da lista: ${digest}).`];
}

function warningsAbout({ digest, leadsOut, unread }: FolderContent, entry: string): string[] {
  return [
    'O código vem desta máquina, sem versão fixada: a cada novo início roda o que estiver na pasta.',
    digest === undefined
      ? 'A pasta é grande demais para ser lida inteira: o digest não cobre o que há nela, que pode mudar até o início.'
      : `O digest cobre o que há na pasta, menos ${NOT_COVERED.join(', ')}.`,
    ...(isCovered(entry) ? [] : ['O próprio programa está numa destas pastas, que o digest não cobre.']),
    ...(leadsOut ? ['Há atalhos para fora do que o digest cobre: o que está lá pode mudar até o início.'] : []),
    ...(unread ? ['Há pastas que o hub não pode listar: o digest não cobre o que está nelas.'] : []),
  ];
}
