import { z } from 'zod';
import { exactJson, parseExactly } from '../../protocol/exact-number.ts';
import { shorten } from '../../shorten.ts';
import { cleanText } from '../trust/clean-text.ts';

const toolResult = z.looseObject({
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().default(false),
});

/**
 * The words of a tool's result, as a model is shown them: without what does not show, and not more than it should read.
 *
 * @param resultText JSON of a `CallToolResult`
 * @param maxLength characters; what is longer ends in "…"
 */
export function readToolResult(resultText: string, maxLength: number): { text: string; isError: boolean } {
  // A result that came is read, however many numbers it has.
  const parsed = toolResult.safeParse(parseExactly(resultText));
  if (!parsed.success) return { text: 'O servidor respondeu fora do protocolo.', isError: true };
  const { content, structuredContent, isError } = parsed.data;
  const words = content.flatMap(({ text }) => (text === undefined ? [] : [text])).join('\n');
  const text = words === '' && structuredContent !== undefined ? exactJson(structuredContent) : words;
  return { text: shorten(cleanText(text), maxLength), isError };
}
