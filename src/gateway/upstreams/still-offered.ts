/** Whether what a call was routed by is still what its server may be asked for: calls wait, and offers change meanwhile. */
import { isDeepStrictEqual } from 'node:util';
import { PROMPTS_GET, type ServedMethod, TOOLS_CALL } from '../../protocol/methods.ts';
import type { Offer, RawPrompt, RawTool } from './offer.ts';

export type OfferedItem = RawTool | RawPrompt;

/** Undefined where nothing of that name is let through, and for what need not be listed to be asked for. */
export function offeredItem(offer: Offer, method: ServedMethod, name: string): OfferedItem | undefined {
  if (method === TOOLS_CALL) return offer.tools.find((tool) => tool.name === name);
  return method === PROMPTS_GET ? offer.prompts.find((prompt) => prompt.name === name) : undefined;
}

/**
 * A tool that is not let through is never called. One that is must be the one its caller chose by, if it was known then:
 * under the same name another may mean something else, and nobody has shown it to the caller.
 */
export function isStillOffered(routedBy: OfferedItem | undefined, offer: Offer, method: ServedMethod, name: string) {
  const now = offeredItem(offer, method, name);
  if (routedBy === undefined) return now !== undefined || method !== TOOLS_CALL;
  return now === routedBy || isDeepStrictEqual(now, routedBy);
}
