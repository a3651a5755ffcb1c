/**
 * A published npm package, as `npx` would run it, but in two steps of our own: installed into the server's folder without
 * any install script, then run by Node itself. `npx` would pass the arguments through a shell, stay in memory beside the
 * server, and ask the registry again at every start.
 */
import { access, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../../logging/logger.ts';
import { HubError } from '../problem.ts';
import type { LogLines } from '../servers/log-lines.ts';
import type { ServerRecord } from '../servers/server-record.ts';
import { InstallerDisk } from './installer-disk.ts';
import { nodeProgram } from './node-program.ts';
import { type NpmPackage, npmLookUp, npmSettings } from './npm-package.ts';
import { questionsLeft, sweepQuestions } from './npm-question.ts';
import type { AskNpmRegistries } from './npm-registries.ts';
import { endOrphans, MARK, markOf } from './orphans.ts';
import { clearUnprepared, isPrepared, markPrepared } from './prepared-mark.ts';
import { runCommand } from './run-command.ts';
import type { Command, Fit, Job, Reach, Runner, RunnerPlan, StartContext } from './runner.ts';
import type { ServerFolders } from './server-folder.ts';

export interface ProcessRunnerParts {
  /** HUB_DATA_DIR, absolute. */
  readonly dataDir: string;
  readonly folders: ServerFolders;
  readonly lines: LogLines;
  readonly logger: Logger;
  /** Of npm, python and pip; never of the server. */
  readonly installerEnvironment: Readonly<Record<string, string>>;
  /** Keep Node programs inside their folder. */
  readonly nodePermissions: boolean;
  readonly npmRegistry?: string | undefined;
  readonly registries: AskNpmRegistries;
}

const launchSchema = z.object({ name: z.string(), version: z.string(), bin: z.string() });
const NEW_DAYS = 7;
/** What npm reads when it comes again: what it wrote itself, and what the server could have put there for it. */
const INSTALLED = ['node_modules', 'package.json', 'package-lock.json', 'npm-shrinkwrap.json', '.npmrc'];

export function npxRunner(parts: ProcessRunnerParts): Runner {
  const { dataDir, folders, lines, logger, installerEnvironment, nodePermissions, registries } = parts;
  const { args: registryArgs, env: npmEnvironment } = npmSettings(parts);
  const lookUp = npmLookUp(parts);

  const installOf = (spec: string, folder: string): Command => ({
    command: 'npm',
    args: [
      'install',
      `--prefix=${folder}`,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      '--omit=dev',
      '--save-exact',
      '--loglevel=warn',
      ...registryArgs,
      '--',
      spec,
    ],
  });
  const programOf = (folder: string, { name, bin }: z.output<typeof launchSchema>, args: readonly string[]): Command =>
    nodeProgram(`${folder}/node_modules/${name}/${bin}`, args, nodePermissions ? [folder] : undefined);

  const install = async (server: ServerRecord, folder: string, { signal, log }: StartContext): Promise<void> => {
    const { name, version } = launchSchema.parse(server.launch);
    const spec = `${name}@${version}`;
    if ((await isPrepared(folder, spec)) && (await isInstalled(folder, name, version))) return;
    await clearUnprepared(folder, INSTALLED);
    log(`instalando ${spec}, sem scripts de instalação`);
    const disk = new InstallerDisk();
    const onLine = (line: string): void => {
      disk.hear(line);
      log(line);
    };
    const env = { ...npmEnvironment, [MARK]: await markOf(dataDir) };
    const options = { cwd: folder, env, logger, signal, onLine };
    const { exitCode } = await runCommand(installOf(spec, folder), options);
    if (exitCode !== 0 && disk.problem !== undefined) throw disk.problem;
    if (exitCode !== 0 || !(await isInstalled(folder, name, version))) {
      throw new HubError('fonte_indisponivel', `${spec} não pôde ser instalado.`, {
        hint: 'Os logs do servidor têm o que o npm disse.',
      });
    }
    const skipped = await packagesWithScripts(folder);
    if (skipped.length > 0) log(`scripts de instalação não executados: ${skipped.join(', ')}`);
    await markPrepared(folder, spec);
  };

  return {
    method: 'npx',
    unusable: async () =>
      (await isInPath('npm', installerEnvironment['PATH']))
        ? undefined
        : 'O npm não foi encontrado no PATH do hub; instale-o para usar pacotes.',
    fit(source): Fit {
      if (source.kind === 'npm') return { fits: true, why: 'é um pacote npm com versão exata' };
      if (source.kind === 'repository' && source.npm !== undefined) {
        return { fits: true, why: `o repositório publica ${source.npm.name}@${source.npm.version} no npm` };
      }
      return { fits: false, why: 'não há pacote npm publicado desta fonte.' };
    },
    async plan(job: Job, signal): Promise<RunnerPlan> {
      const { name, version } = packageIn(job);
      const found = await lookUp({ name, version }, signal);
      const { own } = await registries(signal);
      const launch = { name, version, bin: found.bin };
      return {
        commands: [installOf(`${name}@${version}`, '{folder}'), programOf('{folder}', launch, job.args)],
        hosts: own === undefined ? [] : [own],
        publishedAt: found.publishedAt,
        installScripts: found.installScripts,
        warnings: warningsAbout(found, new Date()),
        launch,
      };
    },
    async start(server, context): Promise<Reach> {
      const { path, work } = await folders.open(server.id);
      await install(server, path, context);
      const { command, args } = programOf(path, launchSchema.parse(server.launch), server.args);
      const env = { ...server.env, ...(await homeIn(work, dataDir)) };
      return { transport: 'stdio', command, args, env, cwd: work };
    },
    // The gateway ended the process when the server was taken from it.
    stop: async () => {},
    async remove({ id }) {
      await folders.remove(id);
      lines.forget(id);
    },
    logs: async ({ id }, limit) => lines.last(id, limit),
    health: async () => ({ healthy: true }),
    async sweep(known) {
      const ended = await endOrphans(dataDir, await questionsLeft(dataDir));
      if (ended > 0) logger.warn({ processes: ended }, 'ended what an earlier hub left running');
      await folders.removeAllBut(known);
      await sweepQuestions(dataDir);
    },
  };
}

/** Its home is its work folder: nothing it looks for in a home is the operator's. */
export async function homeIn(work: string, dataDir: string): Promise<Record<string, string>> {
  return { HOME: work, USERPROFILE: work, TMPDIR: join(work, 'tmp'), [MARK]: await markOf(dataDir) };
}

function packageIn({ source }: Job): { readonly name: string; readonly version: string } {
  if (source.kind === 'npm') return source;
  if (source.kind === 'repository' && source.npm !== undefined) return source.npm;
  throw new HubError('sem_executor', 'npx executa pacotes npm publicados.');
}

function warningsAbout({ publishedAt, installScripts, deprecated }: NpmPackage, now: Date): string[] {
  const ageDays = publishedAt === undefined ? undefined : (now.getTime() - Date.parse(publishedAt)) / 86_400_000;
  return [
    ...(ageDays !== undefined && ageDays < NEW_DAYS ? [`Versão publicada há menos de ${NEW_DAYS} dias.`] : []),
    ...(installScripts.length > 0
      ? [`O pacote tem scripts de instalação (${installScripts.join(', ')}), que não são executados.`]
      : []),
    ...(deprecated === undefined ? [] : ['Quem publica marcou esta versão como obsoleta.']),
  ];
}

const manifestSchema = z.object({ version: z.string() });

async function isInstalled(folder: string, name: string, version: string): Promise<boolean> {
  const manifest = await readJson(join(folder, 'node_modules', name, 'package.json'));
  return manifestSchema.safeParse(manifest).data?.version === version;
}

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })),
});

async function packagesWithScripts(folder: string): Promise<string[]> {
  const packages = lockSchema.safeParse(await readJson(join(folder, 'package-lock.json'))).data?.packages ?? {};
  return Object.entries(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
}

/** Undefined for what is not there, or is no JSON. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

async function isInPath(program: string, path = ''): Promise<boolean> {
  const names = process.platform === 'win32' ? [`${program}.cmd`, `${program}.exe`] : [program];
  for (const folder of path.split(delimiter)) {
    for (const name of names) {
      const found = await access(join(folder, name)).then(
        () => true,
        () => false,
      );
      if (found) return true;
    }
  }
  return false;
}
