import type { GrantedPrincipal } from './granted-principal.ts';

/** Open streams must not outlive their token by more than a moment. */
const SWEEP_MS = 1_000;

type EndListener = (principal: GrantedPrincipal) => void;

/** Tells when principals end, so that sessions and streams they hold can be closed. */
export class EndWatch {
  readonly #watched = new Set<GrantedPrincipal>();
  readonly #listeners = new Set<EndListener>();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  add(principal: GrantedPrincipal): void {
    this.#watched.add(principal);
  }

  onEnd(listener: EndListener): void {
    this.#listeners.add(listener);
  }

  /** Ends a principal now, whatever time it had left. */
  end(principal: GrantedPrincipal): void {
    principal.end();
    if (!this.#watched.delete(principal)) return;
    for (const listener of this.#listeners) listener(principal);
  }

  sweep(): void {
    for (const principal of this.#watched) if (!principal.live) this.end(principal);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watched.clear();
    this.#listeners.clear();
  }
}
