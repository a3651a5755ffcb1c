/** What one server offers: as it was read last, judged, and read again when the server says that it changed. */
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { isListChanged, listChanged } from '../../protocol/methods.ts';
import type { UpstreamConfig } from '../config/gateway-config.ts';
import type { Link } from '../links/link.ts';
import { isSameDefinition } from '../trust/pins.ts';
import { EMPTY_OFFER, type Offer, type RawTool } from './offer.ts';
import { type ReadOffer, readOffer, readTools } from './read-offer.ts';
import { Relisting } from './relisting.ts';
import { type HeldTool, type OfferScreen, screenOffer } from './screen.ts';

const TOOLS_CHANGED = listChanged('tools');

/** Longer than this nobody waits for tools that were announced to be other ones; nor is it kept from operators. */
export const LISTING_MS = 5_000;
const UNLISTED =
  'anunciou listas novas e não as envia: as ferramentas que anunciou não são chamadas até que o faça; veja o log do servidor';
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
  /** Of the conversation that everybody shares, and of sessions of somebody's own. */
  readonly #relistings = new Map<Link, Relisting>();
  #shared: Link | undefined;
  #judged: { readonly problems: readonly string[]; readonly quarantined: boolean } | undefined;
  #unlisted = false;
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
    const end = (): void => {
      for (const link of [...this.#relistings.keys()]) this.#leave(link);
    };
    stop.addEventListener('abort', end, { once: true });
  }

  /** What may be used; the same object for as long as nothing in it changed and the connection held. */
  get now(): Offer {
    return this.#offer;
  }

  /** What it offers besides and nobody may use. */
  get held(): readonly HeldTool[] {
    return this.#held;
  }

  /** What was read of a server with other settings, until this one is connected. */
  async inherit(old: KnownOffer): Promise<void> {
    if (old.#read !== undefined) await this.#inTurn(old.#read, false);
  }

  /** What a new connection offers. What it announced meanwhile is read after it. */
  async take(read: ReadOffer): Promise<void> {
    this.#otherFaces = new Map();
    await this.#inTurn(read, false);
    if (this.#shared !== undefined) this.#relistings.get(this.#shared)?.begin();
  }

  /** Judges the known offer again, e.g. after an approval. */
  rescreen(): Promise<void> {
    return this.#inTurn(undefined, true);
  }

  /** Reads every list again. @throws as the link does */
  async reread(signal: AbortSignal, isRead: () => void = () => {}): Promise<void> {
    const { link, config } = this.#owner;
    if (link === undefined) return;
    const read = await readOffer(link, { signal, timeoutMs: config.timeoutMs });
    isRead();
    if (this.#owner.link === link) await this.#inTurn(read, true);
  }

  /** The conversation that everybody shares from now on. Its lists are read again once what it offers was taken. */
  listenTo(link: Link): void {
    if (this.#shared !== undefined) this.#leave(this.#shared);
    this.#shared = link;
    this.#unlisted = false;
    this.#follow(link, () => this.#rereadShared());
  }

  /** Resolves when the tools are known that this conversation announced; undefined, at no cost, when it announced none. */
  listed(link: Link): Promise<void> | undefined {
    return this.#relistings.size === 0 ? undefined : this.#relistings.get(link)?.due();
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
    const relisting = this.#follow(link, async () => {
      const shared = this.#shared === undefined ? undefined : this.#relistings.get(this.#shared);
      shared?.announce(true);
      // Compared with what was shown before, it would be held back for nothing.
      await shared?.tried();
      await this.compare(link);
    });
    relisting.begin();
    link.closed.then(() => this.#leave(link));
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
    this.#judged = {
      problems: [...read.problems, ...screened.problems],
      quarantined: screened.quarantined === true,
    };
    this.#tell();
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

  #tell(): void {
    if (this.#judged === undefined) return;
    const { problems, quarantined } = this.#judged;
    this.#owner.judged(this.#unlisted ? [UNLISTED, ...problems] : problems, quarantined);
  }

  #follow(link: Link, read: () => Promise<void>): Relisting {
    const relisting = new Relisting({ read, pause: this.#pause, now: this.#clock });
    this.#relistings.set(link, relisting);
    link.onNotification((method) => {
      if (isListChanged(method)) relisting.announce(method === TOOLS_CHANGED);
    });
    return relisting;
  }

  #leave(link: Link): void {
    this.#relistings.get(link)?.end();
    this.#relistings.delete(link);
  }

  /** The known lists stay when the new ones cannot be read, and no tool is called; the probe finds out about the rest. */
  async #rereadShared(): Promise<void> {
    const late = (): void => {
      if (this.#unlisted || this.#stop.aborted) return;
      this.#unlisted = true;
      this.#tell();
    };
    const timer = setTimeout(late, LISTING_MS).unref();
    try {
      await this.reread(this.#stop, () => {
        this.#unlisted = false;
      });
    } catch (thrown) {
      late();
      this.#owner.suspect();
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  }
}
