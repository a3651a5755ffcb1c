/** Which servers there are, by id, domain and capability, and which of them answer. */
import { ConfigurationError } from './errors.ts';

/** What the registry needs to know of a server; a whole `UpstreamConfig` has it all. */
export interface RegisteredServer {
  readonly id: string;
  readonly name: string;
  /** 1–999, lower is preferred. */
  readonly priority: number;
  readonly domains: readonly string[];
  readonly capabilities: readonly string[];
}

export interface RegistryEntry<S extends RegisteredServer = RegisteredServer> {
  readonly server: S;
  readonly connected: boolean;
  /** Why it is not connected. */
  readonly error: string | undefined;
  readonly lastConnected: Date | undefined;
}

export class MCPRegistry<S extends RegisteredServer = RegisteredServer> {
  readonly #entries = new Map<string, RegistryEntry<S>>();

  /** All of them, best priority first. */
  get entries(): readonly RegistryEntry<S>[] {
    return [...this.#entries.values()].sort(byPriority);
  }

  /** @throws ConfigurationError when the id is taken */
  register(server: S): void {
    if (this.#entries.has(server.id)) {
      throw new ConfigurationError(`Já existe um servidor com o id "${server.id}".`, { id: server.id });
    }
    this.#entries.set(server.id, { server, connected: false, error: undefined, lastConnected: undefined });
  }

  unregister(id: string): boolean {
    return this.#entries.delete(id);
  }

  get(id: string): RegistryEntry<S> | undefined {
    return this.#entries.get(id);
  }

  byDomain(domain: string): readonly RegistryEntry<S>[] {
    return this.entries.filter(({ server }) => server.domains.includes(domain));
  }

  byCapability(capability: string): readonly RegistryEntry<S>[] {
    return this.entries.filter(({ server }) => server.capabilities.includes(capability));
  }

  /** @throws ConfigurationError for an id that is not registered; so does {@link markDisconnected} */
  markConnected(id: string, at: Date = new Date()): void {
    this.#change(id, { connected: true, error: undefined, lastConnected: at });
  }

  markDisconnected(id: string, error?: string): void {
    this.#change(id, { connected: false, error });
  }

  #change(id: string, change: Partial<RegistryEntry<S>>): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new ConfigurationError(`Nenhum servidor tem o id "${id}".`, { id });
    this.#entries.set(id, { ...entry, ...change });
  }
}

function byPriority({ server: a }: RegistryEntry, { server: b }: RegistryEntry): number {
  return a.priority - b.priority || (a.id < b.id ? -1 : 1);
}
