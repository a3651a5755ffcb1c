/** What the Engine holds of a server: found by its labels, made and removed as a whole. */
import { z } from 'zod';
import {
  type ContainerJob,
  containerSpec,
  HUB_LABEL,
  isConversation,
  labelled,
  nameOf,
  networkSpec,
  SERVER_LABEL,
} from './container-spec.ts';
import { asBody } from './engine-body.ts';
import { engineProblem, unlessGone } from './engine-problem.ts';
import type { Engine } from './open-engine.ts';

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
const containerList = z.array(z.looseObject({ Id: z.string(), State: z.string(), Labels: labels }));
const networkList = z.array(z.looseObject({ Id: z.string(), Labels: labels }));
const imageList = z.array(z.looseObject({ Id: z.string(), Labels: labels }));

export type FoundContainer = z.output<typeof containerList>[number];

export class ServerThings {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Those that run and those that have ended. */
  async containers(filter: Readonly<Record<string, string>>): Promise<readonly FoundContainer[]> {
    const found = this.#engine.listContainers({ all: true, filters: labelled(filter) });
    return containerList.parse(await found.catch(failed('procurar contêineres')));
  }

  async removeContainers(server: string): Promise<void> {
    await this.#remove(await this.containers({ [SERVER_LABEL]: server }));
  }

  /** Ends them; what they printed can still be read of those that listened on a port. */
  async stopContainers(server: string): Promise<void> {
    for (const { Id, State } of await this.containers({ [SERVER_LABEL]: server })) {
      if (State !== 'running') continue;
      await unlessGone(this.#engine.getContainer(Id).stop({ t: STOP_SECONDS })).catch(failed('parar o contêiner'));
    }
  }

  async makeNetwork(job: ContainerJob, signal: AbortSignal): Promise<void> {
    const there = await this.#networks({ [SERVER_LABEL]: job.server });
    if (there.length === 0)
      await this.#engine
        .createNetwork({ ...asBody(networkSpec(job), signal), Name: nameOf(job.server) })
        .catch(failed('criar a rede'));
  }

  /** @returns its id */
  async makeContainer(job: ContainerJob, signal: AbortSignal): Promise<string> {
    const { id } = await this.#engine
      .createContainer(asBody(containerSpec(job), signal))
      .catch(failed('criar o contêiner'));
    await this.#engine.getContainer(id).start({ abortSignal: signal }).catch(failed('iniciar o contêiner'));
    return id;
  }

  /** Containers and network: what is made anew at each start. */
  async removeRunning(server: string): Promise<void> {
    await this.removeContainers(server);
    for (const { Id } of await this.#networks({ [SERVER_LABEL]: server })) {
      await unlessGone(this.#engine.getNetwork(Id).remove()).catch(failed('remover a rede'));
    }
  }

  async removeAll(server: string): Promise<void> {
    await this.removeRunning(server);
    await this.#removeImages({ [SERVER_LABEL]: server });
  }

  /** What a hub left behind: conversations, which nobody can take up again, and all of servers that are not known. */
  async sweep(hub: string, known: ReadonlySet<string>): Promise<void> {
    const filter = { [HUB_LABEL]: hub };
    const left = await this.containers(filter);
    await this.#remove(left.filter(({ Labels }) => isConversation(Labels) || !known.has(Labels[SERVER_LABEL] ?? '')));
    const networks = await this.#networks(filter);
    const images = imageList.parse(await this.#engine.listImages({ filters: JSON.stringify(labelled(filter)) }));
    const servers = [...networks, ...images].map(({ Labels }) => Labels[SERVER_LABEL] ?? '');
    for (const server of new Set(servers)) if (!known.has(server)) await this.removeAll(server);
  }

  async #networks(filter: Readonly<Record<string, string>>): Promise<z.output<typeof networkList>> {
    const found = this.#engine.listNetworks({ filters: labelled(filter) });
    return networkList.parse(await found.catch(failed('procurar redes')));
  }

  async #remove(containers: readonly FoundContainer[]): Promise<void> {
    for (const { Id } of containers) {
      // With the volumes that its image asks for.
      await unlessGone(this.#engine.getContainer(Id).remove({ force: true, v: true })).catch(
        failed('remover o contêiner'),
      );
    }
  }

  async #removeImages(filter: Readonly<Record<string, string>>): Promise<void> {
    const found = this.#engine.listImages({ filters: JSON.stringify(labelled(filter)) });
    for (const { Id } of imageList.parse(await found.catch(failed('procurar imagens')))) {
      await unlessGone(this.#engine.getImage(Id).remove({ force: true })).catch(failed('remover a imagem'));
    }
  }
}

const STOP_SECONDS = 5;

const failed =
  (doing: string) =>
  (thrown: unknown): never => {
    throw engineProblem(thrown, doing);
  };
