import { z } from 'zod';
import type { Complete, Completion, CompletionRequest } from '../../prompts/completion-source.ts';
import { COMPLETE } from '../../protocol/methods.ts';
import { shorten } from '../../shorten.ts';
import type { CallContext } from '../../tools/tool-source.ts';
import { isInScope, outOfDomain } from '../domains/scope.ts';
import { OMIE_DOMAIN } from '../naming/domain.ts';
import { originalUri } from '../naming/uris.ts';
import { readResult } from './forwarder.ts';
import type { Gateway } from './gateway.ts';
import { mayRead } from './may-read.ts';
import type { MountCandidate, MountedItem } from './mount-table.ts';
import { mayGet, reachable } from './visible.ts';

/** MCP's cap on the values of an answer. */
const MAX_VALUES = 100;
const NOTHING: Completion = { values: [], total: 0, hasMore: false };

const answer = z.looseObject({
  completion: z.looseObject({
    values: z.array(z.string()),
    // One that no number holds is left out: the values are what is asked for.
    total: z.number().optional().catch(undefined),
    hasMore: z.boolean().optional(),
  }),
});

/** Completes arguments of built-in prompts and templates and of mounted ones; those of servers that cannot, with nothing. */
export function mountCompletion(gateway: Gateway, inner: Complete): Complete {
  return async (request, context) => {
    const target = targetOf(gateway, request);
    const scope = gateway.scopeOf(context);
    if (target === undefined) {
      if (isInScope(scope, [OMIE_DOMAIN])) return inner(request, context);
      if (looksMounted(request)) return NOTHING;
      throw outOfDomain('o que se quer completar', [OMIE_DOMAIN]);
    }
    if (!maySee(request, target, context)) return NOTHING;
    const able = target.candidates.filter(({ server }) =>
      gateway.table.servers.some(({ id, offer }) => id === server && offer.completions),
    );
    // Out of scope is told from "cannot complete": the refusal names the domain to select.
    if (able.length === 0 && reachable(target, scope)) return NOTHING;
    const errand = {
      method: COMPLETE,
      what: `o complemento de ${shorten(request.argument.name, 80)}`,
      readOnly: true,
      subject: [],
      params: ({ name }: Pick<MountCandidate, 'name'>) => ({
        ref: request.ref.type === 'ref/prompt' ? { type: 'ref/prompt', name } : { type: 'ref/resource', uri: name },
        argument: request.argument,
        ...(request.context === undefined ? {} : { context: request.context }),
      }),
    };
    const item = able.length === 0 ? target : { ...target, candidates: able };
    const served = await gateway.forwarder.run(item, scope, errand, alone(context));
    // Revoked or expired while the server was asked: nothing more is told.
    if (!maySee(request, target, context)) return NOTHING;
    const { completion } = readResult(served, answer);
    const values = completion.values.slice(0, MAX_VALUES);
    return { ...completion, values, hasMore: completion.hasMore === true || completion.values.length > MAX_VALUES };
  };
}

/** A completion asks nobody anything. */
function alone({ ask, rounds, ...context }: CallContext): CallContext {
  return context;
}

function targetOf({ table }: Gateway, { ref }: CompletionRequest): MountedItem | undefined {
  return ref.type === 'ref/prompt'
    ? table.prompts.get(ref.name)
    : (table.templates.get(ref.uri) ?? table.resources.get(ref.uri));
}

/** Nobody's, then, for nothing of this server's own is called so: not the built-in domain is what is missing. */
function looksMounted({ ref }: CompletionRequest): boolean {
  return ref.type === 'ref/prompt' ? ref.name.includes('__') : originalUri(ref.uri) !== undefined;
}

function maySee({ ref }: CompletionRequest, { domain }: MountedItem, context: CallContext): boolean {
  return ref.type === 'ref/prompt' ? mayGet(context.principal, ref.name) : mayRead(context.principal, domain);
}
