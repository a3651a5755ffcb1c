import { NotFoundError, UpstreamUnavailableError, UserInputError } from '../../errors.ts';
import type { Unwatch } from '../../resources/resource-source.ts';
import type { Caller } from '../../tools/tool-source.ts';
import { isInScope, outOfDomain } from '../domains/scope.ts';
import { UpstreamAnswerError, UpstreamGoneError, UpstreamTimeoutError } from '../links/link-errors.ts';
import type { Gateway } from './gateway.ts';
import type { MountedItem } from './mount-table.ts';

/**
 * Watches a mounted resource for a caller at the first of its servers that is there; of one that no list mentions, at the
 * first that takes it, as it is read.
 *
 * @throws OutOfDomainError without a word to any server; NotFoundError, UserInputError, UpstreamUnavailableError
 */
export async function watchMounted(gateway: Gateway, item: MountedItem, caller: Caller): Promise<Unwatch> {
  const { candidates, domain } = item;
  const scope = gateway.scopes.of(caller);
  const allowed = candidates.filter(({ domains }) => isInScope(scope, domains));
  if (allowed.length === 0) throw outOfDomain('este recurso', new Set(candidates.flatMap(({ domains }) => domains)));
  const there = new Set(gateway.table.servers.flatMap(({ id, state }) => (state === 'connected' ? [id] : [])));
  const able = allowed.filter(({ server }) => there.has(server));
  let refusal: unknown;
  for (const candidate of able) {
    try {
      return await gateway.watches.watch(candidate, domain);
    } catch (thrown) {
      // The best one's words, unless nobody was there to say any.
      if (refusal === undefined || isGone(refusal)) refusal = thrown;
      if (!isGone(thrown) && !(item.unlisted === true && isOfOneServer(thrown))) break;
    }
  }
  if (refusal === undefined || isGone(refusal)) {
    throw new UpstreamUnavailableError('O servidor deste recurso não está acessível.', {
      retryAfterMs: 5_000,
      cause: refusal,
    });
  }
  if (!(refusal instanceof UpstreamAnswerError)) throw refusal;
  throw new NotFoundError('O servidor não aceitou que se acompanhe este recurso.', {
    cause: refusal,
    hint: 'Leia o recurso de novo quando precisar.',
  });
}

function isGone(thrown: unknown): boolean {
  return (
    thrown instanceof UpstreamGoneError ||
    thrown instanceof UpstreamTimeoutError ||
    thrown instanceof UpstreamUnavailableError
  );
}

/** It does not know the resource, or tells nobody of changes: another one may. */
function isOfOneServer(thrown: unknown): boolean {
  return thrown instanceof UpstreamAnswerError || thrown instanceof UserInputError;
}
