/** The stream of changes of 2026-07-28 (`subscriptions/listen`), kept open and, after a break, made good for. */
import { CancelledError } from '../../errors.ts';
import { INVALID_PARAMS } from '../../protocol/error-codes.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import {
  LISTEN,
  LISTEN_ACKNOWLEDGED,
  listChanged,
  RESOURCE_UPDATED,
  RESOURCES_SUBSCRIBE,
  RESOURCES_UNSUBSCRIBE,
} from '../../protocol/methods.ts';
import { AwaitedSubscriptions } from './awaited-subscriptions.ts';
import type { JsonObject, Link, LinkInfo, LinkRequestOptions, NotificationListener } from './link.ts';
import { UpstreamAnswerError, UpstreamGoneError } from './link-errors.ts';
import { pause, streamDelayMs } from './stream-delay.ts';

/** As long as a timer goes, 24 days; then it is simply opened again. */
const NO_END_MS = 2_147_483_647;
const LISTS = ['tools', 'prompts', 'resources'] as const;

export class ListChanges {
  readonly #request: Link['request'];
  readonly #tell: NotificationListener;
  readonly #lists: readonly string[];
  readonly #resources = new Set<string>();
  /** Subscriptions that are not acknowledged yet. */
  readonly #waiting = new AwaitedSubscriptions((uri) => this.#givenUp(uri));
  /** Of these one at least was refused: they are asked for one after the other, so that it costs the others nothing. */
  readonly #parked = new Set<string>();
  /** It has no such stream. */
  #refused: UpstreamAnswerError | undefined;
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
      const asked = this.#wanted;
      const refusal = await this.#listen(asked);
      // What some client asked for must not cost the others what they hear of.
      if (refusal !== undefined) {
        if (asked.length === 0) {
          this.#refused = refusal;
          this.#settleAll(refusal);
          return;
        }
        if (!this.#setAside(asked, refusal)) this.#withoutResources = !this.#stream.signal.aborted;
        continue;
      }
      if (this.#opened > before) failures = 0;
      // Restarted by a new subscription: no reason to wait.
      this.#broken = !this.#stream.signal.aborted;
      // Who subscribes meanwhile waits for it no longer than others do.
      if (this.#broken) await pause(streamDelayMs(failures, undefined), this.#stream.signal);
      if (this.#stream.signal.aborted) this.#stream = new AbortController();
    }
  }

  /** The answer to a request that only this era has no word for; undefined for every other request. */
  serve(
    method: string,
    { uri }: JsonObject,
    patience: Pick<LinkRequestOptions, 'signal' | 'timeoutMs'>,
  ): Promise<string> | undefined {
    if (method === RESOURCES_SUBSCRIBE) return this.#subscribe(String(uri), patience);
    if (method !== RESOURCES_UNSUBSCRIBE) return undefined;
    if (this.#resources.delete(String(uri))) this.#renew();
    this.#settle(String(uri));
    return Promise.resolve('{}');
  }

  /**
   * Subscribing to one resource is a new stream with a wider filter: there is no other way in this era. It is done when
   * the upstream acknowledges it.
   */
  async #subscribe(uri: string, patience: Pick<LinkRequestOptions, 'signal' | 'timeoutMs'>): Promise<string> {
    if (this.#refused !== undefined) throw this.#refused;
    if (this.#stop.signal.aborted) throw over(false);
    if (patience.signal.aborted) throw new CancelledError();
    if (!this.#resources.has(uri)) {
      this.#resources.add(uri);
      this.#renew();
    } else if (!this.#waiting.has(uri)) return '{}';
    await this.#waiting.wait(uri, patience);
    return '{}';
  }

  /** Nobody waits for it any more: it is not asked for any more, and holds up none of the others. */
  #givenUp(uri: string): void {
    this.#resources.delete(uri);
    if (this.#parked.delete(uri)) return;
    this.#unpark();
    this.#renew();
  }

  #renew(): void {
    this.#withoutResources = false;
    this.#stream.abort();
  }

  #settle(uri: string, refusal?: Error): void {
    this.#parked.delete(uri);
    if (refusal !== undefined) this.#resources.delete(uri);
    this.#waiting.settle(uri, refusal);
  }

  #settleAll(refusal: Error): void {
    for (const uri of this.#waiting.uris) this.#settle(uri, refusal);
  }

  /** The one that must have been refused is; of several the first alone is asked for next. False when none is new. */
  #setAside(asked: readonly string[], refusal: Error): boolean {
    const [first, ...others] = asked.filter((uri) => this.#waiting.has(uri));
    if (first === undefined) return false;
    for (const uri of others) this.#parked.add(uri);
    this.#waiting.asked(others, false);
    if (others.length > 0) return true;
    this.#settle(first, refusal);
    this.#unpark();
    return true;
  }

  #unpark(): boolean {
    const [next] = this.#parked;
    return next !== undefined && this.#parked.delete(next);
  }

  get #wanted(): readonly string[] {
    return this.#withoutResources ? [] : [...this.#resources].filter((uri) => !this.#parked.has(uri));
  }

  stop(): void {
    this.#stop.abort();
    this.#stream.abort();
    this.#settleAll(over(true));
  }

  /** Why the upstream refused it, if it did. */
  async #listen(asked: readonly string[]): Promise<UpstreamAnswerError | undefined> {
    const onNotification: NotificationListener = (method, params) => {
      if (method === LISTEN_ACKNOWLEDGED) this.#acknowledged(asked, params['notifications']);
      this.#hear(method, params);
    };
    this.#waiting.asked(asked, true);
    try {
      const options = { signal: this.#stream.signal, timeoutMs: NO_END_MS, onNotification };
      await this.#request(LISTEN, { notifications: this.#filter(asked) }, options);
      return undefined;
    } catch (thrown) {
      return thrown instanceof UpstreamAnswerError ? thrown : undefined;
    }
  }

  #filter(asked: readonly string[]): JsonObject {
    return {
      ...Object.fromEntries(this.#lists.map((list) => [`${list}ListChanged`, true])),
      ...(asked.length === 0 ? {} : { resourceSubscriptions: asked }),
    };
  }

  /** @param honoured the part of what was asked for that the upstream tells of; all of it where it does not say */
  #acknowledged(asked: readonly string[], honoured: unknown): void {
    const told = isFields(honoured) ? (honoured['resourceSubscriptions'] ?? []) : asked;
    for (const uri of asked) {
      const taken = Array.isArray(told) && told.includes(uri);
      this.#settle(uri, taken || !this.#waiting.has(uri) ? undefined : notTaken());
    }
    if (this.#unpark()) this.#renew();
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

const over = (sent: boolean) => new UpstreamGoneError('A conversa acabou.', { sent });
const notTaken = () => new UpstreamAnswerError(INVALID_PARAMS, 'It does not tell of changes of this resource.');

function declaresChanges(capabilities: JsonObject, list: string): boolean {
  const declared = capabilities[list];
  return isFields(declared) && declared['listChanged'] === true;
}
