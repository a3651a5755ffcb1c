/** One mounted server as those who ask it see it: whether it is there, what it offers, and its limits. */

import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../../logging/logger.ts';
import type { StopSignal } from '../../stop-signal.ts';
import type { UpstreamConfig } from '../config/gateway-config.ts';
import type { Link } from '../links/link.ts';
import { Arrival } from './arrival.ts';
import { OPEN_FOR_MS, UpstreamBreaker } from './breaker.ts';
import { KeptLink } from './kept-link.ts';
import { KnownOffer } from './known-offer.ts';
import { LinkOpener, type LinkParts } from './link-opener.ts';
import type { Offer } from './offer.ts';
import { openOwnSession } from './own-session.ts';
import type { ReadOffer } from './read-offer.ts';
import { firstConnectWaitMs } from './reconnect-wait.ts';
import { RequestSlots } from './request-slots.ts';
import type { ResourceWatches } from './resource-watches.ts';
import { RunningCalls } from './running-calls.ts';
import type { HeldTool, OfferScreen } from './screen.ts';
import { SessionLinks } from './session-links.ts';
import type { MountedServer, UpstreamState } from './upstream-registry.ts';
import { problemOf } from './upstream-words.ts';

export interface UpstreamParts extends LinkParts {
  readonly screen?: OfferScreen | undefined;
  /** In [0, 1). */
  readonly random?: (() => number) | undefined;
  readonly probeEveryMs?: number | undefined;
  readonly idleSessionMs?: number | undefined;
  readonly judgeAgainMs?: number | undefined;
  /** Bounds how many connections are being opened at once. */
  readonly opening: RequestSlots;
}

export interface UpstreamLimits {
  readonly maxRetries: number;
  readonly maxConnections: number;
}

/** A goodbye may take this long; then the connections are cut. */
const GOODBYE_MS = 2_000;

const RESTING = `em descanso depois de falhas seguidas: não é chamado por até ${OPEN_FOR_MS / 1_000} s`;

export class Upstream implements MountedServer {
  readonly breaker = new UpstreamBreaker(() => performance.now());
  readonly slots: RequestSlots;
  readonly calls = new RunningCalls();
  readonly sessions: SessionLinks;
  readonly arrival = new Arrival();
  #maxRetries: number;
  readonly #opener: LinkOpener;
  readonly #kept: KeptLink;
  readonly #known: KnownOffer;
  readonly #watches: ResourceWatches;
  readonly #changed: () => void;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  #config: UpstreamConfig;
  #state: UpstreamState = 'connecting';
  #problem: string | undefined;
  /** What the log was told last, so that it is told once. */
  #warned: string | undefined;
  #lastConnected: Date | undefined;
  #told: readonly unknown[] = [];
  #life: Promise<void> | undefined;
  #retired = false;

  /** @param changed called when state, problem or offer is another than before, and only then */
  constructor(
    config: UpstreamConfig,
    limits: UpstreamLimits,
    parts: UpstreamParts,
    changed: () => void,
    watches: ResourceWatches,
  ) {
    this.#watches = watches;
    this.#config = config;
    this.#maxRetries = limits.maxRetries;
    this.#changed = changed;
    this.#logger = parts.logger.child({ server: config.id });
    const { opening, random, probeEveryMs } = parts;
    const { signal: stop } = this.#stop;
    const opener = new LinkOpener(config, { ...parts, logger: this.#logger });
    this.#opener = opener;
    this.#known = new KnownOffer(this, parts.screen, stop, { judgeAgainMs: parts.judgeAgainMs });
    const timeoutMs = (): number => this.#config.timeoutMs;
    this.#kept = new KeptLink({ opener, opening, random, probeEveryMs, timeoutMs, stop }, this);
    this.slots = new RequestSlots(limits.maxConnections);
    this.sessions = new SessionLinks({
      idleMs: parts.idleSessionMs,
      max: config.maxSessions,
      open: (signal) =>
        openOwnSession({
          opener,
          known: this.#known,
          signal: AbortSignal.any([signal, stop]),
          era: this.#kept.era,
        }),
    });
  }

  get id(): string {
    return this.#config.id;
  }
  get name(): string {
    return this.#config.name;
  }
  get config(): UpstreamConfig {
    return this.#config;
  }
  get state(): UpstreamState {
    return this.#state;
  }
  get offer(): Offer {
    return this.#known.now;
  }
  get held(): readonly HeldTool[] {
    return this.#known.held;
  }
  get problem(): string | undefined {
    return this.breaker.resting ? [RESTING, this.#problem].filter(Boolean).join('; ') : this.#problem;
  }
  get lastConnected(): Date | undefined {
    return this.#lastConnected;
  }
  /** The conversation everybody shares; undefined while it is not connected. */
  get link(): Link | undefined {
    return this.#kept.now;
  }

  /** A downstream session needs an upstream session of its own. */
  get isStateful(): boolean {
    const { stateful, transport } = this.#config;
    if (stateful !== undefined) return stateful;
    return transport !== 'stdio' && this.link?.info.era === 'legacy' && this.link.info.stateful;
  }

  connect(): void {
    this.#life ??= this.#kept.run().then(() => this.arrival.over('encerrado'));
  }

  /** Resolves when the state is no longer `connecting`, or the time is over. */
  settled(timeoutMs: number, signal: StopSignal): Promise<void> {
    if (this.#state !== 'connecting' || this.#stop.signal.aborted) return Promise.resolve();
    return this.arrival.settled(timeoutMs, signal);
  }

  /** A request met nobody: find out now, rather than at the next probe. */
  suspect(): void {
    this.#kept.suspect();
  }

  /** A request was answered: no need to probe for a while. */
  heardFrom(): void {
    this.#kept.heardFrom();
  }

  /** Settings that need no new connection. */
  async adopt(config: UpstreamConfig, { maxConnections, maxRetries }: UpstreamLimits, level: string): Promise<void> {
    this.#config = config;
    this.#maxRetries = maxRetries;
    this.#logger.level = level;
    this.slots.resize(maxConnections);
    if (this.#state === 'connected' || this.#state === 'quarantined') await this.rescreen();
  }

  /** What the one offers whose place it takes: nobody is told that its tools are gone while this one is being connected. */
  inherit(old: Upstream): Promise<void> {
    return this.#known.inherit(old.#known);
  }

  /** Another has its place: what becomes of it is told to nobody. */
  retire(): void {
    this.#retired = true;
  }

  /** Judges the known offer again, e.g. after an approval. */
  rescreen(): Promise<void> {
    return this.#known.rescreen();
  }

  /** Resolves when the tools are known that this conversation announced to be others; undefined when it announced none. */
  listed(link: Link): Promise<void> | undefined {
    return this.#known.listed(link);
  }

  /** Reads every list again. @throws as the link does */
  reread(signal: AbortSignal): Promise<void> {
    return this.#known.reread(signal);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    // Nobody waits for one that is taken away: it will not connect any more.
    this.arrival.settle();
    await this.#life;
    const goodbyes = Promise.all([this.sessions.close(), this.#kept.goodbyes()]);
    await Promise.race([goodbyes, wait(GOODBYE_MS, undefined, { ref: false })]);
    await this.#opener.close();
    await goodbyes;
  }

  // What the kept link tells us.

  met(link: Link): void {
    this.#known.listenTo(link);
  }

  async opened(link: Link, read: ReadOffer): Promise<void> {
    this.#lastConnected = new Date();
    this.breaker.reset();
    await this.#known.take(read);
    if (!this.#retired) this.#watches.over(link);
  }

  connected(tookMs: number): void {
    this.#log('upstream connected', tookMs);
  }

  failed(thrown: unknown, failures: number, tookMs: number): void {
    this.#problem = problemOf(thrown);
    this.#log('upstream not connected', tookMs, this.#problem);
    if (firstConnectWaitMs(failures, this.#maxRetries, 0) === undefined) this.#become('down');
    this.arrival.attempted();
  }

  lost(reason: unknown): void {
    this.#problem = problemOf(reason);
    if (!this.#retired) this.#watches.over(undefined);
    this.#log('upstream lost', 0, this.#problem);
    this.#become('connecting');
  }

  // What the known offer tells us.

  judged(problems: readonly string[], quarantined: boolean): void {
    // Lost meanwhile: what is known of it changed, not whether it is there.
    if (this.link === undefined) return;
    this.#problem = problems.length === 0 ? undefined : problems.join('; ');
    if (this.#problem !== this.#warned && this.#problem !== undefined)
      this.#logger.warn({ problem: this.#problem }, 'part of the offer is held back');
    this.#warned = this.#problem;
    this.arrival.over();
    this.#become(quarantined ? 'quarantined' : 'connected');
  }

  #become(state: UpstreamState): void {
    if (state === 'down') this.arrival.over(this.#problem);
    this.#state = state;
    if (state !== 'connecting') this.arrival.settle();
    const now = [state, this.#problem, this.offer];
    if (this.#retired || now.every((fact, at) => fact === this.#told[at])) return;
    this.#told = now;
    this.#changed();
  }

  #log(event: string, tookMs: number, problem?: string): void {
    const { tools, resources, templates, prompts } = this.offer;
    const counts = { tools: tools.length, resources: resources.length + templates.length, prompts: prompts.length };
    const facts = { duration_ms: Math.round(tookMs), ...counts };
    if (problem === undefined) this.#logger.info(facts, event);
    else this.#logger.warn({ ...facts, problem }, event);
  }
}
