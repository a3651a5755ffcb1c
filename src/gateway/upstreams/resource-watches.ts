import { busy, UserInputError } from '../../errors.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import { RESOURCE_UPDATED, RESOURCES_SUBSCRIBE, RESOURCES_UNSUBSCRIBE } from '../../protocol/methods.ts';
import type { Link, NotificationListener } from '../links/link.ts';

/** Of one server; each is a string that some client chose. */
const MAX_WATCHED = 1_000;
const TIMEOUT_MS = 10_000;

interface Watched {
  count: number;
  /** What was last asked of the server about it: one thing after the other. */
  work: Promise<unknown>;
}

/**
 * The resources of one server that somebody watches: one subscription each at the server, however many watch. It outlives
 * connections: a new one is subscribed to the same, and everything counts as changed, for nobody told what did meanwhile.
 */
export class ResourceWatches {
  readonly #updated: (uri: string) => void;
  readonly #watched = new Map<string, Watched>();
  readonly #ending = new Map<string, Promise<unknown>>();
  #link: Link | undefined;
  #stopHearing = (): void => {};

  /** @param updated called with the URI of a watched resource that changed */
  constructor(updated: (uri: string) => void) {
    this.#updated = updated;
  }

  get inUse(): boolean {
    return this.#watched.size > 0;
  }

  /**
   * Resolves when the server has been told.
   *
   * @throws UserInputError when the server tells nobody of changes; as the link does
   */
  async add(uri: string): Promise<void> {
    const known = this.#watched.get(uri);
    if (known === undefined && this.#watched.size >= MAX_WATCHED) throw busy();
    if (!tellsOfChanges(this.#link)) {
      throw new UserInputError('O servidor deste recurso não avisa de mudanças.', {
        hint: 'Leia o recurso de novo quando precisar.',
      });
    }
    const watched = known ?? { count: 0, work: Promise.resolve() };
    this.#watched.set(uri, watched);
    watched.count += 1;
    if (known === undefined) {
      const ended = this.#ending.get(uri) ?? Promise.resolve();
      watched.work = ended.then(() => this.#tell(RESOURCES_SUBSCRIBE, uri));
    }
    try {
      await watched.work;
    } catch (thrown) {
      this.#leave(uri, watched);
      throw thrown;
    }
  }

  /** Once for each time it was added. */
  remove(uri: string): void {
    const watched = this.#watched.get(uri);
    if (watched === undefined || this.#leave(uri, watched) > 0) return;
    const link = this.#link;
    const isOver = (): boolean => this.#watched.has(uri) || this.#link !== link;
    // Over HTTP two requests may pass each other on the way.
    const ending = watched.work
      .then(() => (isOver() ? undefined : this.#tell(RESOURCES_UNSUBSCRIBE, uri)))
      .catch(() => {})
      .finally(() => {
        if (this.#ending.get(uri) === ending) this.#ending.delete(uri);
      });
    this.#ending.set(uri, ending);
  }

  /** A new connection, or none; nothing when it is the one there is. */
  over(link: Link | undefined): void {
    if (link === this.#link) return;
    this.#stopHearing();
    this.#link = link;
    this.#stopHearing = link?.onNotification(this.#hear) ?? (() => {});
    if (link === undefined) return;
    for (const [uri, watched] of this.#watched) {
      watched.work = this.#tell(RESOURCES_SUBSCRIBE, uri);
      // When it cannot be told, the connection breaks again or the server has forgotten the resource.
      watched.work.then(
        () => this.#updated(uri),
        () => {},
      );
    }
  }

  #leave(uri: string, watched: Watched): number {
    watched.count -= 1;
    if (watched.count === 0) this.#watched.delete(uri);
    return watched.count;
  }

  #tell(method: string, uri: string): Promise<unknown> {
    const options = { signal: new AbortController().signal, timeoutMs: TIMEOUT_MS };
    return this.#link?.request(method, { uri }, options) ?? Promise.resolve();
  }

  readonly #hear: NotificationListener = (method, { uri }) => {
    if (method === RESOURCE_UPDATED && typeof uri === 'string' && this.#watched.has(uri)) this.#updated(uri);
  };
}

function tellsOfChanges(link: Link | undefined): boolean {
  const resources = link?.info.capabilities['resources'];
  return isFields(resources) && resources['subscribe'] === true;
}
