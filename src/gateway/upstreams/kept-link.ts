/** The conversation with one server that everybody shares: opened, watched, and opened again when it is lost. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Link, LinkInfo } from '../links/link.ts';
import { UpstreamFloodError } from '../links/link-errors.ts';
import type { LinkOpener } from './link-opener.ts';
import { PROBE_EVERY_MS, Probe } from './probe.ts';
import { type ReadOffer, readOffer } from './read-offer.ts';
import { reconnectWaitMs } from './reconnect-wait.ts';
import type { RequestSlots } from './request-slots.ts';

/** A connection that held this long was a good one. */
const STABLE_MS = 2_000;

export interface KeptLinkParts {
  readonly opener: Pick<LinkOpener, 'open'>;
  /** Bounds how many connections are being opened at once. */
  readonly opening: RequestSlots;
  /** For an answer, in milliseconds. */
  readonly timeoutMs: () => number;
  readonly stop: AbortSignal;
  /** In [0, 1). */
  readonly random?: (() => number) | undefined;
  readonly probeEveryMs?: number | undefined;
}

export interface LinkWatcher {
  /** It is there; what it says is to be heard from now on, while its lists are still being read. */
  met(link: Link): void;
  /** This is what it offers. The link is given up when this throws. */
  opened(link: Link, read: ReadOffer): Promise<void>;
  /** All is done for a new connection, which took so long. */
  connected(sinceMs: number): void;
  /** The `failures`th attempt in a row. */
  failed(thrown: unknown, failures: number, sinceMs: number): void;
  lost(reason: unknown): void;
}

export class KeptLink {
  readonly #parts: KeptLinkParts;
  readonly #watcher: LinkWatcher;
  readonly #closing = new Set<Promise<void>>();
  #now: Link | undefined;
  #era: LinkInfo['era'] | undefined;
  #probe: Probe | undefined;

  constructor(parts: KeptLinkParts, watcher: LinkWatcher) {
    this.#parts = parts;
    this.#watcher = watcher;
  }

  get now(): Link | undefined {
    return this.#now;
  }

  /** What the server spoke when it was last connected. */
  get era(): LinkInfo['era'] | undefined {
    return this.#era;
  }

  /** Until it is stopped. Never rejects. */
  async run(): Promise<void> {
    const { stop, random = Math.random } = this.#parts;
    for (let failures = 0; !stop.aborted; ) {
      const beganAt = performance.now();
      try {
        const link = await this.#open();
        this.#watcher.connected(performance.now() - beganAt);
        const connectedAt = performance.now();
        const reason = await this.#untilLost(link);
        // One that ends as soon as it is there, or has to be cut off each time, must not be started without pause.
        const unfit = performance.now() - connectedAt < STABLE_MS || reason instanceof UpstreamFloodError;
        failures = unfit ? failures + 1 : 0;
      } catch (thrown) {
        failures += 1;
        if (stop.aborted) break;
        this.#watcher.failed(thrown, failures, performance.now() - beganAt);
      }
      if (failures > 0 && !stop.aborted)
        await wait(reconnectWaitMs(failures, random()), undefined, { signal: stop }).catch(() => {});
    }
  }

  /** A request met nobody: find out now, rather than at the next probe. */
  suspect(): void {
    this.#probe?.now();
  }

  /** A request was answered: no need to probe for a while. */
  heardFrom(): void {
    this.#probe?.heard();
  }

  /** Resolves when every conversation that was given up is closed. */
  async goodbyes(): Promise<void> {
    await Promise.all(this.#closing);
  }

  async #open(): Promise<Link> {
    const { stop: signal, opening, opener, timeoutMs } = this.#parts;
    const slot = await opening.take(signal, 2_147_483_647);
    if (typeof slot === 'string') throw new Error('no slot');
    try {
      const link = await opener.open(signal);
      try {
        this.#watcher.met(link);
        const read = await readOffer(link, { signal, timeoutMs: timeoutMs() });
        this.#now = link;
        this.#era = link.info.era;
        await this.#watcher.opened(link, read);
        return link;
      } catch (thrown) {
        this.#letGo(link);
        throw thrown;
      }
    } finally {
      slot();
    }
  }

  async #untilLost(link: Link): Promise<unknown> {
    const { stop: signal, probeEveryMs = PROBE_EVERY_MS } = this.#parts;
    const probe = new Probe(link, probeEveryMs);
    this.#probe = probe;
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
    this.#letGo(link);
    if (!signal.aborted) this.#watcher.lost(reason);
    return reason;
  }

  #letGo(link: Link): void {
    this.#now = undefined;
    const closing = link
      .close()
      .catch(() => {})
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
