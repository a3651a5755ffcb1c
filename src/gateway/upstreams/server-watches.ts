import { UpstreamUnavailableError } from '../../errors.ts';
import { ResourceWatches } from './resource-watches.ts';

type UpdateListener = (server: string, uri: string) => void;

/** The watched resources of every server, which outlive one that is mounted anew with other settings. */
export class ServerWatches {
  readonly #byServer = new Map<string, ResourceWatches>();
  readonly #listeners = new Set<UpdateListener>();

  /** Those of a server that is about to be mounted. */
  of(server: string): ResourceWatches {
    const watches =
      this.#byServer.get(server) ??
      new ResourceWatches((uri) => {
        for (const listener of this.#listeners) listener(server, uri);
      });
    this.#byServer.set(server, watches);
    return watches;
  }

  /** Of a server that is gone. What somebody still watches is kept: it may come back under its name. */
  forget(server: string): void {
    if (this.#byServer.get(server)?.inUse === false) this.#byServer.delete(server);
  }

  /** Returns the end of it. @throws UpstreamUnavailableError for a server that never was mounted; as {@link ResourceWatches.add} */
  async watch(server: string, uri: string): Promise<() => void> {
    const watches = this.#byServer.get(server);
    if (watches === undefined) throw new UpstreamUnavailableError(`O servidor ${server} não está montado.`);
    await watches.add(uri);
    return () => watches.remove(uri);
  }

  onUpdate(listener: UpdateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
