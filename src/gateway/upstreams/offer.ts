/** What an upstream offers, as it wrote it: only the keys we act on are checked, everything else passes untouched. */
import { z } from 'zod';
import { ExactNumber } from '../../protocol/exact-number.ts';
import { type Fields, isFields } from '../../protocol/json-rpc.ts';

const text = z.string().min(1).max(4_096);
/** Unlike a loose object, no ExactNumber. */
const object = z.custom<Fields>(isFields);

export const rawTool = z.looseObject({
  name: text,
  description: z.string().optional(),
  inputSchema: z.looseObject({ type: z.literal('object') }),
  outputSchema: object.optional(),
  annotations: object.pipe(z.looseObject({ readOnlyHint: z.boolean().optional() })).optional(),
  _meta: object.optional(),
});
export const rawResource = z.looseObject({
  uri: text,
  name: z.string(),
  description: z.string().optional(),
  mimeType: z.string().optional(),
  size: z.union([z.number(), z.instanceof(ExactNumber)]).optional(),
  _meta: object.optional(),
});
export const rawTemplate = z.looseObject({
  uriTemplate: text,
  name: z.string(),
  description: z.string().optional(),
  mimeType: z.string().optional(),
  _meta: object.optional(),
});
export const rawPrompt = z.looseObject({
  name: text,
  description: z.string().optional(),
  arguments: z.array(z.looseObject({ name: z.string() })).optional(),
  _meta: object.optional(),
});

export type RawTool = Readonly<z.output<typeof rawTool>>;
export type RawResource = Readonly<z.output<typeof rawResource>>;
export type RawTemplate = Readonly<z.output<typeof rawTemplate>>;
export type RawPrompt = Readonly<z.output<typeof rawPrompt>>;

export interface Offer {
  readonly tools: readonly RawTool[];
  readonly resources: readonly RawResource[];
  readonly templates: readonly RawTemplate[];
  readonly prompts: readonly RawPrompt[];
  /** It completes arguments of its prompts and templates. */
  readonly completions: boolean;
}

export const EMPTY_OFFER: Offer = Object.freeze({
  tools: [],
  resources: [],
  templates: [],
  prompts: [],
  completions: false,
});
