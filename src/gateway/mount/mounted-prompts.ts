import { z } from 'zod';
import { PermissionError } from '../../errors.ts';
import type { PromptSource } from '../../prompts/prompt-source.ts';
import { unknownPrompt } from '../../prompts/unknown-prompt.ts';
import { PROMPTS_GET } from '../../protocol/methods.ts';
import { isInScope, outOfDomain } from '../domains/scope.ts';
import { OMIE_DOMAIN } from '../naming/domain.ts';
import { forwardedMeta } from '../questions/forward-context.ts';
import { readInputRequired } from '../questions/input-required.ts';
import { readResult } from './forwarder.ts';
import type { Gateway } from './gateway.ts';
import { mountContent } from './mount-content.ts';
import { resultMeta } from './result-meta.ts';
import { mayGet, visiblePrompts } from './visible.ts';

/** Unlike a loose object, no ExactNumber. */
const object = z.record(z.string(), z.unknown());
const reading = z.looseObject({
  description: z.string().optional(),
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant']), content: object })),
  _meta: object.optional(),
});

/** The built-in prompts and the mounted ones. */
export function mountPrompts(gateway: Gateway, inner: PromptSource): PromptSource {
  const list: PromptSource['list'] = (caller) => {
    const scope = gateway.scopeOf(caller);
    const mounted = visiblePrompts(gateway.table, caller.principal, scope);
    const own = isInScope(scope, [OMIE_DOMAIN]) ? inner.list(caller) : [];
    return [...own, ...mounted.map(({ descriptor }) => descriptor)];
  };
  return {
    list,
    async get(name, args, context) {
      const prompt = gateway.table.prompts.get(name);
      const scope = gateway.scopeOf(context);
      if (prompt === undefined) {
        const own = inner.list(context).some((one) => one.name === name);
        if (own && !isInScope(scope, [OMIE_DOMAIN])) throw outOfDomain(`o prompt ${name}`, [OMIE_DOMAIN]);
        if (!own && gateway.active) throw unknownPrompt(name, list(context));
        return inner.get(name, args, context);
      }
      const { principal } = context;
      if (!mayGet(principal, name)) throw outOfReach(name);
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
      // Revoked or expired while the server was asked: nothing more is told.
      if (!mayGet(principal, name)) throw outOfReach(name);
      if (readInputRequired(served.resultText) !== undefined) return { inputRequired: served.resultText.toString() };
      const { messages, _meta, resultType, inputRequired, ...rest } = readResult(served, reading);
      return {
        ...rest,
        messages: messages.map((one) => ({
          ...one,
          content: object.parse(mountContent(prompt.domain, one.content)),
        })),
        _meta: resultMeta(_meta, served.servedBy),
      };
    },
  };
}

const outOfReach = (name: string): PermissionError => new PermissionError(`Seu acesso não inclui o prompt ${name}.`);
