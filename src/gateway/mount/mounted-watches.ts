import { NotFoundError, UpstreamUnavailableError } from '../../errors.ts';
import type { Unwatch } from '../../resources/resource-source.ts';
import type { Caller } from '../../tools/tool-source.ts';
import { isInScope, outOfDomain } from '../domains/scope.ts';
import { UpstreamAnswerError } from '../links/link-errors.ts';
import type { Gateway } from './gateway.ts';
import { mayRead } from './may-read.ts';
import type { MountedItem } from './mount-table.ts';

/**
 * Watches a mounted resource for a caller at the first of its servers that is there.
 *
 * @throws NotFoundError, OutOfDomainError without a word to any server; UserInputError, UpstreamUnavailableError
 */
export async function watchMounted(gateway: Gateway, item: MountedItem, caller: Caller): Promise<Unwatch> {
  const { candidates, domain } = item;
  if (!mayRead(caller.principal, domain)) throw new NotFoundError('Não existe esse recurso.');
  const scope = gateway.scopes.of(caller);
  const allowed = candidates.filter(({ domains }) => isInScope(scope, domains));
  if (allowed.length === 0) throw outOfDomain('este recurso', new Set(candidates.flatMap(({ domains }) => domains)));
  const there = new Set(gateway.table.servers.flatMap(({ id, state }) => (state === 'connected' ? [id] : [])));
  const first = allowed.find(({ server }) => there.has(server));
  if (first === undefined) {
    throw new UpstreamUnavailableError('O servidor deste recurso não está acessível.', { retryAfterMs: 5_000 });
  }
  try {
    return await gateway.watches.watch(first, domain);
  } catch (thrown) {
    if (!(thrown instanceof UpstreamAnswerError)) throw thrown;
    throw new NotFoundError('O servidor não aceitou que se acompanhe este recurso.', { cause: thrown });
  }
}
