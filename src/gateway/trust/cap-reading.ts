/** What is read for a person or a program may be larger than what a model is given, and is never short without saying so. */
import { z } from 'zod';
import { exactJson } from '../../protocol/exact-number.ts';
import { shorten } from '../../shorten.ts';
import { headOf } from './cap-result.ts';
import { parseKept } from './parse-kept.ts';

/** UTF-8 bytes of the answer to `resources/read`: 4 MiB as Base64, as gathering takes them, and less than an open stream may hold unsent. */
export const MAX_READING_BYTES = 6 * 1_048_576;

/** Left out and named; of more, how many. */
const MAX_NAMED = 10;
const MAX_NAME_LENGTH = 200;
/** For the notices. */
const RESERVED_BYTES = 16_384;

const piece = z.looseObject({ uri: z.string(), text: z.string().optional() });
const reading = z.looseObject({ contents: z.array(piece) });
/** Without any member that may be a number: of an answer with more long ones than are kept. */
const bare = z.object({
  contents: z.array(
    z.object({
      uri: z.string(),
      mimeType: z.string().optional(),
      text: z.string().optional(),
      blob: z.string().optional(),
    }),
  ),
});
type Piece = z.infer<typeof piece>;

/**
 * The contents that fit, with the first text that does not cut and what had to go named in a text of its own; undefined where
 * nothing of use would be left, as of one large file, whose bytes cannot be cut.
 *
 * @param json a result of `resources/read` that has more than `maxBytes`
 * @param shownUri what a client reads the server's URI by
 */
export function capReading(
  json: string,
  shownUri: (uri: string) => string,
  maxBytes: number = MAX_READING_BYTES,
): string | undefined {
  const exact = parseKept(json);
  const { data } = exact === undefined ? bare.safeParse(JSON.parse(json)) : reading.safeParse(exact);
  if (data === undefined) return undefined;
  const bytes = Buffer.byteLength(json);
  for (let budget = maxBytes - RESERVED_BYTES; budget > 1_024; budget = Math.floor(budget / 2)) {
    const contents = cut(data.contents, budget, `tinha ${bytes} bytes e o limite é ${maxBytes}`, shownUri);
    if (contents === undefined) return undefined;
    const capped = exactJson({ ...data, contents });
    if (Buffer.byteLength(capped) <= maxBytes) return capped;
  }
  return undefined;
}

function cut(
  contents: readonly Piece[],
  budget: number,
  why: string,
  shownUri: (uri: string) => string,
): Piece[] | undefined {
  let left = budget;
  const kept: Piece[] = [];
  const leftOut: string[] = [];
  for (const one of contents) {
    const size = Buffer.byteLength(JSON.stringify(one));
    if (size <= left) {
      kept.push(one);
      left -= size;
    } else if (one.text !== undefined && left > 1_024) {
      kept.push({ ...one, text: `${headOf(one.text, left)}\n[Conteúdo cortado pelo gateway: a resposta ${why}.]` });
      left = 0;
    } else leftOut.push(one.uri);
  }
  const [first] = leftOut;
  if (kept.length === 0) return undefined;
  if (first !== undefined) kept.push({ uri: first, mimeType: 'text/plain', text: notice(leftOut.map(shownUri), why) });
  return kept;
}

function notice(leftOut: readonly string[], why: string): string {
  const named = leftOut.slice(0, MAX_NAMED).map((uri) => shorten(uri, MAX_NAME_LENGTH));
  const more = leftOut.length - named.length;
  const names = `${named.join(', ')}${more > 0 ? ` e mais ${more}` : ''}`;
  return `[A resposta ${why}: o gateway deixou de fora ${names}. Leia-os um a um, se o servidor o permite.]`;
}
