import type { JsonObject, NotificationListener } from './link.ts';

/** Those who want to hear what belongs to no request. */
export class Listeners {
  readonly #listeners = new Set<NotificationListener>();

  add(listener: NotificationListener): () => void {
    // A wrapper of its own, so that the same function added twice can be removed once.
    const entry: NotificationListener = (method, params) => listener(method, params);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  tell(method: string, params: JsonObject): void {
    for (const listener of this.#listeners) listener(method, params);
  }
}
