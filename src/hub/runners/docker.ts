/**
 * A container of the Docker Engine: of an image that somebody published, or built from a repository's Dockerfile. A server
 * over stdio gets a container for each conversation, and one more for the house, which reads its lists; one with a port
 * gets a single container that outlives a hub.
 */
import { writeFile } from 'node:fs/promises';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { HubError } from '../problem.ts';
import type { FetchArchive } from '../repositories/archive-source.ts';
import { onDisk } from '../servers/data-disk.ts';
import type { LogLines } from '../servers/log-lines.ts';
import type { ServerRecord } from '../servers/server-record.ts';
import { buildImage } from './docker/build-image.ts';
import { type ContainerJob, type ContainerLimits, IMAGE_LABEL, SERVER_LABEL } from './docker/container-spec.ts';
import { containerLogs, containerProblem, GONE, hostPort } from './docker/container-state.ts';
import { DEFAULT_DOCKER_HOST, engineAddress } from './docker/engine-address.ts';
import { engineProblem, wordsOfEngine } from './docker/engine-problem.ts';
import { BAD_HOST, engineUnusable } from './docker/engine-unusable.ts';
import { findEndpoint } from './docker/find-endpoint.ts';
import { type Engine, openEngine } from './docker/open-engine.ts';
import { pullImage, volumesOf } from './docker/pinned-image.ts';
import { planContainer } from './docker/plan-container.ts';
import { ServerThings } from './docker/server-things.ts';
import { hubIdOf } from './hub-id.ts';
import { MARK, markOf } from './orphans.ts';
import type { Fit, Health, Reach, Runner, StartContext } from './runner.ts';
import type { ServerFolders } from './server-folder.ts';

/** Of one server at once, each with the memory of HUB_DOCKER_MEMORY_MB; the one that was idle longest makes room. */
const CONVERSATIONS = 8;

export interface DockerRunnerParts {
  /** HUB_DATA_DIR, absolute. */
  readonly dataDir: string;
  readonly folders: ServerFolders;
  readonly lines: LogLines;
  readonly limits: ContainerLimits;
  /** DOCKER_HOST. */
  readonly dockerHost?: string | undefined;
  /** The program that joins the gateway's pipes to a container's. */
  readonly attachProgram: string;
  readonly fetchArchive: FetchArchive;
}

/** A start that is going on. */
interface Making {
  readonly job: ContainerJob;
  readonly signal: AbortSignal;
  /** Told before anything is made. */
  readonly begin: () => void;
}

const launchSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('image'), image: z.string(), local: z.boolean() }),
  z.object({ kind: z.literal('build') }),
]);

export function dockerRunner(parts: DockerRunnerParts): Runner {
  const { dataDir, folders, lines, limits, attachProgram, fetchArchive } = parts;
  const dockerHost = parts.dockerHost ?? DEFAULT_DOCKER_HOST;
  const address = engineAddress(dockerHost);
  const open = async (agent?: Agent): Promise<Engine> => {
    if (address === undefined) throw new HubError('nao_configurado', BAD_HOST);
    return openEngine(address, agent);
  };
  const things = async (): Promise<ServerThings> => new ServerThings(await open());

  /** @returns what the container is made of, in the Engine already */
  const imageOf = async (hub: string, server: ServerRecord, { signal, log }: StartContext): Promise<string> => {
    const launch = launchSchema.parse(server.launch);
    if (launch.kind === 'image') {
      await pullImage(await open(), launch, { signal, log });
      return launch.image;
    }
    const { id, source } = server;
    if (source.kind !== 'repository') throw new TypeError('not a repository');
    return buildImage({ hub, server: id, source }, { openEngine: open, fetchArchive, signal, log });
  };
  /** From here on all that the Engine has of the server is this start's own. */
  const makeAnew = async (own: ServerThings, { job, signal, begin }: Making): Promise<void> => {
    await own.removeContainers(job.server);
    begin();
    await own.makeNetwork(job, signal);
  };

  /** For the gateway's own processes: each makes a container and is its pipes. */
  const converse = async (making: Making): Promise<Reach> => {
    const { job } = making;
    await makeAnew(await things(), making);
    const { path, work } = await folders.open(job.server);
    const file = join(path, 'container.json');
    await onDisk(() => writeFile(file, JSON.stringify(job), { mode: 0o600 }));
    const env = { [MARK]: await markOf(dataDir) };
    const args = [attachProgram, dockerHost, file];
    return { transport: 'stdio', command: process.execPath, args, env, cwd: work, ownSessions: CONVERSATIONS };
  };
  /** The one that still runs from before a restart of the hub, or a new one. */
  const serve = async (making: Making, port: number): Promise<Reach> => {
    const { job, signal } = making;
    const engine = await open();
    const own = new ServerThings(engine);
    const before = await own.containers({ [SERVER_LABEL]: job.server, [IMAGE_LABEL]: job.image });
    let id = before.find(({ State }) => State === 'running')?.Id;
    if (id === undefined) {
      await makeAnew(own, making);
      id = await own.makeContainer(job, signal);
    }
    const container = id;
    const stillRuns = async (): Promise<void> => {
      const problem = await containerProblem(engine, container);
      if (problem === undefined) return;
      throw new HubError('fonte_indisponivel', `O servidor não ficou de pé: ${problem}.`, {
        hint: 'Veja os logs dele.',
      });
    };
    await stillRuns();
    const origin = `http://127.0.0.1:${await hostPort(engine, id, port)}`;
    return { ...(await findEndpoint(origin, stillRuns, signal)), allowPrivateAddress: true };
  };

  const serviceOf = async (id: string): Promise<string | undefined> =>
    (await (await things()).containers({ [SERVER_LABEL]: id }))[0]?.Id;

  return {
    method: 'docker',
    servesPorts: true,
    unusable: () => engineUnusable(dockerHost),
    fit(source): Fit {
      if (source.kind === 'image') return { fits: true, why: 'é uma imagem de contêiner' };
      if (source.kind !== 'repository') return { fits: false, why: 'não é uma imagem nem um repositório.' };
      if (source.build !== undefined) return { fits: true, why: 'o Compose do repositório diz como construí-lo' };
      return source.files.includes('Dockerfile')
        ? { fits: true, why: 'o repositório tem um Dockerfile' }
        : { fits: false, why: 'o repositório não tem um Dockerfile, nem um Compose que sirva.' };
    },
    async plan(job, signal) {
      if (job.port !== undefined && address !== undefined && 'host' in address && !address.local) {
        throw new HubError('sem_executor', 'Com o Docker Engine em outra máquina, só servidores por stdin e stdout.', {
          hint: 'Retire port, ou use um Docker Engine desta máquina.',
        });
      }
      return planContainer(job, { openEngine: open, fetchArchive, limits, signal });
    },
    async start(server, context): Promise<Reach> {
      const { id, args, env, port } = server;
      let made = false;
      const begin = (): void => {
        made = true;
      };
      try {
        const hub = await hubIdOf(dataDir);
        const image = await imageOf(hub, server, context);
        const { signal } = context;
        signal.throwIfAborted();
        const job = { hub, server: id, image, args, env, limits, volumes: await volumesOf(await open(), image) };
        if (port === undefined) return await converse({ job, signal, begin });
        return await serve({ job: { ...job, port }, signal, begin }, port);
      } catch (thrown) {
        const words = wordsOfEngine(thrown instanceof Error ? thrown.cause : undefined);
        if (words !== undefined) context.log(words);
        // What was made is of no use to anybody, what was found is; where the Engine itself is gone, that was told already.
        if (made) await (await things()).removeRunning(id).catch(() => {});
        throw thrown;
      }
    },
    stop: async ({ id }) => (await things()).stopContainers(id),
    async remove({ id }) {
      // What the hub has itself goes whatever becomes of the Engine: variables of the server are in it.
      await folders.remove(id);
      lines.forget(id);
      await (await things()).removeAll(id);
    },
    async logs({ id, port }, limit) {
      const prepared = lines.last(id, limit);
      if (port === undefined) return prepared;
      // What the hub has itself is shown whatever becomes of the Engine.
      const printed = await serviceOf(id)
        .then(async (service) => (service === undefined ? [] : containerLogs(await open(), service, limit)))
        .catch((thrown: unknown) => [`hub: ${engineProblem(thrown, 'ler os logs do contêiner').message}`]);
      // Both begin with the time.
      return [...prepared, ...printed].toSorted().slice(-limit);
    },
    async health({ id, port }): Promise<Health> {
      if (port === undefined) return { healthy: true };
      try {
        const service = await serviceOf(id);
        const detail = service === undefined ? GONE : await containerProblem(await open(), service);
        return detail === undefined ? { healthy: true } : { healthy: false, detail };
      } catch (thrown) {
        return { healthy: false, unknown: true, detail: engineProblem(thrown, 'olhar o contêiner').message };
      }
    },
    async sweep(known) {
      // Most hubs have no Docker, and nothing to look for.
      if ((await engineUnusable(dockerHost)) !== undefined) return;
      await (await things()).sweep(await hubIdOf(dataDir), known).catch((thrown: unknown) => {
        throw engineProblem(thrown, 'procurar o que sobrou');
      });
    },
  };
}
