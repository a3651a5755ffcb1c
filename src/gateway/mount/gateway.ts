import type { Logger } from '../../logging/logger.ts';
import type { Caller } from '../../tools/tool-source.ts';
import type { HandleKeyring } from '../domains/handles.ts';
import { type DomainScopes, isInScope, type Scope } from '../domains/scope.ts';
import { OMIE_DOMAIN } from '../naming/domain.ts';
import { originalUri } from '../naming/uris.ts';
import { RoundStates } from '../questions/round-state.ts';
import { Rounds } from '../questions/rounds.ts';
import type { UpstreamRegistry } from '../upstreams/upstream-registry.ts';
import { changedLists, type ListChange } from './changed-lists.ts';
import { Forwarder } from './forwarder.ts';
import { mayRead } from './may-read.ts';
import { type MountedTool, type MountTable, mountTable } from './mount-table.ts';
import { namingProblemText } from './naming-problem-text.ts';
import { scopeIn } from './scope-in.ts';
import { visibleTools } from './visible.ts';
import { WatchedUris } from './watched-uris.ts';

/** @see CatalogChange */
export interface ResourceUpdate {
  readonly uri: string;
  readonly visibleTo: (caller: Caller) => boolean;
}

export interface GatewayParts {
  readonly registry: UpstreamRegistry;
  readonly scopes: DomainScopes;
  /** Those of domain handles, shared by replicas: what clients carry between rounds of a call is sealed with them too. */
  readonly keys: HandleKeyring;
  readonly logger: Logger;
}

/** What is mounted now, who may see what of it, and how it is asked. */
export class Gateway {
  readonly registry: UpstreamRegistry;
  readonly scopes: DomainScopes;
  readonly forwarder: Forwarder;
  readonly watches: WatchedUris;
  readonly #logger: Logger;
  readonly #rounds: Rounds;
  readonly #listeners = new Set<(change: ListChange) => void>();
  readonly #stop: () => void;
  #table: MountTable;
  #reported = '';

  constructor({ registry, scopes, keys, logger }: GatewayParts) {
    this.registry = registry;
    this.scopes = scopes;
    this.#rounds = new Rounds(new RoundStates({ keys }));
    this.forwarder = new Forwarder(registry, this.#rounds, logger);
    this.watches = new WatchedUris(registry);
    this.#logger = logger;
    this.#table = mountTable(registry.servers);
    this.#report();
    this.#stop = registry.onChange(() => this.#rebuild());
  }

  get table(): MountTable {
    return this.#table;
  }

  /** False while no server is mounted: then nothing of the gateway exists for clients. */
  get active(): boolean {
    return this.#table.servers.length > 0;
  }

  /** All there are, the built-in tools' first. */
  get domains(): readonly string[] {
    return [OMIE_DOMAIN, ...this.#table.domains];
  }

  /** The caller's scope. @throws as {@link scopeIn} */
  scopeOf(caller: Caller): Scope {
    return scopeIn(this.#table, this.scopes, caller);
  }

  /** Whether what this server offers itself is in the caller's scope. @throws as {@link scopeOf} */
  ownInScope(caller: Caller): boolean {
    return isInScope(this.scopeOf(caller), [OMIE_DOMAIN]);
  }

  /** Portuguese, for operators: what could not be mounted and why. */
  get problems(): readonly string[] {
    return this.#table.problems.map(namingProblemText);
  }

  /** Mounted tools that the caller may use within the scope, in the order of the servers. */
  toolsFor({ principal }: Caller, scope: Scope): MountedTool[] {
    return visibleTools(this.#table, principal, scope);
  }

  /** Calls the listener with every list that is another one now; returns the end of it. */
  onListChange(listener: (change: ListChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls the listener with every watched resource that changed, under its mounted URI. */
  onResourceUpdate(listener: (update: ResourceUpdate) => void): () => void {
    return this.registry.onResourceUpdate((server, uri) => {
      for (const mounted of this.watches.of(server, uri)) {
        const item = this.#table.resources.get(mounted);
        const domains = this.registry.servers.find(({ id }) => id === server)?.config.domains ?? [];
        const domain = item?.domain ?? originalUri(mounted)?.domain ?? '';
        // Rights and scope may have narrowed since it was subscribed to.
        const visibleTo = (caller: Caller): boolean =>
          mayRead(caller.principal, domain) && isInScope(this.scopes.of(caller), domains);
        listener({ uri: mounted, visibleTo });
      }
    });
  }

  endSession(sessionId: string): void {
    this.scopes.forget(sessionId);
    this.registry.endSession(sessionId);
  }

  async close(): Promise<void> {
    this.#stop();
    this.#listeners.clear();
    this.#rounds.close();
    await this.registry.close();
  }

  #rebuild(): void {
    const before = this.#table;
    this.#table = mountTable(this.registry.servers);
    this.#report();
    for (const change of changedLists(before, this.#table, this.scopes)) {
      for (const listener of this.#listeners) listener(change);
    }
  }

  #report(): void {
    const { problems } = this;
    const text = problems.join('\n');
    if (text !== '' && text !== this.#reported) this.#logger.warn({ problems }, 'offers that are not mounted');
    this.#reported = text;
  }
}
