import { z } from 'zod';
import { PermissionError } from '../../errors.ts';
import type { PromptSource } from '../../prompts/prompt-source.ts';
import { unknownPrompt } from '../../prompts/unknown-prompt.ts';
import { PROMPTS_GET } from '../../protocol/methods.ts';
import type { Caller } from '../../tools/tool-source.ts';
import { isInScope, outOfDomain } from '../domains/scope.ts';
import { OMIE_DOMAIN } from '../naming/domain.ts';
import { forwardedMeta } from '../questions/forward-context.ts';
import { readInputRequired } from '../questions/input-required.ts';
import { readResult, SERVED_BY } from './forwarder.ts';
import { type Gateway, reachable } from './gateway.ts';
import { mountContent } from './mount-content.ts';

const reading = z.looseObject({
  description: z.string().optional(),
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant']), content: z.looseObject({}) })),
  _meta: z.looseObject({}).optional(),
});
const content = z.looseObject({});

/** A prompt changes nothing, so that `leitura` leaves it in; tool globs are asked with its mounted name. */
export function mayGet({ principal }: Caller, name: string): boolean {
  return principal.canCall({ name, readOnly: true });
}

/** The built-in prompts and the mounted ones. */
export function mountPrompts(gateway: Gateway, inner: PromptSource): PromptSource {
  const list: PromptSource['list'] = (caller) => {
    if (!gateway.active) return inner.list(caller);
    const scope = gateway.scopes.of(caller);
    const mounted = [...gateway.table.prompts].filter(([name, it]) => reachable(it, scope) && mayGet(caller, name));
    const own = isInScope(scope, [OMIE_DOMAIN]) ? inner.list(caller) : [];
    return [...own, ...mounted.map(([, { descriptor }]) => descriptor)];
  };
  return {
    list,
    async get(name, args, context) {
      const prompt = gateway.table.prompts.get(name);
      const scope = gateway.active ? gateway.scopes.of(context) : undefined;
      if (prompt === undefined) {
        const own = inner.list(context).some((one) => one.name === name);
        if (own && !isInScope(scope, [OMIE_DOMAIN])) throw outOfDomain(`o prompt ${name}`, [OMIE_DOMAIN]);
        if (!own && gateway.active) throw unknownPrompt(name, list(context));
        return inner.get(name, args, context);
      }
      if (!mayGet(context, name)) throw new PermissionError(`Seu acesso não inclui o prompt ${name}.`);
      const errand = {
        method: PROMPTS_GET,
        what: `o prompt ${name}`,
        readOnly: true,
        params: (candidate: { name: string }) => ({
          name: candidate.name,
          arguments: args,
          ...forwardedMeta(context),
        }),
        subject: [name, args],
      };
      const served = await gateway.forwarder.run(prompt, scope, errand, context);
      if (readInputRequired(served.resultText) !== undefined) return { inputRequired: served.resultText.toString() };
      const { messages, _meta, ...rest } = readResult(served, reading);
      return {
        ...rest,
        messages: messages.map((one) => ({
          ...one,
          content: content.parse(mountContent(prompt.domain, one.content)),
        })),
        _meta: { ..._meta, [SERVED_BY]: served.servedBy },
      };
    },
  };
}
