/** Results of 2026-07-28 that ask for something first ("Multi Round-Trip Requests"), read and written. */

import { z } from 'zod';
import { ServerRefusedError } from '../../errors.ts';
import { INPUT_REQUIRED } from '../../protocol/asking.ts';
import { INTERNAL_ERROR } from '../../protocol/error-codes.ts';
import { exactJson } from '../../protocol/exact-number.ts';
import { isFields, type JsonText } from '../../protocol/json-rpc.ts';
import type { JsonObject } from '../links/link.ts';
import { parseKept } from '../trust/parse-kept.ts';

export interface Question {
  readonly method: string;
  readonly params: JsonObject;
}

/** By the key under which the answer is awaited. */
export type Questions = Readonly<Record<string, Question>>;

/** More than anybody can be asked at once. */
const MAX_QUESTIONS = 32;
/** It travels to the client and back. */
export const MAX_STATE_LENGTH = 65_536;

const asking = z.object({
  inputRequests: z
    .record(z.string().max(256), z.object({ method: z.string(), params: z.custom<JsonObject>(isFields).default({}) }))
    .refine((requests) => Object.keys(requests).length <= MAX_QUESTIONS)
    .default({}),
  requestState: z.string().max(MAX_STATE_LENGTH).optional(),
});

/**
 * What a result asks for; undefined for a result that is complete.
 *
 * @throws ServerRefusedError when it asks in a way that is not the protocol's
 */
export function readInputRequired(
  resultText: JsonText,
): { readonly questions: Questions; readonly state: string | undefined } | undefined {
  // Bytes are of a result without `resultType`.
  if (typeof resultText !== 'string') return undefined;
  // A search of the text tells nearly all of them; the name may also be written with escapes.
  if (!resultText.includes(INPUT_REQUIRED) && !resultText.includes('\\u00')) return undefined;
  const result: unknown = JSON.parse(resultText);
  if (!z.looseObject({ resultType: z.literal(INPUT_REQUIRED) }).safeParse(result).success) return undefined;
  const { data } = asking.safeParse(parseKept(resultText));
  if (data === undefined || (Object.keys(data.inputRequests).length === 0 && data.requestState === undefined)) {
    throw new ServerRefusedError('O servidor pediu algo de um modo que não é do protocolo.', INTERNAL_ERROR, {
      hint: 'O defeito é do servidor: avise quem o mantém.',
    });
  }
  return { questions: data.inputRequests, state: data.requestState };
}

export function inputRequiredText(questions: Questions, requestState: string): string {
  return exactJson({ resultType: INPUT_REQUIRED, inputRequests: questions, requestState });
}
