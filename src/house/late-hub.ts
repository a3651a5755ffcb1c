import type { Hub } from '../hub/hub.ts';

/** The hub mounts into the catalog that its own tools are part of: they are made first, and find it here when called. */
export class LateHub {
  #hub: Hub | undefined;

  put(hub: Hub): void {
    this.#hub = hub;
  }

  readonly actions = (): Hub['actions'] => {
    if (this.#hub === undefined) throw new TypeError('the hub is not open yet');
    return this.#hub.actions;
  };
}
