import { z } from 'zod';
import type { Erro } from '../errors.ts';
import { jsonMembers } from '../gateway/json-members.ts';
import { exactJson } from '../protocol/exact-number.ts';
import type { ForwardedOutcome, ToolOutcome } from '../tools/tool-source.ts';
import { forwardedResultText } from './forwarded-result.ts';

/** A failed tool's own words, as far as they are repeated. */
const MAX_WORDS = 500;

const failed = z.object({ content: z.array(z.unknown()).default([]) });
const words = z.object({ type: z.literal('text'), text: z.string() });

/** What REST answers a call with: JSON text for 200, or the failure, whose code has a status. */
export type RestOutcome =
  | { readonly text: string; readonly servedBy?: string }
  | { readonly erro: Erro; readonly servedBy?: string };

/**
 * The tool's structured result alone. A mounted tool need not have one: then it is the whole result of MCP, with its
 * content. One that says of itself that it failed is a failure here too.
 */
export function restOutcome(outcome: ToolOutcome): RestOutcome {
  if (outcome.erro !== undefined) return { erro: outcome.erro };
  if (outcome.forwarded === undefined) return { text: exactJson(outcome.structured) };
  const { servedBy, isError } = outcome;
  if (isError) return { erro: failure(outcome), servedBy };
  const forwarded = outcome.forwarded.toString();
  const structured = forwarded.includes('structuredContent')
    ? jsonMembers(forwarded)?.findLast(({ key }) => key === 'structuredContent')
    : undefined;
  const text =
    structured === undefined
      ? forwardedResultText(outcome, 'legacy', {})
      : forwarded.slice(structured.start, structured.end);
  return { text, servedBy };
}

function failure({ forwarded, unfit }: ForwardedOutcome): Erro {
  if (unfit !== undefined) return unfit;
  const content = failed.safeParse(JSON.parse(forwarded.toString())).data?.content ?? [];
  const said = content.flatMap((item) => words.safeParse(item).data?.text ?? []).join('\n');
  const mensagem = said === '' ? 'A ferramenta falhou sem dizer por quê.' : `A ferramenta falhou: ${cut(said)}`;
  return { codigo: 'servidor_recusou', mensagem, tente_novamente: false };
}

function cut(text: string): string {
  return text.length <= MAX_WORDS ? text : `${[...text].slice(0, MAX_WORDS - 1).join('')}…`;
}
