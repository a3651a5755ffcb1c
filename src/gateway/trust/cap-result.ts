/** No upstream may fill a conversation: what is longer than this is cut, and says so. */
import { z } from 'zod';
import type { Erro } from '../../errors.ts';
import { exactJson } from '../../protocol/exact-number.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import { shorten } from '../../shorten.ts';
import { jsonMembers } from '../json-members.ts';
import { parseKept } from './parse-kept.ts';

/** UTF-8 bytes of one result. A model's whole memory is not much more. */
export const MAX_RESULT_BYTES = 1_048_576;
/** Characters of a description; the longest seen in the wild are a tenth of it. */
export const MAX_DESCRIPTION_LENGTH = 8_192;

/** A tool, prompt or resource whose description fits; itself when it did already. */
export function capDescription<Offered extends { readonly description?: unknown }>(offered: Offered): Offered {
  const { description } = offered;
  if (typeof description !== 'string' || description.length <= MAX_DESCRIPTION_LENGTH) return offered;
  return { ...offered, description: shorten(description, MAX_DESCRIPTION_LENGTH) };
}

const item = z.looseObject({
  type: z.string().optional(),
  text: z.string().optional(),
  // Unlike a loose object, no ExactNumber.
  resource: z
    .custom(isFields)
    .pipe(z.looseObject({ text: z.string().optional() }))
    .optional(),
});
const result = z.looseObject({
  content: z.array(item).optional(),
  structuredContent: z.unknown().optional(),
});
const word = z.string().optional();
/** Without any member that may be a number: of a result with more long ones than are kept. */
const bare = z.object({
  content: z
    .array(
      z.object({
        type: word,
        text: word,
        data: word,
        mimeType: word,
        uri: word,
        name: word,
        title: word,
        description: word,
        resource: z.object({ uri: word, mimeType: word, text: word, blob: word }).optional(),
      }),
    )
    .optional(),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
});
type Item = z.infer<typeof item>;

export interface CappedResult {
  readonly text: string;
  /** That it did not fit, in our own words, when what was asked for may have been done. */
  readonly unfit?: Erro | undefined;
}

/**
 * The same text when it fits. Otherwise texts are cut to what is left and binary pieces dropped, with a notice for the
 * model; structured content cannot be cut and still fit its schema, so it goes, and the result becomes an error that
 * says how to ask for less.
 *
 * @param json a tool's result
 * @param readOnly otherwise what was asked for may have been done, and asking for less would do it again
 */
export function capResult(json: string, readOnly = true, maxBytes: number = MAX_RESULT_BYTES): CappedResult {
  // No UTF-16 unit takes more than three bytes.
  if (json.length * 3 <= maxBytes) return { text: json };
  const bytes = Buffer.byteLength(json);
  if (bytes <= maxBytes) return { text: json };
  const light = withoutStructured(json);
  const exact = parseKept(light);
  const { data: whole = {} } = exact === undefined ? bare.safeParse(JSON.parse(light)) : result.safeParse(exact);
  const advice = readOnly ? 'Peça menos de uma vez (filtro, página, período).' : DONE;
  const notice = `[Resultado cortado pelo gateway: tinha ${bytes} bytes e o limite é ${maxBytes}. ${advice}]`;
  const unfit = readOnly ? undefined : { erro: tooLargeToTell(bytes, maxBytes) };
  for (let budget = maxBytes - 1_024; budget > 1_024; budget = Math.floor(budget / 2)) {
    const capped = cutTo(whole, budget, notice, unfit);
    const text = exactJson(capped);
    if (Buffer.byteLength(text) <= maxBytes)
      return { text, unfit: capped.structuredContent === undefined ? undefined : unfit?.erro };
  }
  const text = JSON.stringify({ content: [{ type: 'text', text: notice }], structuredContent: unfit, isError: true });
  return { text, unfit: unfit?.erro };
}

/** Structured content goes: that there was some is all that has to be known. */
function withoutStructured(json: string): string {
  const found = jsonMembers(json)?.findLast(({ key }) => key === 'structuredContent');
  return found === undefined ? json : `${json.slice(0, found.start)}null${json.slice(found.end)}`;
}

const DONE = 'O servidor atendeu o pedido, que pode ter tido efeito: verifique antes de repetir.';

function tooLargeToTell(bytes: number, maxBytes: number): Erro {
  return {
    codigo: 'resultado_desconhecido',
    mensagem: `O servidor atendeu o pedido, mas o resultado tem ${bytes} bytes e o limite é ${maxBytes}.`,
    tente_novamente: false,
    sugestao: 'O pedido pode ter tido efeito: verifique antes de repetir.',
  };
}

type Result = z.infer<typeof result>;

function cutTo(
  { content, structuredContent, ...rest }: Result,
  budget: number,
  notice: string,
  unfit: { readonly erro: Erro } | undefined,
): Result {
  const items = [...cutItems(content ?? [], budget, notice), { type: 'text', text: notice }];
  return {
    ...rest,
    content: items,
    ...(structuredContent === undefined ? {} : { structuredContent: unfit, isError: true }),
  };
}

function cutItems(items: readonly Item[], budget: number, notice: string): Item[] {
  let left = budget;
  const kept: Item[] = [];
  for (const one of items) {
    const size = Buffer.byteLength(JSON.stringify(one));
    if (size <= left) kept.push(one);
    else {
      const cut = cutItem(one, left, notice);
      if (cut !== undefined) kept.push(cut);
      left = 0;
    }
    left -= size;
    if (left <= 0) break;
  }
  return kept;
}

/** What has no text has no shorter form. */
function cutItem(one: Item, bytes: number, notice: string): Item | undefined {
  if (one.text !== undefined) return { ...one, text: `${headOf(one.text, bytes)}\n${notice}` };
  const { resource } = one;
  if (resource?.text !== undefined) {
    return { ...one, resource: { ...resource, text: `${headOf(resource.text, bytes)}\n${notice}` } };
  }
  return undefined;
}

/** As many whole characters as fit. */
export function headOf(text: string, bytes: number): string {
  return Buffer.from(text.slice(0, bytes))
    .subarray(0, bytes)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
}
