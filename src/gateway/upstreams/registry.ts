/** All mounted servers: connected together, asked in order, reloaded without disturbing those that did not change. */

import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../../logging/logger.ts';
import type { ServedMethod } from '../../protocol/methods.ts';
import { LOG_MESSAGE, PROGRESS, PROMPTS_GET, TOOLS_CALL } from '../../protocol/methods.ts';
import type { GatewayConfig, Orchestration } from '../config/gateway-config.ts';
import { logLevelOf } from '../config/log-level.ts';
import type { JsonObject } from '../links/link.ts';
import { askInOrder } from '../routing/failover.ts';
import { askUpstream } from './ask-upstream.ts';
import { subjectOf } from './call-subject.ts';
import { type KnownCandidate, knownNow } from './known-candidate.ts';
import { connectionKey } from './link-opener.ts';
import { isResultOf } from './mcp-result.ts';
import { RequestSlots } from './request-slots.ts';
import { ServerWatches } from './server-watches.ts';

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

  get upstreams(): readonly Upstream[] {
    return this.#upstreams;
  }

  onChange(listener: () => void): () => void {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  async forward(
    candidates: readonly CandidateRef[],
    method: ServedMethod,
    paramsFor: (candidate: CandidateRef) => JsonObject,
    { readOnly, unlisted }: ForwardOptions,
    context: ForwardContext,
  ): Promise<Served> {
    const effect = readOnly ? 'read' : 'write';
    const { signal, sessionId, caller, ask, modern, headers } = context;
    const beganAt = performance.now();
    const onNotification = (name: string, params: JsonObject): void => {
      if (name === PROGRESS) context.progress(params);
      else if (name === LOG_MESSAGE) context.log(params);
    };
    const known: KnownCandidate[] = [];
    for (const ref of candidates) {
      const upstream = this.#byId.get(ref.server);
      if (upstream !== undefined) known.push(knownNow(ref, upstream, method, effect));
    }
    const name = candidates[0]?.name ?? '';
    // A URI may hold what only its reader should see.
    const loggable = method === TOOLS_CALL || method === PROMPTS_GET ? name : undefined;
    try {
      const { resultText, servedBy, failed } = await askInOrder({
        candidates: known,
        effect,
        unlisted,
        subject: subjectOf(method, name),
        isResult: (text) => isResultOf(method, text),
        timeoutOf: ({ upstream }) => upstream.config.timeoutMs,
        ask: ({ upstream, ref, routedBy }, timeoutMs) =>
          askUpstream(upstream, {
            method,
            name: ref.name,
            routedBy,
            params: paramsFor(ref),
            signal,
            timeoutMs,
            sessionId,
            caller,
            onNotification,
            ask: ask && ((name, params) => ask(name, params, ref.server)),
            modern,
            headers,
          }),
      });
      this.#log.info(
        { server: servedBy, method, name: loggable, duration_ms: since(beganAt), failed_over: failed.length },
        'upstream call',
      );
      return { resultText, servedBy };
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown.name : 'unknown';
      const servers = known.map(({ server }) => server);
      this.#log.info({ servers, method, name: loggable, duration_ms: since(beganAt), error }, 'upstream call failed');
      throw thrown;
    }
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

  reconfigure(config: GatewayConfig): Promise<void> {
    // One after the other: two reloads at once would each start what the other stops.
    const turn = this.#work.then(() => this.#apply(config));
    this.#work = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#work;
    this.#listeners.clear();
    await Promise.all(this.#upstreams.map((upstream) => upstream.close()));
  }

  async #apply({ servers, orchestration }: GatewayConfig): Promise<void> {
    if (this.#closed) return;
    this.#orchestration = orchestration;
    const level = logLevelOf(orchestration, this.#quiet);
    this.#log.level = level;
    this.#parts.opening.resize(orchestration.maxConnections);
    const before = this.#byId;
    const listed = this.#upstreams.map((upstream) => ({ upstream, config: upstream.config }));
    const next = new Map<string, Upstream>();
    const fresh: Upstream[] = [];
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
      next.set(config.id, upstream);
      fresh.push(upstream);
    }
    this.#byId = next;
    this.#upstreams = [...next.values()].sort(
      (a, b) => a.config.priority - b.config.priority || (a.id < b.id ? -1 : 1),
    );
    for (const upstream of fresh) upstream.connect();
    const gone = [...before].filter(([id, upstream]) => next.get(id) !== upstream).map(([, upstream]) => upstream);
    const same = ({ upstream, config }: (typeof listed)[number], at: number): boolean =>
      // What a comparison of configurations cannot see, a secret, makes another upstream.
      this.#upstreams[at] === upstream && isDeepStrictEqual(upstream.config, config);
    if (listed.length !== this.#upstreams.length || !listed.every(same)) this.#changed();
    await Promise.all(gone.map((upstream) => upstream.close()));
    for (const { id } of gone) if (!next.has(id)) this.#watches.forget(id);
  }

  readonly #changed = (): void => {
    for (const listener of this.#listeners) listener();
  };
}

const since = (beganAt: number): number => Math.round(performance.now() - beganAt);
