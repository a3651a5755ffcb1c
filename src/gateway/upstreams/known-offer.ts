/** What one server offers: as it was read last, judged, and read again when the server says that it changed. */
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { isListChanged } from '../../protocol/methods.ts';
import type { UpstreamConfig } from '../config/gateway-config.ts';
import type { Link, NotificationListener } from '../links/link.ts';
import { isSameDefinition } from '../trust/pins.ts';
import { EMPTY_OFFER, type Offer, type RawTool } from './offer.ts';
import { type ReadOffer, readOffer, readTools } from './read-offer.ts';
import { type HeldTool, type OfferScreen, screenOffer } from './screen.ts';

/** Changes come in bursts: a server that replaces its tools tells of each. */
const SETTLE_MS = 50;
/** One that tells of changes without end is read no more often than this. */
const LONGEST_SETTLE_MS = 10_000;
/** After so long without a change the next is read at once again. */
const QUIET_MS = 10_000;
/** A lock file that could not be read or written may be there by then. */
const JUDGE_AGAIN_MS = 15_000;

export interface OfferTiming {
  readonly judgeAgainMs?: number | undefined;
  /** Waits so many milliseconds, or until it is stopped. */
  readonly pause?: ((ms: number, stop: AbortSignal) => Promise<void>) | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: (() => number) | undefined;
}

const pauseFor = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal, ref: false }).catch(() => {});

export interface OfferOwner {
  readonly config: UpstreamConfig;
  /** The conversation everybody shares; undefined while it is not connected. */
  readonly link: Link | undefined;
  /** Something was judged, whether or not the server is still there. */
  judged(problems: readonly string[], quarantined: boolean): void;
  /** New lists were announced and cannot be read. */
  suspect(): void;
}

export class KnownOffer {
  readonly #owner: OfferOwner;
  readonly #screen: OfferScreen | undefined;
  readonly #stop: AbortSignal;
  readonly #judgeAgainMs: number;
  readonly #pause: (ms: number, stop: AbortSignal) => Promise<void>;
  readonly #clock: () => number;
  /** As it was read last; what could not be read then is no better after a new judgement. */
  #read: ReadOffer | undefined;
  #offer: Offer = EMPTY_OFFER;
  #held: readonly HeldTool[] = [];
  /** Tools that a session of somebody's own shows otherwise than the conversation that everybody shares, as it shows them. */
  #otherFaces: ReadonlyMap<string, RawTool> = new Map();
  /** Sessions of somebody's own that announced other lists. */
  readonly #announced = new Set<Link>();
  #outdated = false;
  #rereading = false;
  #settleMs = SETTLE_MS;
  #lastReread = Number.NEGATIVE_INFINITY;
  #judgesAgain = false;
  #judging: Promise<void> = Promise.resolve();

  constructor(owner: OfferOwner, screen: OfferScreen | undefined, stop: AbortSignal, timing: OfferTiming = {}) {
    const { judgeAgainMs = JUDGE_AGAIN_MS, pause = pauseFor, now = () => performance.now() } = timing;
    this.#judgeAgainMs = judgeAgainMs;
    this.#pause = pause;
    this.#clock = now;
    this.#owner = owner;
    this.#screen = screen;
    this.#stop = stop;
  }

  /** What may be used; the same object for as long as nothing in it changed and the connection held. */
  get now(): Offer {
    return this.#offer;
  }

  /** What it offers besides and nobody may use. */
  get held(): readonly HeldTool[] {
    return this.#held;
  }

  /** What a new connection offers. */
  take(read: ReadOffer): Promise<void> {
    this.#otherFaces = new Map();
    return this.#inTurn(read, false);
  }

  /** Judges the known offer again, e.g. after an approval. */
  rescreen(): Promise<void> {
    return this.#inTurn(undefined, true);
  }

  /** Reads every list again. @throws as the link does */
  async reread(signal: AbortSignal): Promise<void> {
    const { link, config } = this.#owner;
    if (link === undefined) return;
    const read = await readOffer(link, { signal, timeoutMs: config.timeoutMs });
    if (this.#owner.link === link) await this.#inTurn(read, true);
  }

  listenTo(link: Link): void {
    link.onNotification(this.#hear);
  }

  /**
   * Holds what a session of somebody's own offers against what everybody was shown. A tool that it shows otherwise is
   * judged under both faces, for all.
   *
   * @throws as the link does, also when the list cannot be read
   */
  async compare(link: Link, signal = this.#stop): Promise<void> {
    const tools = await readTools(link, { signal, timeoutMs: this.#owner.config.timeoutMs });
    const shared = new Map((this.#read?.offer.tools ?? []).map((tool) => [tool.name, tool]));
    const other = tools.filter((tool) => {
      const faces = [shared.get(tool.name), this.#otherFaces.get(tool.name)];
      return faces[0] !== undefined && !faces.some((face) => face !== undefined && isSameDefinition(face, tool));
    });
    if (other.length === 0) return;
    this.#otherFaces = new Map([...this.#otherFaces, ...other.map((tool) => [tool.name, tool] as const)]);
    await this.rescreen();
  }

  /** {@link listenTo} and {@link compare} for a new session of somebody's own. */
  async meet(link: Link, signal: AbortSignal): Promise<void> {
    // Heard from the first moment: what changes while its list is being judged is judged after it.
    link.onNotification((method, params) => {
      if (isListChanged(method)) this.#announced.add(link);
      this.#hear(method, params);
    });
    await this.compare(link, signal);
  }

  /** One after the other: what was judged last is what was read last. Without a reading, the known one, if there is one. */
  #inTurn(read: ReadOffer | undefined, keepIfSame: boolean): Promise<void> {
    const turn = this.#judging.then(() => {
      const known = read ?? this.#read;
      // A server that is just being connected would be told of as there, with nothing to offer.
      return known === undefined ? undefined : this.#judge(known, keepIfSame);
    });
    this.#judging = turn.catch(() => {});
    return turn;
  }

  async #judge(read: ReadOffer, keepIfSame: boolean): Promise<void> {
    const faces = this.#facesBeside(read.offer.tools);
    const screened = await screenOffer(this.#owner.config, read.offer, this.#screen, faces);
    this.#read = read;
    this.#held = screened.held ?? [];
    if (!keepIfSame || !isDeepStrictEqual(this.#offer, screened.offer)) this.#offer = screened.offer;
    this.#owner.judged([...read.problems, ...screened.problems], screened.quarantined === true);
    if (screened.again === true) this.#judgeAgainLater();
  }

  /** Those that are still others, of tools that are still offered. */
  #facesBeside(tools: readonly RawTool[]): readonly RawTool[] {
    if (this.#otherFaces.size === 0) return [];
    const left = tools.flatMap((tool) => {
      const face = this.#otherFaces.get(tool.name);
      return face === undefined || isSameDefinition(face, tool) ? [] : [face];
    });
    this.#otherFaces = new Map(left.map((face) => [face.name, face]));
    return left;
  }

  async #judgeAgainLater(): Promise<void> {
    if (this.#judgesAgain) return;
    this.#judgesAgain = true;
    await this.#pause(this.#judgeAgainMs, this.#stop);
    this.#judgesAgain = false;
    if (!this.#stop.aborted) await this.rescreen().catch(() => {});
  }

  readonly #hear: NotificationListener = (method) => {
    if (!isListChanged(method)) return;
    this.#outdated = true;
    if (!this.#rereading) this.#rereadSoon();
  };

  async #rereadSoon(): Promise<void> {
    this.#rereading = true;
    while (this.#outdated && !this.#stop.aborted) {
      if (this.#clock() - this.#lastReread >= QUIET_MS) this.#settleMs = SETTLE_MS;
      await this.#pause(this.#settleMs, this.#stop);
      this.#settleMs = Math.min(LONGEST_SETTLE_MS, this.#settleMs * 2);
      this.#outdated = false;
      const sessions = [...this.#announced];
      this.#announced.clear();
      // The known lists stay when the new ones cannot be read; the probe finds out about the rest.
      await this.reread(this.#stop).catch(() => this.#owner.suspect());
      // One that cannot be read any more is found out about by its next request.
      for (const link of sessions) await this.compare(link).catch(() => {});
      this.#lastReread = this.#clock();
    }
    this.#rereading = false;
  }
}
