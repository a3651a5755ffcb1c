/** The stream of changes of 2026-07-28 (`subscriptions/listen`), kept open and, after a break, made good for. */
import { isFields } from '../../protocol/json-rpc.ts';
import {
  LISTEN,
  LISTEN_ACKNOWLEDGED,
  listChanged,
  RESOURCE_UPDATED,
  RESOURCES_SUBSCRIBE,
  RESOURCES_UNSUBSCRIBE,
} from '../../protocol/methods.ts';
import type { JsonObject, Link, LinkInfo, NotificationListener } from './link.ts';
import { UpstreamAnswerError } from './link-errors.ts';
import { pause, streamDelayMs } from './stream-delay.ts';

/** As long as a timer goes, 24 days; then it is simply opened again. */
const NO_END_MS = 2_147_483_647;
const LISTS = ['tools', 'prompts', 'resources'] as const;

export class ListChanges {
  readonly #request: Link['request'];
  readonly #tell: NotificationListener;
  readonly #lists: readonly string[];
  readonly #resources = new Set<string>();
  readonly #stop = new AbortController();
  #stream = new AbortController();
  #opened = 0;
  /** The last stream ended by itself. */
  #broken = false;
  /** The upstream refused a stream with these resources: the lists are listened to without them, until they are others. */
  #withoutResources = false;

  constructor(request: Link['request'], info: LinkInfo, tell: NotificationListener) {
    this.#request = request;
    this.#tell = tell;
    this.#lists = LISTS.filter((list) => declaresChanges(info.capabilities, list));
  }

  /** Runs until stopped, or until the upstream says that it has no such thing. */
  async run(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; failures += 1) {
      if (this.#lists.length === 0 && this.#wanted.length === 0) await this.#changed();
      const before = this.#opened;
      const asked = this.#wanted.length;
      const refused = await this.#listen();
      // What some client asked for must not cost the others what they hear of.
      if (refused) {
        if (asked === 0) return;
        this.#withoutResources = !this.#stream.signal.aborted;
        continue;
      }
      if (this.#opened > before) failures = 0;
      // Restarted by a new subscription: no reason to wait.
      this.#broken = !this.#stream.signal.aborted;
      if (!this.#broken) this.#stream = new AbortController();
      else await pause(streamDelayMs(failures, undefined), this.#stop.signal);
    }
  }

  /** The answer to a request that only this era has no word for; undefined for every other request. */
  serve(method: string, { uri }: JsonObject): string | undefined {
    if (method !== RESOURCES_SUBSCRIBE && method !== RESOURCES_UNSUBSCRIBE) return undefined;
    this.#subscribe(String(uri), method === RESOURCES_SUBSCRIBE);
    return '{}';
  }

  /** Subscribing to one resource is a new stream with a wider filter: there is no other way in this era. */
  #subscribe(uri: string, wanted: boolean): void {
    const had = this.#resources.has(uri);
    if (wanted) this.#resources.add(uri);
    else this.#resources.delete(uri);
    if (had === wanted) return;
    this.#withoutResources = false;
    this.#stream.abort();
  }

  get #wanted(): readonly string[] {
    return this.#withoutResources ? [] : [...this.#resources];
  }

  stop(): void {
    this.#stop.abort();
    this.#stream.abort();
  }

  async #listen(): Promise<boolean> {
    try {
      const options = { signal: this.#stream.signal, timeoutMs: NO_END_MS, onNotification: this.#hear };
      await this.#request(LISTEN, { notifications: this.#filter() }, options);
      return false;
    } catch (thrown) {
      return thrown instanceof UpstreamAnswerError;
    }
  }

  #filter(): JsonObject {
    return {
      ...Object.fromEntries(this.#lists.map((list) => [`${list}ListChanged`, true])),
      ...(this.#wanted.length === 0 ? {} : { resourceSubscriptions: this.#wanted }),
    };
  }

  readonly #hear: NotificationListener = (method, params) => {
    if (method !== LISTEN_ACKNOWLEDGED) {
      this.#tell(method, params);
      return;
    }
    this.#opened += 1;
    if (this.#opened === 1) return;
    // Nobody told us what changed while the stream was broken.
    for (const list of this.#lists) this.#tell(listChanged(list), {});
    if (this.#broken) for (const uri of this.#wanted) this.#tell(RESOURCE_UPDATED, { uri });
  };

  /** Resolves when there is something to listen to, or no more reason to wait. */
  #changed(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#stream.signal.addEventListener('abort', () => resolve(), { once: true });
    }).then(() => {
      if (!this.#stop.signal.aborted) this.#stream = new AbortController();
    });
  }
}

function declaresChanges(capabilities: JsonObject, list: string): boolean {
  const declared = capabilities[list];
  return isFields(declared) && declared['listChanged'] === true;
}
