import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { Source } from '../../deploy/source.ts';
import { HubError } from '../../problem.ts';
import type { FetchArchive } from '../../repositories/archive-source.ts';
import { contextOf, lookAtContext } from '../../repositories/build-context.ts';
import { builtImageOf, labelsOf } from './container-spec.ts';
import { type DockerfileFacts, dockerfileFacts } from './dockerfile-facts.ts';
import { engineProblem, statusOf } from './engine-problem.ts';
import { followProgress } from './follow-progress.ts';
import type { Engine } from './open-engine.ts';

export type RepositorySource = Extract<Source, { kind: 'repository' }>;

export interface BuildJob {
  readonly hub: string;
  readonly server: string;
  readonly source: RepositorySource;
}

export interface BuildParts {
  /** With connections of its own, where an agent is given. */
  readonly openEngine: (agent?: Agent) => Promise<Engine>;
  readonly fetchArchive: FetchArchive;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** An image of a server's own says which commit it was built of. */
const COMMIT_LABEL = 'omie-mcp-hub.commit';
/** What installing packages and compiling needs; the classic builder holds each step to it, BuildKit does not. */
const MEMORY_BYTES = 2 * 1_073_741_824;
const CPUS = 2;
const CPU_PERIOD_US = 100_000;
const inspected = z.looseObject({
  Id: z.string(),
  Config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

export const tagOf = ({ server, source }: Pick<BuildJob, 'server' | 'source'>): string =>
  `${builtImageOf(server)}:${source.commit.slice(0, 12)}`;

/** What is built: what the Compose file says, or else the `Dockerfile` of the folder. */
export const buildOf = ({ folder, build }: RepositorySource): NonNullable<RepositorySource['build']> =>
  build ?? { context: folder, dockerfile: 'Dockerfile' };

/** @throws HubError for an archive that is not accepted, before the Engine hears of it */
export async function lookAtRepository(
  source: RepositorySource,
  fetchArchive: FetchArchive,
  signal: AbortSignal,
): Promise<DockerfileFacts & { readonly files: number; readonly packed: Buffer }> {
  const packed = await fetchArchive(source, signal);
  const { files, dockerfile } = await lookAtContext(packed, buildOf(source), signal);
  return { ...dockerfileFacts(dockerfile), files, packed };
}

/**
 * The image of this server at its commit: the one that was built before, or a new one.
 *
 * @returns its id
 * @throws HubError; the signal's reason when aborted, which ends the build in the Engine as well
 */
export async function buildImage(job: BuildJob, parts: BuildParts): Promise<string> {
  const { openEngine, fetchArchive, signal, log } = parts;
  const engine = await openEngine();
  const before = await built(engine, job);
  if (before !== undefined) return before;
  const { packed, needsBuildKit } = await lookAtRepository(job.source, fetchArchive, signal);
  log(`construindo ${tagOf(job)} com o ${buildOf(job.source).dockerfile} do commit ${job.source.commit}`);
  const failure = await build(job, parts, packed, needsBuildKit).catch((thrown: unknown) => {
    signal.throwIfAborted();
    throw engineProblem(thrown, 'construir a imagem');
  });
  const id = failure === undefined ? await built(engine, job) : undefined;
  if (id !== undefined) return id;
  if (failure !== undefined) log(failure);
  throw new HubError('fonte_indisponivel', 'A imagem não pôde ser construída.', {
    hint: 'Os logs do servidor têm o que o Docker Engine disse.',
  });
}

async function build(
  { hub, server, source }: BuildJob,
  { openEngine, signal, log }: BuildParts,
  packed: Buffer,
  needsBuildKit: boolean,
): Promise<string | undefined> {
  const { context, dockerfile, target } = buildOf(source);
  const connections = new KeptConnections();
  const engine = await openEngine(connections);
  try {
    const stream = await engine.buildImage(contextOf(packed, context), {
      t: tagOf({ server, source }),
      dockerfile,
      ...(target === undefined ? {} : { target }),
      rm: true,
      forcerm: true,
      memory: MEMORY_BYTES,
      memswap: MEMORY_BYTES,
      cpuperiod: CPU_PERIOD_US,
      cpuquota: CPUS * CPU_PERIOD_US,
      labels: { ...labelsOf({ hub, server }), [COMMIT_LABEL]: source.commit },
      version: needsBuildKit ? '2' : '1',
      abortSignal: signal,
    });
    return await followProgress(stream, log, signal);
  } finally {
    // A session with BuildKit would outlive a build that was given up.
    connections.end();
  }
}

/** The connections of one build, for its end. */
class KeptConnections extends Agent {
  readonly #open = new Set<Duplex>();

  override createConnection(options: ClientRequestArgs, made?: (err: Error | null, stream: Duplex) => void) {
    const connection = super.createConnection(options, made);
    if (connection != null) this.#open.add(connection);
    return connection;
  }

  end(): void {
    for (const connection of this.#open) connection.destroy();
    this.destroy();
  }
}

async function built(
  engine: Engine,
  { server, source }: Pick<BuildJob, 'server' | 'source'>,
): Promise<string | undefined> {
  try {
    const { Id, Config } = inspected.parse(await engine.getImage(tagOf({ server, source })).inspect());
    return Config?.Labels?.[COMMIT_LABEL] === source.commit ? Id : undefined;
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined;
    throw engineProblem(thrown, 'procurar a imagem');
  }
}
