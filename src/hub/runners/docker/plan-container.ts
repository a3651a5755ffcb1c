/** What a container would be made of, and what an operator should know first. */
import { HubError } from '../../problem.ts';
import type { FetchArchive } from '../../repositories/archive-source.ts';
import type { Command, Job, RunnerPlan } from '../runner.ts';
import { buildOf, lookAtRepository, type RepositorySource, tagOf } from './build-image.ts';
import { asDockerRun, type ContainerLimits, nameOf } from './container-spec.ts';
import { imageName, registryOf } from './image-name.ts';
import type { Engine } from './open-engine.ts';
import { localImage, pinImage, volumesOf } from './pinned-image.ts';

export interface PlanParts {
  readonly openEngine: () => Promise<Engine>;
  readonly fetchArchive: FetchArchive;
  readonly limits: ContainerLimits;
  readonly signal: AbortSignal;
}

/** The image a container is made of, and how it gets into the Engine. */
type ImagePlan = Omit<RunnerPlan, 'commands'> & { readonly image: string; readonly prepare: readonly Command[] } & {
  /** Undefined while the image is not in the Engine. */
  readonly volumes?: readonly string[];
};

/** Stands for the server's own id. */
const SERVER = '{id}';

/** @throws HubError */
export async function planContainer(job: Job, parts: PlanParts): Promise<RunnerPlan> {
  const { args, env, port } = job;
  const { prepare, volumes, ...plan } = await planImage(job, parts);
  const run = {
    hub: '',
    server: SERVER,
    image: plan.image,
    args: [...args],
    env: { ...env },
    volumes: [...(volumes ?? [])],
    limits: parts.limits,
    ...(port === undefined ? {} : { port }),
  };
  const network = ['network', 'create', '--opt=com.docker.network.bridge.enable_icc=false', nameOf(SERVER)];
  const warnings = volumes?.length === 0 ? plan.warnings : [...plan.warnings, volumesWarning(volumes)];
  return { ...plan, warnings, commands: [...prepare, { command: 'docker', args: network }, asDockerRun(run)] };
}

const volumesWarning = (volumes?: readonly string[]): string =>
  `${volumes === undefined ? 'Os volumes que a imagem declare começam vazios' : `A imagem declara volumes (${volumes.join(', ')}), que começam vazios`}, têm 64 MB em memória cada um e somem com o contêiner.`;

async function planImage({ source }: Job, { openEngine, fetchArchive, signal }: PlanParts): Promise<ImagePlan> {
  if (source.kind === 'image') return planPull(await openEngine(), source.image);
  if (source.kind === 'repository') return planBuild(source, fetchArchive, signal);
  throw new HubError('sem_executor', 'docker executa imagens e repositórios com Dockerfile ou Compose.');
}

async function planPull(engine: Engine, name: string): Promise<ImagePlan> {
  const pinned = await pinImage(engine, name);
  const launch = { kind: 'image', ...pinned } as const;
  if (pinned.local) {
    const warnings = ['A imagem só existe no Docker desta máquina: ninguém mais diz de onde ela vem.'];
    return {
      image: pinned.image,
      prepare: [],
      hosts: [],
      warnings,
      launch,
      volumes: await volumesOf(engine, pinned.image),
    };
  }
  const isHere = (await localImage(engine, pinned.image)) !== undefined;
  return {
    image: pinned.image,
    prepare: [{ command: 'docker', args: ['pull', pinned.image] }],
    hosts: [registryOf(imageName(name).repository)],
    warnings: [],
    launch,
    ...(isHere ? { volumes: await volumesOf(engine, pinned.image) } : {}),
  };
}

async function planBuild(
  source: RepositorySource,
  fetchArchive: FetchArchive,
  signal: AbortSignal,
): Promise<ImagePlan> {
  const { bases, untold, needsBuildKit, files } = await lookAtRepository(source, fetchArchive, signal);
  const loose = bases.filter((base) => !base.includes('@sha256:'));
  const image = tagOf({ server: SERVER, source });
  const { context, dockerfile, target } = buildOf(source);
  const from = `${source.url}.git#${source.commit}${context === '' ? '' : `:${context}`}`;
  const options = [
    ...(dockerfile === 'Dockerfile' ? [] : [`--file=${dockerfile}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
  ];
  return {
    image,
    prepare: [{ command: 'docker', args: ['build', `--tag=${image}`, ...options, from] }],
    hosts: ['codeload.github.com', ...new Set(bases.map((base) => registryOf(imageName(base).repository)))],
    warnings: [
      `O Dockerfile executa os próprios passos, com rede, enquanto é construído (${files} arquivos do repositório).`,
      ...(loose.length === 0 ? [] : [`Parte de imagens sem digest, que podem mudar: ${loose.join(', ')}.`]),
      ...(untold.length === 0
        ? []
        : [`Não dá para saber antes da construção de onde vêm estas imagens: ${untold.join(', ')}.`]),
      ...(needsBuildKit ? ['Precisa do BuildKit, cujos passos não têm limite de memória.'] : []),
    ],
    launch: { kind: 'build' },
  };
}
