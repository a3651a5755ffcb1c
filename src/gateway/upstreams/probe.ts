/** Finds out whether an upstream still answers, as cheaply as the protocol allows. */
import { DISCOVER, PING } from '../../protocol/methods.ts';
import type { Link } from '../links/link.ts';
import { UpstreamAnswerError, UpstreamGoneError, UpstreamTimeoutError } from '../links/link-errors.ts';

export const PROBE_EVERY_MS = 30_000;
const PROBE_TIMEOUT_MS = 5_000;
/** A server busy with one long call may miss a probe; one that misses so many in a row has hung. */
const MISSES_TO_DIE = 3;

export class Probe {
  /** Resolves with the reason when the upstream is found gone; never otherwise. */
  readonly lost: Promise<Error>;
  #lose: (reason: Error) => void = () => {};
  readonly #link: Link;
  readonly #everyMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #stop = new AbortController();
  #heardAt = performance.now();
  #misses = 0;
  #asking = false;

  constructor(link: Link, everyMs: number) {
    this.#link = link;
    this.#everyMs = everyMs;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    this.#timer = setInterval(() => {
      if (performance.now() - this.#heardAt >= this.#everyMs) this.now();
    }, everyMs).unref();
  }

  heard(): void {
    this.#heardAt = performance.now();
    this.#misses = 0;
  }

  /** Asks at once, unless it is asking already. */
  now(): void {
    if (this.#asking || this.#stop.signal.aborted) return;
    this.#asking = true;
    this.#ask().finally(() => {
      this.#asking = false;
    });
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stop.abort();
  }

  async #ask(): Promise<void> {
    // 2026-07-28 has no ping; its discovery is as cheap.
    const method = this.#link.info.era === 'legacy' ? PING : DISCOVER;
    try {
      await this.#link.request(method, {}, { signal: this.#stop.signal, timeoutMs: PROBE_TIMEOUT_MS });
      this.heard();
    } catch (thrown) {
      // Whoever refuses us is there: a credential that was withdrawn is not the server's death.
      if (thrown instanceof UpstreamAnswerError) this.heard();
      else if (thrown instanceof UpstreamGoneError) this.#lose(thrown);
      else if (thrown instanceof UpstreamTimeoutError) this.#missed(thrown);
    }
  }

  #missed(reason: UpstreamTimeoutError): void {
    this.#misses += 1;
    if (this.#misses >= MISSES_TO_DIE) this.#lose(reason);
    else setImmediate(() => this.now());
  }
}
