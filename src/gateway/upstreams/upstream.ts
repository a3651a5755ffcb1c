/** One mounted server through its life: connected, lost, looked for again; asked within its limits. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../../logging/logger.ts';
import type { UpstreamConfig } from '../config/gateway-config.ts';
import type { Link, LinkInfo, NotificationListener } from '../links/link.ts';
import { firstConnectWaitMs, reconnectWaitMs } from '../routing/reconnect-wait.ts';
import { UpstreamBreaker } from './breaker.ts';
import { LinkOpener, type LinkParts } from './link-opener.ts';
import { EMPTY_OFFER, type Offer } from './offer.ts';
import { PROBE_EVERY_MS, Probe } from './probe.ts';
import { type ReadOffer, readOffer } from './read-offer.ts';
import { RequestSlots } from './request-slots.ts';
import { type OfferScreen, screenOffer } from './screen.ts';
import { SessionLinks } from './session-links.ts';
import type { MountedServer, UpstreamState } from './upstream-registry.ts';
import { problemOf } from './upstream-words.ts';

export interface UpstreamParts extends LinkParts {
  readonly screen?: OfferScreen | undefined;
  /** In [0, 1). */
  readonly random?: (() => number) | undefined;
  readonly probeEveryMs?: number | undefined;
  readonly idleSessionMs?: number | undefined;
  /** Bounds how many connections are being opened at once. */
  readonly opening: RequestSlots;
}

export interface UpstreamLimits {
  readonly maxRetries: number;
  readonly maxConnections: number;
}

/** Changes come in bursts: a server that replaces its tools tells of each. */
const SETTLE_MS = 50;
/** A connection that held this long was a good one. */
const STABLE_MS = 2_000;
/** A goodbye may take this long; then the connections are cut. */
const GOODBYE_MS = 2_000;

export class Upstream implements MountedServer {
  readonly breaker = new UpstreamBreaker(() => performance.now());
  readonly slots: RequestSlots;
  readonly sessions: SessionLinks;
  /** Resolves at the first connection, or when the attempts of the start are used up, with the problem then. */
  readonly started: Promise<string | undefined>;
  #start: (problem: string | undefined) => void = () => {};
  /** Resolves when it was tried once, whatever came of it: a start that need not be complete waits no longer. */
  readonly tried: Promise<void>;
  #firstTry: () => void = () => {};
  readonly #parts: UpstreamParts;
  readonly #maxRetries: number;
  readonly #opener: LinkOpener;
  readonly #changed: () => void;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #closing = new Set<Promise<void>>();
  #config: UpstreamConfig;
  #state: UpstreamState = 'connecting';
  #raw: Offer = EMPTY_OFFER;
  #offer: Offer = EMPTY_OFFER;
  /** Of the last reading; a new judgement of it does not mend them. */
  #misread: readonly string[] = [];
  #problem: string | undefined;
  /** What the log was told last, so that it is told once. */
  #warned: string | undefined;
  #lastConnected: Date | undefined;
  #link: Link | undefined;
  #probe: Probe | undefined;
  #era: LinkInfo['era'] | undefined;
  #outdated = false;
  #rereading = false;
  #judging: Promise<void> = Promise.resolve();
  #life: Promise<void> | undefined;

  constructor(config: UpstreamConfig, limits: UpstreamLimits, parts: UpstreamParts, changed: () => void) {
    this.#config = config;
    this.#parts = parts;
    this.#maxRetries = limits.maxRetries;
    this.#changed = changed;
    this.#logger = parts.logger.child({ server: config.id });
    this.#opener = new LinkOpener(config, { ...parts, logger: this.#logger });
    this.slots = new RequestSlots(limits.maxConnections);
    this.sessions = new SessionLinks({
      idleMs: parts.idleSessionMs,
      open: async (signal) =>
        this.#listenTo(await this.#opener.open(AbortSignal.any([signal, this.#stop.signal]), this.#era)),
    });
    this.started = new Promise((resolve) => {
      this.#start = resolve;
    });
    this.tried = new Promise((resolve) => {
      this.#firstTry = resolve;
    });
    this.started.then(this.#firstTry);
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
    return this.#offer;
  }
  get problem(): string | undefined {
    return this.#problem;
  }
  get lastConnected(): Date | undefined {
    return this.#lastConnected;
  }
  /** The conversation everybody shares; undefined while it is not connected. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** A downstream session needs an upstream session of its own. */
  get isStateful(): boolean {
    const { stateful, transport } = this.#config;
    if (stateful !== undefined) return stateful;
    return transport !== 'stdio' && this.#link?.info.era === 'legacy' && this.#link.info.stateful;
  }

  connect(): void {
    this.#life ??= this.#live();
  }

  /** Resolves when the state is no longer `connecting`, or the time is over. */
  settled(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#state !== 'connecting') return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal.addEventListener('abort', done, { once: true });
      this.#waiting.add(done);
    });
  }

  /** A request met nobody: find out now, rather than at the next probe. */
  suspect(): void {
    this.#probe?.now();
  }

  /** A request was answered: no need to probe for a while. */
  heardFrom(): void {
    this.#probe?.heard();
  }

  /** Settings that need no new connection. */
  async adopt(config: UpstreamConfig, { maxConnections }: UpstreamLimits): Promise<void> {
    this.#config = config;
    this.slots.resize(maxConnections);
    if (this.#state === 'connected' || this.#state === 'quarantined') await this.rescreen();
  }

  /** Judges the known offer again, e.g. after an approval. */
  async rescreen(): Promise<void> {
    await this.#take();
  }

  /** Reads every list again. @throws as the link does */
  async reread(signal: AbortSignal): Promise<void> {
    const link = this.#link;
    if (link === undefined) return;
    const read = await readOffer(link, { signal, timeoutMs: this.#config.timeoutMs });
    if (this.#link === link) await this.#take(read);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#probe?.stop();
    await this.#life;
    const goodbyes = Promise.all([this.sessions.close(), ...this.#closing]);
    await Promise.race([goodbyes, wait(GOODBYE_MS, undefined, { ref: false })]);
    await this.#opener.close();
    await goodbyes;
  }

  async #live(): Promise<void> {
    const { signal } = this.#stop;
    const random = this.#parts.random ?? Math.random;
    for (let failures = 0; !signal.aborted; ) {
      const beganAt = performance.now();
      try {
        const link = await this.#open();
        this.#log('upstream connected', beganAt);
        const connectedAt = performance.now();
        await this.#untilLost(link);
        // One that ends as soon as it is there must not be started without pause.
        failures = performance.now() - connectedAt < STABLE_MS ? failures + 1 : 0;
      } catch (thrown) {
        failures += 1;
        if (signal.aborted) break;
        this.#problem = problemOf(thrown);
        this.#log('upstream not connected', beganAt, this.#problem);
        if (firstConnectWaitMs(failures, this.#maxRetries, 0) === undefined) this.#become('down');
        this.#firstTry();
      }
      if (failures > 0 && !signal.aborted)
        await wait(reconnectWaitMs(failures, random()), undefined, { signal }).catch(() => {});
    }
    this.#start('encerrado');
  }

  async #open(): Promise<Link> {
    const { signal } = this.#stop;
    const slot = await this.#parts.opening.take(signal, 2_147_483_647);
    if (typeof slot === 'string') throw new Error('no slot');
    try {
      const link = await this.#opener.open(signal);
      try {
        const read = await readOffer(link, { signal, timeoutMs: this.#config.timeoutMs });
        this.#link = link;
        this.#era = link.info.era;
        this.#lastConnected = new Date();
        this.breaker.reset();
        this.#listenTo(link);
        await this.#take(read);
        return link;
      } catch (thrown) {
        this.#link = undefined;
        this.#letGo(link);
        throw thrown;
      }
    } finally {
      slot();
    }
  }

  async #untilLost(link: Link): Promise<void> {
    const probe = new Probe(link, this.#parts.probeEveryMs ?? PROBE_EVERY_MS);
    this.#probe = probe;
    const { signal } = this.#stop;
    let stop = (): void => {};
    const stopped = new Promise<undefined>((resolve) => {
      stop = () => resolve(undefined);
    });
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const reason = await Promise.race([link.closed, probe.lost, stopped]);
    signal.removeEventListener('abort', stop);
    probe.stop();
    this.#probe = undefined;
    this.#link = undefined;
    this.#letGo(link);
    if (signal.aborted) return;
    this.#problem = problemOf(reason);
    this.#log('upstream lost', performance.now(), this.#problem);
    this.#become('connecting');
  }

  /** One after the other: what was judged last is what was read last. Without a reading, the known one. */
  #take(read?: ReadOffer): Promise<void> {
    const turn = this.#judging.then(() => this.#judge(read ?? { offer: this.#raw, problems: this.#misread }));
    this.#judging = turn.catch(() => {});
    return turn;
  }

  async #judge({ offer, problems }: ReadOffer): Promise<void> {
    const screened = await screenOffer(this.#config, offer, this.#parts.screen);
    this.#raw = offer;
    this.#misread = problems;
    this.#offer = screened.offer;
    // Lost meanwhile: what is known of it changed, not whether it is there.
    if (this.#link === undefined) return;
    const all = [...problems, ...screened.problems];
    this.#problem = all.length === 0 ? undefined : all.join('; ');
    if (this.#problem !== this.#warned && this.#problem !== undefined)
      this.#logger.warn({ problem: this.#problem }, 'part of the offer is held back');
    this.#warned = this.#problem;
    this.#start(undefined);
    this.#become(screened.quarantined === true ? 'quarantined' : 'connected');
  }

  #become(state: UpstreamState): void {
    if (state === 'down') this.#start(this.#problem);
    this.#state = state;
    if (state !== 'connecting') for (const done of [...this.#waiting]) done();
    this.#changed();
  }

  #listenTo(link: Link): Link {
    link.onNotification(this.#hear);
    return link;
  }

  readonly #hear: NotificationListener = (method) => {
    if (!method.endsWith('/list_changed')) return;
    this.#outdated = true;
    if (!this.#rereading) this.#rereadSoon();
  };

  async #rereadSoon(): Promise<void> {
    const { signal } = this.#stop;
    this.#rereading = true;
    while (this.#outdated && !signal.aborted) {
      await wait(SETTLE_MS, undefined, { signal }).catch(() => {});
      this.#outdated = false;
      // The known lists stay when the new ones cannot be read; the probe finds out about the rest.
      await this.reread(signal).catch(() => this.suspect());
    }
    this.#rereading = false;
  }

  #letGo(link: Link): void {
    const closing = link
      .close()
      .catch(() => {})
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #log(event: string, beganAt: number, problem?: string): void {
    const { tools, resources, templates, prompts } = this.#offer;
    const counts = { tools: tools.length, resources: resources.length + templates.length, prompts: prompts.length };
    const facts = { duration_ms: Math.round(performance.now() - beganAt), ...counts };
    if (problem === undefined) this.#logger.info(facts, event);
    else this.#logger.warn({ ...facts, problem }, event);
  }
}
