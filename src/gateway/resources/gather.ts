/** Reads every resource of the servers of a domain, or of all, in parallel: complete or failed, or what answered. */

import { setMaxListeners } from 'node:events';
import { CancelledError, NotFoundError } from '../../errors.ts';
import type { Logger } from '../../logging/logger.ts';
import { RESOURCES_READ } from '../../protocol/methods.ts';
import type { StopSignal } from '../../stop-signal.ts';
import type { RawResource } from '../upstreams/offer.ts';
import type { MountedServer, UpstreamRegistry } from '../upstreams/upstream-registry.ts';
import { GATHER_LIMITS, GatherBudget, type GatherLimits } from './gather-budget.ts';
import { BadContents, GatherError, type GatherFailure, reasonOf, stateWords } from './gather-failures.ts';
import { GatherTally } from './gather-tally.ts';
import { type Contents, readContents } from './read-contents.ts';
import type { ResourceCache } from './resource-cache.ts';

export interface GatheredResource {
  readonly name: string;
  readonly description?: string;
  readonly mimeType?: string;
  readonly contents: readonly Contents[];
}

/** Public names (contract): `GET /mcp/resources/{domain}`. */
export interface GatheredServer {
  readonly name: string;
  readonly priority: number;
  readonly domains: readonly string[];
  readonly capabilities: readonly string[];
  /** By URI, as the server calls it. */
  readonly resources: Readonly<Record<string, GatheredResource>>;
}

export interface Gathered {
  /** By server id, best priority first. */
  readonly servers: Readonly<Record<string, GatheredServer>>;
  readonly failures: readonly GatherFailure[];
}

export interface GatherProgress {
  readonly done: number;
  readonly total: number;
  readonly server: string;
}

export interface GatherOptions {
  readonly signal?: StopSignal | undefined;
  readonly onProgress?: ((progress: GatherProgress) => void) | undefined;
  /** Servers it says no to are not asked, and nothing tells of them. Absent: all may be read. */
  readonly mayRead?: ((server: MountedServer) => boolean) | undefined;
}

export interface GathererParts {
  readonly registry: Pick<UpstreamRegistry, 'servers' | 'forward'> & {
    reread(server: string, signal: AbortSignal): Promise<void>;
  };
  readonly cache: ResourceCache<readonly Contents[]>;
  /** Gets one line a gathering. */
  readonly logger: Logger;
  /** True: a failure anywhere is the answer, and the rest is called off. */
  readonly failFast: boolean;
  /** Nothing is cached: the lists themselves are asked for anew. */
  readonly strictlyFresh: boolean;
  /** Reads of one server at once. */
  readonly perServer?: number | undefined;
  /** What no longer fits is a failure, and no more of that server is read. */
  readonly limits?: GatherLimits | undefined;
}

const PER_SERVER = 4;

export class ResourceGatherer {
  readonly #parts: GathererParts;

  constructor(parts: GathererParts) {
    this.#parts = parts;
  }

  /** @throws GatherError when it must be complete and is not; CancelledError */
  gatherAll(options: GatherOptions = {}): Promise<Gathered> {
    return this.#gather(undefined, this.#parts.registry.servers, options);
  }

  /** @throws NotFoundError for a domain no server is of; otherwise as {@link gatherAll} */
  async gatherDomains(wanted: readonly string[], options: GatherOptions = {}): Promise<Gathered> {
    const { servers } = this.#parts.registry;
    const domains = new Set(servers.flatMap(({ config }) => config.domains));
    const unknown = wanted.find((domain) => !domains.has(domain));
    if (unknown !== undefined) {
      throw new NotFoundError(`Nenhum servidor atende o domínio "${unknown}".`, {
        hint: `Domínios: ${[...domains].join(', ') || 'nenhum'}.`,
      });
    }
    return this.#gather(
      wanted,
      servers.filter(({ config }) => config.domains.some((domain) => wanted.includes(domain))),
      options,
    );
  }

  async #gather(
    domains: readonly string[] | undefined,
    all: readonly MountedServer[],
    { signal, onProgress, mayRead = () => true }: GatherOptions,
  ): Promise<Gathered> {
    const servers = all.filter(mayRead);
    if (signal?.aborted) throw new CancelledError();
    const stop = new AbortController();
    // Every read listens to it.
    setMaxListeners(0, stop.signal);
    const cancel = (): void => stop.abort();
    signal?.addEventListener('abort', cancel, { once: true });
    const failures: GatherFailure[] = [];
    const tally = new GatherTally(domains, servers);
    let broken: GatherError | undefined;
    const fail = (failure: GatherFailure, cause?: unknown): void => {
      failures.push(failure);
      if (!this.#parts.failFast) return;
      broken ??= new GatherError([failure], cause);
      stop.abort();
      throw broken;
    };
    const budget = new GatherBudget(this.#parts.limits ?? GATHER_LIMITS);
    let done = 0;
    let total = 0;
    const counted = (server: MountedServer, resources: number): void => {
      total += resources;
      if (resources === 0) onProgress?.({ done, total, server: server.id });
    };
    const read = (server: MountedServer): void => {
      done += 1;
      onProgress?.({ done, total, server: server.id });
    };
    try {
      const gathered = await Promise.all(
        servers.map((server) => this.#ofServer(server, { signal: stop.signal, budget, tally, fail, counted, read })),
      );
      if (signal?.aborted) throw new CancelledError();
      const known = gathered.flatMap((one, place) => {
        const server = servers[place];
        return one === undefined || server === undefined ? [] : [[server.id, one] as const];
      });
      tally.tell(this.#parts.logger, failures);
      return { servers: Object.fromEntries(known), failures };
    } catch (thrown) {
      // Reads that were called off may be heard of before the failure that called them off.
      const error: unknown = signal?.aborted === true ? new CancelledError() : (broken ?? thrown);
      tally.tell(this.#parts.logger, failures, error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Undefined: the server itself failed. */
  async #ofServer(server: MountedServer, run: GatherRun): Promise<GatheredServer | undefined> {
    const { id, name, config } = server;
    if (server.state !== 'connected') {
      run.fail({ server: id, reason: server.problem ?? `está ${stateWords[server.state]}` });
      return undefined;
    }
    if (this.#parts.strictlyFresh) {
      try {
        await this.#parts.registry.reread(id, run.signal);
      } catch (thrown) {
        run.fail({ server: id, reason: 'não deu a lista de recursos' }, thrown);
        return undefined;
      }
    }
    const listed = server.offer.resources;
    run.counted(server, listed.length);
    const found = new Map<string, GatheredResource>();
    const queue = listed.values();
    const worker = async (): Promise<void> => {
      for (const resource of queue) {
        const contents = await this.#read(server, resource, run);
        if (contents !== undefined) found.set(resource.uri, describe(resource, contents));
        run.read(server);
      }
    };
    await Promise.all(Array.from({ length: this.#parts.perServer ?? PER_SERVER }, worker));
    const resources = Object.fromEntries(listed.flatMap(({ uri }) => entryOf(uri, found)));
    const { priority, domains, capabilities } = config;
    return { name, priority, domains, capabilities, resources };
  }

  async #read(
    { id: server }: MountedServer,
    resource: RawResource,
    { signal, budget, tally, fail }: GatherRun,
  ): Promise<readonly Contents[] | undefined> {
    const { uri } = resource;
    const refused = (reason: string, cause?: unknown): undefined => {
      fail({ server, uri, reason }, cause);
    };
    const closed = budget.closed(server);
    if (closed !== undefined) return refused(closed);
    let contents: readonly Contents[];
    let fresh = false;
    const fetch = (own: AbortSignal): Promise<readonly Contents[]> => {
      fresh = true;
      return this.#fetch(server, uri, own);
    };
    try {
      contents = await this.#parts.cache.get(cacheKey(server, uri), fetch, signal);
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      return refused(reasonOf(thrown), thrown);
    }
    const excess = budget.take(server, resource, contents);
    if (excess !== undefined) return refused(excess);
    tally.read(fresh);
    return contents;
  }

  async #fetch(server: string, uri: string, signal: AbortSignal): Promise<readonly Contents[]> {
    const context = { signal, sessionId: undefined, progress: () => {}, log: () => {} };
    const { resultText } = await this.#parts.registry.forward(
      [{ server, name: uri }],
      RESOURCES_READ,
      () => ({ uri }),
      { readOnly: true },
      context,
    );
    const read = readContents(resultText.toString());
    if ('problem' in read) throw new BadContents(read.problem);
    return read.contents;
  }
}

interface GatherRun {
  readonly signal: AbortSignal;
  readonly budget: GatherBudget;
  readonly tally: GatherTally;
  fail(failure: GatherFailure, cause?: unknown): void;
  counted(server: MountedServer, resources: number): void;
  read(server: MountedServer): void;
}

/** No id holds a space. */
export const cacheKey = (server: string, uri: string): string => `${server} ${uri}`;

function describe({ name, description, mimeType }: RawResource, contents: readonly Contents[]): GatheredResource {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(mimeType === undefined ? {} : { mimeType }),
    contents,
  };
}

function entryOf<V>(key: string, found: ReadonlyMap<string, V>): [string, V][] {
  const value = found.get(key);
  return value === undefined ? [] : [[key, value]];
}
