/** What a deployment to E2B would do, told before any of it is done. */
import { HubError } from '../problem.ts';
import { type E2bLaunch, installCommands, serveCommand } from './e2b-commands.ts';
import type { E2bSettings } from './e2b-sandboxes.ts';
import type { LookUpNpm, NpmPackage } from './npm-package.ts';
import type { Job, RunnerPlan } from './runner.ts';

interface PlanParts {
  readonly e2b: E2bSettings;
  readonly npmRegistry?: string | undefined;
  readonly lookUpNpm: LookUpNpm;
}

/** @throws HubError */
export async function planOf(job: Job, parts: PlanParts, signal: AbortSignal): Promise<RunnerPlan> {
  const { launch, found } = await launchOf(job, parts.lookUpNpm, signal);
  return {
    commands: [...installCommands(launch), serveCommand(launch, job.args)],
    hosts: [new URL(parts.e2b.apiUrl ?? 'https://api.e2b.app').host],
    publishedAt: found?.publishedAt,
    warnings: warningsAbout(job, found, parts.npmRegistry),
    launch,
  };
}

async function launchOf(
  { source }: Job,
  lookUpNpm: LookUpNpm,
  signal: AbortSignal,
): Promise<{ launch: E2bLaunch; found?: NpmPackage }> {
  if (source.kind === 'pypi') return { launch: source };
  const npm = source.kind === 'repository' ? source.npm : source.kind === 'npm' ? source : undefined;
  if (npm === undefined) throw new HubError('sem_executor', 'e2b executa pacotes npm e PyPI publicados.');
  const { name, version } = npm;
  const found = await lookUpNpm({ name, version }, signal);
  return { launch: { kind: 'npm', name, version, bin: found.bin }, found };
}

function warningsAbout({ env }: Job, found: NpmPackage | undefined, npmRegistry: string | undefined): string[] {
  const scripts = found?.installScripts ?? [];
  return [
    ...(Object.keys(env).length > 0 ? ['Os valores de env são entregues ao E2B, onde o servidor roda.'] : []),
    ...(scripts.length > 0 ? [`Scripts de instalação (${scripts.join(', ')}) rodam dentro da sandbox.`] : []),
    ...(found?.deprecated === undefined ? [] : ['Quem publica marcou esta versão como obsoleta.']),
    ...(npmRegistry === undefined ? [] : ['A sandbox instala do registro npm público, não de HUB_NPM_REGISTRY.']),
  ];
}
