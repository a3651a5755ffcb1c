import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Principal } from '../companies/principal.ts';
import { INTERNAL_ERROR, INVALID_PARAMS } from '../protocol/error-codes.ts';
import { type Fields, isFields, notificationText, type RequestId, resultText } from '../protocol/json-rpc.ts';
import { SERVER_INFO_META_KEY, SUBSCRIPTION_ID_META_KEY } from '../protocol/meta-keys.ts';
import { LISTEN_ACKNOWLEDGED, listChanged, RESOURCE_UPDATED } from '../protocol/methods.ts';
import type { Unwatch } from '../resources/resource-source.ts';
import { type CatalogChange, mayHearOf } from '../server/catalog.ts';
import { serverIdentity } from '../server/identity.ts';
import type { Reply } from '../server/lane.ts';
import { toRpcFailure } from '../server/rpc-failure.ts';
import type { Caller } from '../tools/tool-source.ts';
import type { RpcError } from './protocol-errors.ts';
import type { SessionParts } from './session-parts.ts';

/** Enough for a thousand clients; each holds a connection open. */
const MAX_SUBSCRIPTIONS = 1_024;
const MAX_RESOURCES = 1_000;

const filterSchema = z.object({
  toolsListChanged: z.boolean().optional(),
  promptsListChanged: z.boolean().optional(),
  resourcesListChanged: z.boolean().optional(),
  resourceSubscriptions: z.array(z.string()).max(MAX_RESOURCES).optional(),
});
type Filter = z.infer<typeof filterSchema>;

interface Subscription {
  readonly id: RequestId;
  readonly caller: Caller;
  readonly filter: Filter;
  readonly reply: Reply;
  readonly unwatch: readonly Unwatch[];
}

type ListenParts = Pick<SessionParts, 'catalog' | 'errors' | 'scrub' | 'onInternalError'>;

/** `subscriptions/listen` of 2026-07-28: the streams that replace the GET stream and `resources/subscribe`. */
export class ListenHub {
  readonly #subscriptions = new Set<Subscription>();
  readonly #parts: ListenParts;

  constructor(parts: ListenParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#subscriptions.size;
  }

  /** Acknowledges first, with the part of the filter that is honoured, then keeps the reply open. */
  open(id: RequestId, params: unknown, caller: Caller, reply: Reply): () => void {
    const parsed = filterSchema.safeParse(isFields(params) ? params['notifications'] : undefined);
    if (!parsed.success) {
      const message = "Invalid params: 'notifications' is required and must be a valid SubscriptionFilter";
      reply.answer(id, this.#parts.errors.text(id, { code: INVALID_PARAMS, message }));
      return () => {};
    }
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS) {
      reply.answer(id, this.#parts.errors.text(id, { code: INTERNAL_ERROR, message: 'Subscription limit reached' }));
      return () => {};
    }
    const refusal = this.#refusalFor(caller);
    if (refusal !== undefined) {
      reply.answer(id, this.#parts.errors.text(id, refusal));
      return () => {};
    }
    const asked = honoured(parsed.data);
    const { watch } = this.#parts.catalog.resources;
    if (asked.resourceSubscriptions === undefined || watch === undefined) {
      return this.#begin({ id, caller, filter: asked, reply, unwatch: [] });
    }
    let cancel = (): void => {
      cancelled = true;
    };
    let cancelled = false;
    // Watching asks mounted servers, which takes a while; what is refused is not acknowledged.
    watchAll(asked.resourceSubscriptions, (uri) => watch(uri, caller)).then(({ uris, unwatch }) => {
      if (cancelled) for (const stop of unwatch) stop();
      else
        cancel = this.#begin({
          id,
          caller,
          filter: honoured({ ...asked, resourceSubscriptions: uris }),
          reply,
          unwatch,
        });
    });
    return () => cancel();
  }

  /** Who is shown no list, for a handle that is no good, hears of no change of one either. */
  #refusalFor(caller: Caller): RpcError | undefined {
    try {
      this.#parts.catalog.prompts.list(caller);
      return undefined;
    } catch (thrown) {
      return toRpcFailure(thrown, randomUUID(), this.#parts);
    }
  }

  #begin(subscription: Subscription): () => void {
    const { id, reply } = subscription;
    reply.notify(stamped(LISTEN_ACKNOWLEDGED, id, { notifications: subscription.filter }));
    if (Object.keys(subscription.filter).length === 0) this.#end(subscription);
    else this.#subscriptions.add(subscription);
    return () => this.#forget(subscription);
  }

  publish(change: CatalogChange): void {
    const params = change.kind === 'resource' ? { uri: change.uri } : {};
    for (const { id, caller, filter, reply } of this.#subscriptions) {
      if (wants(filter, change) && mayHearOf(change, caller)) reply.notify(stamped(methodOf(change), id, params));
    }
  }

  /** Ends what a principal listens to, whose right to hear of anything has ended. */
  endFor(principal: Principal): void {
    for (const subscription of this.#subscriptions)
      if (subscription.caller.principal === principal) this.#end(subscription);
  }

  close(): void {
    for (const subscription of this.#subscriptions) this.#end(subscription);
  }

  #forget(subscription: Subscription): void {
    this.#subscriptions.delete(subscription);
    for (const stop of subscription.unwatch) stop();
  }

  /** The graceful end: an empty result that names the subscription. */
  #end(subscription: Subscription): void {
    const { id, reply } = subscription;
    this.#forget(subscription);
    const _meta = { [SUBSCRIPTION_ID_META_KEY]: id, [SERVER_INFO_META_KEY]: serverIdentity(this.#parts.catalog) };
    reply.answer(id, resultText(id, JSON.stringify({ resultType: 'complete', _meta })));
  }
}

async function watchAll(
  wanted: readonly string[],
  watch: (uri: string) => Promise<Unwatch | undefined>,
): Promise<{ uris: string[]; unwatch: Unwatch[] }> {
  const tried = await Promise.allSettled(wanted.map(watch));
  const uris = wanted.filter((_uri, at) => tried[at]?.status === 'fulfilled');
  const unwatch = tried.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []));
  return { uris, unwatch };
}

/** The notification that tells a client of a change, in every era. */
export function methodOf(change: CatalogChange): string {
  return change.kind === 'resource' ? RESOURCE_UPDATED : listChanged(change.kind);
}

function honoured(asked: Filter): Filter {
  const filter: Filter = {};
  if (asked.toolsListChanged) filter.toolsListChanged = true;
  if (asked.promptsListChanged) filter.promptsListChanged = true;
  if (asked.resourcesListChanged) filter.resourcesListChanged = true;
  if (asked.resourceSubscriptions?.length) filter.resourceSubscriptions = asked.resourceSubscriptions;
  return filter;
}

function wants(filter: Filter, change: CatalogChange): boolean {
  switch (change.kind) {
    case 'tools':
      return filter.toolsListChanged === true;
    case 'prompts':
      return filter.promptsListChanged === true;
    case 'resources':
      return filter.resourcesListChanged === true;
    case 'resource':
      return filter.resourceSubscriptions?.includes(change.uri) ?? false;
  }
}

function stamped(method: string, id: RequestId, params: Fields): string {
  return notificationText(method, { ...params, _meta: { [SUBSCRIPTION_ID_META_KEY]: id } });
}
