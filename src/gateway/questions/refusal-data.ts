/**
 * The `data` of an upstream's JSON-RPC error, as far as clients act upon it: the shapes that the specification gives it,
 * member by member, their texts cleaned and cut. Whatever else an upstream says there stays here.
 */
import { z } from 'zod';
import {
  INVALID_PARAMS,
  MISSING_CAPABILITY,
  RESOURCE_NOT_FOUND,
  URL_ELICITATION_REQUIRED,
} from '../../protocol/error-codes.ts';
import { shorten } from '../../shorten.ts';
import { mountedUri } from '../naming/uris.ts';
import { cleanText } from '../trust/clean-text.ts';
import { isWebPage } from './fit-question.ts';

const MAX_WORDS = 2_000;
const MAX_PAGES = 8;

const words = z.string().transform((text) => shorten(cleanText(text), MAX_WORDS));
const page = z.object({
  mode: z.literal('url'),
  elicitationId: z.string().max(256).optional(),
  url: z.string().max(8_192).refine(isWebPage),
  message: words,
});
export type Page = z.output<typeof page>;

/** Declared or not: no more than names and empty objects two levels deep cross. */
const capability = z.record(z.string().max(64), z.object({}));
const capabilities = z.record(z.enum(['elicitation', 'sampling', 'roots']).or(z.string().max(64)), capability);

/** The pages that must be opened before a call can work (2025-11-25, "URL Mode Elicitation Required"); those that are none are left out. */
export function requiredPages(data: unknown): Page[] {
  const { data: read } = z.object({ elicitations: z.array(z.unknown()) }).safeParse(data);
  return (read?.elicitations ?? []).slice(0, MAX_PAGES).flatMap((one) => {
    const parsed = page.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
}

/** @param domain the one whose URIs ours begin with. @returns undefined where clients need none of it */
export function refusalData(
  code: number,
  data: unknown,
  domain: string,
): Readonly<Record<string, unknown>> | undefined {
  switch (code) {
    case URL_ELICITATION_REQUIRED: {
      const elicitations = requiredPages(data);
      return elicitations.length === 0 ? undefined : { elicitations };
    }
    case MISSING_CAPABILITY: {
      const { data: read } = z.object({ requiredCapabilities: capabilities }).safeParse(data);
      return read;
    }
    case RESOURCE_NOT_FOUND:
    case INVALID_PARAMS: {
      const { data: read } = z.object({ uri: z.string().max(4_096) }).safeParse(data);
      return read === undefined ? undefined : { uri: mountedUri(domain, cleanText(read.uri)) };
    }
    default:
      return undefined;
  }
}
