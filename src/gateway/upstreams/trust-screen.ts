/** The trust room's judgement of an offer: hostile schemas out, changed tools in quarantine, hidden characters gone. */
import type { z } from 'zod';
import { AppError } from '../../errors.ts';
import { isRecord } from '../../files/read-json.ts';
import { effectOfAnnotations } from '../routing/choose.ts';
import { capDescription } from '../trust/cap-result.ts';
import { cleanJson, cleanText, shorten } from '../trust/clean-text.ts';
import type { McpLockFile } from '../trust/mcp-lock-file.ts';
import { type Judgement, judgeTools, type QuarantinedTool, type SeenTools } from '../trust/pins.ts';
import { schemaProblem } from '../trust/schema-check.ts';
import { EMPTY_OFFER, type Offer, type RawTool, rawPrompt, rawResource, rawTemplate, rawTool } from './offer.ts';
import type { HeldTool, OfferScreen, Screened } from './screen.ts';

export interface TrustOptions {
  /** Without it nothing is pinned: for places that keep no files. */
  readonly lock?: McpLockFile | undefined;
}

export function trustScreen({ lock }: TrustOptions): OfferScreen {
  const seen = new Map<string, SeenTools>();
  return async (server, offer, otherFaces): Promise<Screened> => {
    const problems: string[] = [];
    const shownAs = [...otherFaces, ...offer.tools];
    const harmful = new Set(shownAs.filter((tool) => !isHarmless(tool, problems)).map(({ name }) => name));
    const harmless = (lock === undefined ? offer.tools : shownAs).filter(({ name }) => !harmful.has(name));
    const { admitted, held, again } = await agreed(server.id, harmless, problems, lock, seen);
    if (admitted === undefined) return { offer: EMPTY_OFFER, held, problems, quarantined: true, again };
    // One face that is agreed to does not make up for the other.
    const twoFaced = new Set(otherFaces.map(({ name }) => name));
    const agreedTo = admitted.filter(({ name }) => !twoFaced.has(name) || !held.some((one) => one.name === name));
    const cleaned: Offer = {
      tools: agreedTo.map((tool) => ({ ...cleanItem(rawTool, tool), name: tool.name })),
      resources: offer.resources.map((one) => ({ ...cleanItem(rawResource, one), uri: one.uri })),
      templates: offer.templates.map((one) => ({ ...cleanItem(rawTemplate, one), uriTemplate: one.uriTemplate })),
      prompts: offer.prompts.map((one) => ({ ...cleanItem(rawPrompt, one), name: one.name })),
      completions: offer.completions,
    };
    const { tools, resources, templates, prompts } = cleaned;
    const nothingLeft = tools.length + resources.length + templates.length + prompts.length === 0;
    return { offer: cleaned, held, problems, quarantined: nothingLeft && offer.tools.length > 0, again };
  };
}

function isHarmless({ name, inputSchema, outputSchema }: RawTool, problems: string[]): boolean {
  const problem = schemaProblem(inputSchema) ?? (outputSchema === undefined ? undefined : schemaProblem(outputSchema));
  if (problem !== undefined) problems.push(`ferramenta ${shown(name)} recusada: ${problem}`);
  return problem === undefined;
}

interface Agreed {
  /** Undefined when nobody can say, because the lock cannot be read and never could. */
  readonly admitted: readonly RawTool[] | undefined;
  readonly held: readonly HeldTool[];
  readonly again: boolean;
}

/**
 * Those that are as somebody agreed to them. Where a new pin cannot be kept, what is pinned already is still agreed to; so is
 * what was when the lock could be read last.
 */
async function agreed(
  server: string,
  tools: readonly RawTool[],
  problems: string[],
  lock: McpLockFile | undefined,
  seen: Map<string, SeenTools>,
): Promise<Agreed> {
  if (lock === undefined) return { admitted: tools, held: [], again: false };
  // Definitions are pinned as the server wrote them: what is cleaned away afterwards may change too.
  try {
    const before = seen.get(server);
    const judgement = await lock.update((known) => judgeTools(known, server, tools, 'first-use', before));
    seen.set(server, judgement.seen);
    return { ...told(judgement, tools, problems), again: false };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    problems.push(thrown.message);
  }
  const known = await lock.readOrLast();
  if (known !== undefined) return { ...told(judgeTools(known, server, tools, 'locked'), tools, problems), again: true };
  const held = tools.map(({ name }) => ({ name, readOnly: false, why: 'unagreed' }) as const);
  return { admitted: undefined, held, again: true };
}

function told(
  { admitted, quarantined }: Judgement<RawTool>,
  tools: readonly RawTool[],
  problems: string[],
): Pick<Agreed, 'held'> & { readonly admitted: readonly RawTool[] } {
  for (const { name, changes } of quarantined) {
    problems.push(`ferramenta ${shown(name)} em quarentena: ${shorten(cleanText(changes.join('; ')), 300)}`);
  }
  if (quarantined.length > 0) problems.push('veja e aprove com `omie-mcp-hub gateway diff` e `gateway approve`');
  return { admitted, held: quarantined.map((one) => heldTool(one, tools)) };
}

function heldTool({ name, agreed: before }: QuarantinedTool, tools: readonly RawTool[]): HeldTool {
  const faces = [...(before === undefined ? [] : [before]), ...tools.filter((tool) => tool.name === name)];
  const readOnly = faces.every(({ annotations }) => effectOfAnnotations(asAnnotations(annotations)) === 'read');
  return { name, readOnly, why: before === undefined ? 'unagreed' : 'changed' };
}

const asAnnotations = (annotations: unknown) => (isRecord(annotations) ? annotations : undefined);

function cleanItem<T extends { description?: string | undefined }>(schema: z.ZodType<T>, item: T): T {
  const text = JSON.stringify(item);
  const clean = cleanJson(text);
  return capDescription(clean === text ? item : schema.parse(JSON.parse(clean)));
}

const shown = (name: string): string => `"${shorten(cleanText(name), 80)}"`;
