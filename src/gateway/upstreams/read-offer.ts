/** Asks an upstream for everything it offers, page by page. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { METHOD_NOT_FOUND } from '../../protocol/error-codes.ts';
import { MAX_EXACT_NUMBERS, TooManyExactNumbersError, withListedNumbers } from '../../protocol/exact-number.ts';
import { PROMPTS_LIST, RESOURCES_LIST, TEMPLATES_LIST, TOOLS_LIST } from '../../protocol/methods.ts';
import type { JsonObject, Link, LinkRequestOptions } from '../links/link.ts';
import { MalformedAnswerError, UpstreamAnswerError } from '../links/link-errors.ts';
import { type Offer, type RawTool, rawPrompt, rawResource, rawTemplate, rawTool } from './offer.ts';
import { singleTools } from './repeated-tools.ts';

/** More than any server has a reason to offer; a list without end must not fill the memory. */
export const MAX_ITEMS = 10_000;
const MAX_PAGES = 200;
/** So many in a turn of the event loop. */
const SLICE_ITEMS = 500;

export interface ReadOffer {
  readonly offer: Offer;
  /** What was left out, in Portuguese. */
  readonly problems: readonly string[];
}

type Timing = Pick<LinkRequestOptions, 'signal' | 'timeoutMs'>;

/** @throws as {@link Link.request}, when a list that the upstream declares cannot be read */
export async function readOffer(link: Link, timing: Timing): Promise<ReadOffer> {
  const { tools, resources, prompts, completions } = link.info.capabilities;
  const problems: string[] = [];
  const list = async <T>(declared: unknown, method: string, key: string, item: z.ZodType<T>): Promise<T[]> => {
    try {
      return declared === undefined ? [] : await readList(link, { method, key, item }, timing, problems);
    } catch (thrown) {
      if (thrown instanceof UpstreamAnswerError) thrown.list = method;
      throw thrown;
    }
  };
  const [foundTools, foundResources, foundTemplates, foundPrompts] = await Promise.all([
    list(tools, TOOLS_LIST, 'tools', rawTool),
    list(resources, RESOURCES_LIST, 'resources', rawResource),
    list(resources, TEMPLATES_LIST, 'resourceTemplates', rawTemplate),
    list(prompts, PROMPTS_LIST, 'prompts', rawPrompt),
  ]);
  const { tools: single, problem } = singleTools(foundTools);
  if (problem !== undefined) problems.push(problem);
  const offer = {
    tools: single,
    resources: foundResources,
    templates: foundTemplates,
    prompts: foundPrompts,
    completions: completions !== undefined,
  };
  return { offer, problems };
}

/** The tools alone, as listed, e.g. of another conversation with the same server. @throws as {@link readOffer} */
export async function readTools(link: Link, timing: Timing): Promise<readonly RawTool[]> {
  if (link.info.capabilities['tools'] === undefined) return [];
  return readList(link, { method: TOOLS_LIST, key: 'tools', item: rawTool }, timing, []);
}

interface ListKind<T> {
  readonly method: string;
  readonly key: string;
  readonly item: z.ZodType<T>;
}

async function readList<T>(
  link: Link,
  { method, key, item }: ListKind<T>,
  timing: Timing,
  problems: string[],
): Promise<T[]> {
  const found: T[] = [];
  const seen = new Set<string>();
  let malformed = 0;
  let anyRounded = false;
  let params: JsonObject = {};
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, nextCursor, rounded } = await readPage(link, method, key, params, timing);
    if (rounded && !anyRounded) problems.push(`${method}: ${ROUNDED}`);
    anyRounded ||= rounded;
    let seenOfPage = 0;
    for (const candidate of items) {
      if (found.length >= MAX_ITEMS) break;
      if (seenOfPage > 0 && seenOfPage % SLICE_ITEMS === 0) await nextTurn();
      seenOfPage += 1;
      const parsed = item.safeParse(candidate);
      if (parsed.success) found.push(parsed.data);
      else malformed += 1;
    }
    const surplus = items.length - seenOfPage;
    if (malformed > 0 && nextCursor === undefined) problems.push(`${method}: ${malformed} fora do protocolo`);
    if (surplus > 0) problems.push(`${method}: são mais de ${MAX_ITEMS}; ficaram os primeiros`);
    if (nextCursor === undefined || surplus > 0) return found;
    // A server that answers with a cursor it gave before would keep us for ever.
    if (found.length >= MAX_ITEMS || seen.has(nextCursor)) break;
    seen.add(nextCursor);
    params = { cursor: nextCursor };
  }
  problems.push(`${method}: a lista não termina; ficaram ${found.length}`);
  return found;
}

interface Page {
  readonly items: readonly unknown[];
  readonly nextCursor: string | undefined;
  /** Its numbers are what a double holds of them. */
  readonly rounded: boolean;
}

const ROUNDED = `mais de ${MAX_EXACT_NUMBERS} números com dígitos demais para um double numa página; os dela vão arredondados`;

const pageOf = z.looseObject({ nextCursor: z.string().nullish() });

async function readPage(link: Link, method: string, key: string, params: JsonObject, timing: Timing): Promise<Page> {
  try {
    const text = await link.request(method, params, timing);
    const page: unknown = JSON.parse(text);
    const listed = listedPage(text, page);
    const parsed = pageOf.safeParse(listed ?? page);
    const items = parsed.data?.[key];
    if (!parsed.success || !Array.isArray(items)) throw new MalformedAnswerError();
    return { items, nextCursor: parsed.data.nextCursor ?? undefined, rounded: listed === undefined };
  } catch (thrown) {
    // Templates belong to the capability "resources", and many servers that have resources know no templates.
    if (thrown instanceof UpstreamAnswerError && thrown.code === METHOD_NOT_FOUND)
      return { items: [], nextCursor: undefined, rounded: false };
    throw thrown;
  }
}

/** Undefined where it has more exact numbers than are kept of one message. */
function listedPage(text: string, page: unknown): unknown {
  try {
    return withListedNumbers(text, page);
  } catch (thrown) {
    if (thrown instanceof TooManyExactNumbersError) return undefined;
    throw thrown;
  }
}
