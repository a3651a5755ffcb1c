/** The contents of a resource as an upstream sent them: nothing is kept that is not what it says it is. */
import { z } from 'zod';
import { cleanJson } from '../trust/clean-text.ts';

/** Decoded bytes of one resource. */
export const MAX_RESOURCE_BYTES = 4 * 1_048_576;

const MIME_TYPE = /^[a-z0-9][a-z0-9.+_-]*\/[a-z0-9][a-z0-9.+*_-]*(?:\s*;.*)?$/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const mimeType = z.string().max(255).regex(MIME_TYPE).nullish();
const piece = z.union([
  z.looseObject({ uri: z.string(), mimeType, text: z.string() }),
  z.looseObject({ uri: z.string(), mimeType, blob: z.string() }),
]);
const readResult = z.looseObject({ contents: z.array(piece).max(1_000) });

export interface Contents {
  readonly uri: string;
  readonly mimeType?: string;
  readonly text?: string;
  /** Base64. */
  readonly blob?: string;
}

export type ReadContents =
  | { readonly contents: readonly Contents[]; readonly bytes: number }
  /** In Portuguese; never what the upstream wrote. */
  | { readonly problem: string };

/** @param resultText JSON text of the result of `resources/read` */
export function readContents(resultText: string, maxBytes: number = MAX_RESOURCE_BYTES): ReadContents {
  // Base64 takes four characters for three bytes, and escapes up to six for one: beyond this nothing can fit.
  if (resultText.length > maxBytes * 6 + 65_536) return tooLarge(maxBytes);
  const parsed = readResult.safeParse(JSON.parse(cleanJson(resultText)));
  if (!parsed.success) return { problem: problemAt(parsed.error.issues[0]?.path ?? []) };
  const contents: Contents[] = [];
  let bytes = 0;
  for (const { uri, mimeType: type, ...rest } of parsed.data.contents) {
    const { text, blob } = { text: undefined, blob: undefined, ...rest };
    const kind = typeof type === 'string' ? { mimeType: type } : {};
    if (typeof text === 'string') {
      bytes += Buffer.byteLength(text);
      contents.push({ uri, ...kind, text });
    } else if (typeof blob === 'string') {
      if (blob.length % 4 !== 0 || !BASE64.test(blob)) return { problem: 'o conteúdo binário não é Base64' };
      bytes += Buffer.byteLength(blob, 'base64');
      contents.push({ uri, ...kind, blob });
    }
    if (bytes > maxBytes) return tooLarge(maxBytes);
  }
  return { contents, bytes };
}

/** Bytes as they are held: texts in UTF-8, binary in Base64, with what names them. */
export function contentsBytes(contents: readonly Contents[]): number {
  return contents.reduce(
    (sum, { uri, mimeType: type = '', text = '', blob = '' }) =>
      sum + Buffer.byteLength(uri) + type.length + Buffer.byteLength(text) + blob.length,
    0,
  );
}

const tooLarge = (maxBytes: number) => ({ problem: `o conteúdo passa de ${maxBytes} bytes` });

function problemAt(path: readonly PropertyKey[]): string {
  return path.at(-1) === 'mimeType' ? 'o tipo do conteúdo não é um tipo MIME' : 'o conteúdo está fora do protocolo';
}
