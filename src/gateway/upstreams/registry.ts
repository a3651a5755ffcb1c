/** All mounted servers: connected together, asked in order, reloaded without disturbing those that did not change. */

import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../../logging/logger.ts';
import type { ServedMethod } from '../../protocol/methods.ts';
import type { GatewayConfig, Orchestration } from '../config/gateway-config.ts';
import { logLevelOf } from '../config/log-level.ts';
import type { JsonObject } from '../links/link.ts';
import { forwardCall } from './forward-call.ts';
import { connectionKey } from './link-opener.ts';
import { RequestSlots } from './request-slots.ts';
import { ServerWatches } from './server-watches.ts';
import { isReady, leave } from './take-over.ts';
import { Upstream, type UpstreamParts } from './upstream.ts';
import type {
  CandidateRef,
  ForwardContext,
  ForwardOptions,
  MountedServer,
  Served,
  UpstreamRegistry,
} from './upstream-registry.ts';

export interface RegistryParts extends Omit<UpstreamParts, 'opening' | 'clientCapabilities'> {
  /** What upstreams are told our clients can do. A client that cannot after all refuses when it is asked. */
  readonly clientCapabilities?: JsonObject | undefined;
}

/** Servers offer more to clients that can be asked. */
export const CLIENT_CAPABILITIES: JsonObject = { elicitation: { form: {}, url: {} }, sampling: {} };

export class Registry implements UpstreamRegistry {
  readonly #parts: UpstreamParts;
  readonly #listeners = new Set<() => void>();
  readonly #watches = new ServerWatches();
  readonly #log: Logger;
  /** Whoever made us wants no log, whatever the file says. */
  readonly #quiet: boolean;
  #orchestration: Orchestration;
  #upstreams: readonly Upstream[] = [];
  #byId: ReadonlyMap<string, Upstream> = new Map();
  #work: Promise<void> = Promise.resolve();
  #closed = false;
  /** Of the settings that came last. */
  #outdated = new AbortController();
  readonly #end = new AbortController();
  /** Those whose place was taken, until they have ended. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(orchestration: Orchestration, parts: RegistryParts) {
    this.#orchestration = orchestration;
    this.#quiet = parts.logger.level === 'silent';
    this.#log = parts.logger.child({}, { level: logLevelOf(orchestration, this.#quiet) });
    const opening = new RequestSlots(orchestration.maxConnections);
    this.#parts = {
      ...parts,
      logger: this.#log,
      clientCapabilities: parts.clientCapabilities ?? CLIENT_CAPABILITIES,
      opening,
    };
  }

  get servers(): readonly MountedServer[] {
    return this.#upstreams;
  }

  /** For what is done with its servers: at the level that the file says now. */
  get logger(): Logger {
    return this.#log;
  }

  get upstreams(): readonly Upstream[] {
    return this.#upstreams;
  }

  onChange(listener: () => void): () => void {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  forward(
    candidates: readonly CandidateRef[],
    method: ServedMethod,
    paramsFor: (candidate: CandidateRef) => JsonObject,
    options: ForwardOptions,
    context: ForwardContext,
  ): Promise<Served> {
    return forwardCall(this.#byId, { candidates, method, paramsFor, options, context }, this.#log);
  }

  watch(server: string, uri: string): Promise<() => void> {
    return this.#watches.watch(server, uri);
  }

  onResourceUpdate(listener: (server: string, uri: string) => void): () => void {
    return this.#watches.onUpdate(listener);
  }

  endSession(sessionId: string): void {
    for (const { sessions } of this.#upstreams) sessions.end(sessionId);
  }

  /** Lists of one server read anew; nothing when it is not connected. @throws as the link does */
  async reread(server: string, signal: AbortSignal): Promise<void> {
    await this.#byId.get(server)?.reread(signal);
  }

  /** Judges every known offer again, after pins were approved. */
  async rescreen(): Promise<void> {
    await Promise.all(this.#upstreams.map((upstream) => upstream.rescreen()));
  }

  async reconfigure(config: GatewayConfig): Promise<void> {
    // Who waits for a server that takes over waits for settings that are outdated now.
    this.#outdated.abort();
    const outdated = new AbortController();
    this.#outdated = outdated;
    // One after the other: two reloads at once would each start what the other stops.
    const turn = this.#work.then(() => this.#apply(config, outdated.signal));
    this.#work = turn.then(
      () => {},
      () => {},
    );
    await Promise.all(await turn);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#outdated.abort();
    this.#end.abort();
    await this.#work;
    this.#listeners.clear();
    await Promise.all([...this.#leaving, ...this.#upstreams.map((upstream) => upstream.close())]);
  }

  /** Resolves with what is still to be waited for: those that are gone, until they have ended. */
  async #apply({ servers, orchestration }: GatewayConfig, outdated: AbortSignal): Promise<readonly Promise<void>[]> {
    if (this.#closed) return [];
    this.#orchestration = orchestration;
    const level = logLevelOf(orchestration, this.#quiet);
    this.#log.level = level;
    this.#parts.opening.resize(orchestration.maxConnections);
    const before = this.#byId;
    const listed = this.#upstreams.map((upstream) => ({ upstream, config: upstream.config }));
    const next = new Map<string, Upstream>();
    const fresh: Upstream[] = [];
    const successors: [Upstream, Upstream][] = [];
    for (const config of servers) {
      if (config.disabled) continue;
      const known = before.get(config.id);
      if (known !== undefined && connectionKey(known.config) === connectionKey(config)) {
        await known.adopt(config, orchestration, level);
        next.set(config.id, known);
        continue;
      }
      const upstream = new Upstream(
        config,
        this.#orchestration,
        this.#parts,
        this.#changed,
        this.#watches.of(config.id),
      );
      next.set(config.id, known ?? upstream);
      if (known === undefined) fresh.push(upstream);
      else successors.push([known, upstream]);
    }
    this.#mounted(next);
    for (const upstream of fresh) upstream.connect();
    const gone = [...before].filter(([id, upstream]) => next.get(id) !== upstream).map(([, upstream]) => upstream);
    const same = ({ upstream, config }: (typeof listed)[number], at: number): boolean =>
      // What a comparison of configurations cannot see, a secret, makes another upstream.
      this.#upstreams[at] === upstream && isDeepStrictEqual(upstream.config, config);
    if (listed.length !== this.#upstreams.length || !listed.every(same)) this.#changed();
    const ends = gone.map((upstream) => upstream.close());
    const left = await Promise.all(successors.map(([old, upstream]) => this.#takeOver(old, upstream, outdated)));
    await Promise.all(ends);
    for (const { id } of gone) if (!next.has(id)) this.#watches.forget(id);
    return left.map(({ ended }) => ended);
  }

  #mounted(next: ReadonlyMap<string, Upstream>): void {
    this.#byId = next;
    this.#upstreams = [...next.values()].sort(
      (a, b) => a.config.priority - b.config.priority || (a.id < b.id ? -1 : 1),
    );
  }

  /** Resolves with the end of the one that is not needed any more. */
  async #takeOver(old: Upstream, next: Upstream, outdated: AbortSignal): Promise<{ readonly ended: Promise<void> }> {
    if (!(await isReady(old, next, outdated))) {
      this.#watches.of(old.id).over(old.link);
      return { ended: Promise.resolve() };
    }
    this.#mounted(new Map([...this.#byId, [old.id, next]]));
    this.#changed();
    const ended = leave(old, this.#end.signal).finally(() => this.#leaving.delete(ended));
    this.#leaving.add(ended);
    return { ended };
  }

  readonly #changed = (): void => {
    for (const listener of this.#listeners) listener();
  };
}
