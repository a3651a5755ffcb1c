/** What a deployment to E2B would do, told before any of it is done. */
import type { Source } from '../deploy/source.ts';
import { HubError } from '../problem.ts';
import { archiveFolder } from '../repositories/archive-folder.ts';
import type { FetchArchive } from '../repositories/archive-source.ts';
import { declaredProgram, placed } from '../repositories/declared-program.ts';
import { type E2bLaunch, installCommands, serveCommand } from './e2b-commands.ts';
import type { E2bSettings } from './e2b-sandboxes.ts';
import type { LookUpNpm } from './npm-package.ts';
import type { Fit, Job, RunnerPlan } from './runner.ts';

interface PlanParts {
  readonly e2b: E2bSettings;
  readonly npmRegistry?: string | undefined;
  readonly lookUpNpm: LookUpNpm;
  readonly fetchArchive: FetchArchive;
}

/** `warnings`: about this source alone. */
interface Launching {
  readonly launch: E2bLaunch;
  readonly publishedAt?: string | undefined;
  readonly hosts?: readonly string[];
  readonly warnings: readonly string[];
}

/** What a repository that nobody published has to have. */
const CODE = ['package.json', 'requirements.txt'];

export function e2bFit(source: Source): Fit {
  if (source.kind === 'npm' || source.kind === 'pypi') return { fits: true, why: 'é um pacote com versão exata' };
  if (source.kind === 'repository' && source.npm !== undefined) {
    return { fits: true, why: `o repositório publica ${source.npm.name}@${source.npm.version} no npm` };
  }
  if (source.kind === 'repository' && source.files.some((name) => CODE.includes(name))) {
    return { fits: true, why: 'o código do commit roda longe desta máquina' };
  }
  const why = `só executa pacotes npm e PyPI com versão exata, e repositórios com ${CODE.join(' ou ')}.`;
  return { fits: false, why };
}

/** @throws HubError */
export async function planOf(job: Job, parts: PlanParts, signal: AbortSignal): Promise<RunnerPlan> {
  const { launch, publishedAt, hosts = [], warnings } = await launchOf(job.source, parts, signal);
  return {
    commands: [...installCommands(launch), serveCommand(launch, job.args)],
    hosts: [new URL(parts.e2b.apiUrl ?? 'https://api.e2b.app').host, ...hosts],
    publishedAt,
    warnings: [
      ...(Object.keys(job.env).length > 0 ? ['Os valores de env são entregues ao E2B, onde o servidor roda.'] : []),
      ...warnings,
      ...(parts.npmRegistry === undefined
        ? []
        : ['A sandbox instala do registro npm público, não de HUB_NPM_REGISTRY.']),
    ],
    launch,
  };
}

async function launchOf(
  source: Source,
  { lookUpNpm, fetchArchive }: PlanParts,
  signal: AbortSignal,
): Promise<Launching> {
  if (source.kind === 'pypi') return { launch: source, warnings: [] };
  if (source.kind === 'npm') return ofNpm(source, lookUpNpm, signal);
  if (source.kind !== 'repository') {
    throw new HubError('sem_executor', 'e2b executa pacotes npm e PyPI publicados, e repositórios.');
  }
  return source.npm === undefined ? ofRepository(source, fetchArchive, signal) : ofNpm(source.npm, lookUpNpm, signal);
}

async function ofNpm(
  { name, version }: { readonly name: string; readonly version: string },
  lookUpNpm: LookUpNpm,
  signal: AbortSignal,
): Promise<Launching> {
  const { bin, publishedAt, installScripts, deprecated } = await lookUpNpm({ name, version }, signal);
  return {
    launch: { kind: 'npm', name, version, bin },
    publishedAt,
    warnings: [
      ...(installScripts.length > 0
        ? [`Scripts de instalação (${installScripts.join(', ')}) rodam dentro da sandbox.`]
        : []),
      ...(deprecated === undefined ? [] : ['Quem publica marcou esta versão como obsoleta.']),
    ],
  };
}

/** What is run is told from the very commit; the sandbox fetches it again, by itself. */
async function ofRepository(
  source: Extract<Source, { kind: 'repository' }>,
  fetchArchive: FetchArchive,
  signal: AbortSignal,
): Promise<Launching> {
  const { url, commit, folder } = source;
  const there = await archiveFolder(await fetchArchive({ url, commit }, signal), folder, signal);
  const program = await declaredProgram(there);
  const { kind } = program;
  const entry = await placed(program.entry, there);
  const isLocked = (await there.has('package-lock.json')) || (await there.has('npm-shrinkwrap.json'));
  const needed = kind === 'node' ? program.needsPackages : program.requirements.trim() !== '';
  const packages = !needed ? 'none' : kind === 'node' && isLocked ? 'lock' : 'list';
  const list = kind === 'node' ? 'package.json' : 'requirements.txt';
  return {
    launch: { kind: 'repository', url, commit, folder, program: kind, entry, packages },
    hosts: ['codeload.github.com', 'github.com'],
    warnings: [
      'A sandbox busca o commit no GitHub sem GITHUB_TOKEN: o repositório tem de ser público.',
      ...(packages === 'list' ? [`O que ${list} não fixa é instalado na versão que houver na hora.`] : []),
      ...(kind === 'node' && needed ? ['Scripts de instalação das dependências não rodam.'] : []),
    ],
  };
}
