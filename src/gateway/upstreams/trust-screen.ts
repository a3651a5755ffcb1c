/** The trust room's judgement of an offer: hostile schemas out, changed tools in quarantine, hidden characters gone. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { z } from 'zod';
import { AppError } from '../../errors.ts';
import { exactJson, withListedNumbers } from '../../protocol/exact-number.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import { shorten } from '../../shorten.ts';
import { effectOfAnnotations } from '../routing/choose.ts';
import { capDescription } from '../trust/cap-result.ts';
import { cleanJson, cleanText } from '../trust/clean-text.ts';
import type { McpLockFile } from '../trust/mcp-lock-file.ts';
import { type Judgement, judgeTools, type Lock, type QuarantinedTool, type SeenTools } from '../trust/pins.ts';
import { schemaProblem } from '../trust/schema-check.ts';
import { EMPTY_OFFER, type Offer, type RawTool, rawPrompt, rawResource, rawTemplate, rawTool } from './offer.ts';
import type { HeldTool, OfferScreen, Screened } from './screen.ts';

/** In a turn of the event loop. */
const SLICE_TOOLS = 200;
/** No lock keeps it, so that nobody could ever approve it. */
const UNPINNABLE = '__proto__';
/** Of one kind of problem. */
const MAX_TOLD = 10;

export interface TrustOptions {
  /** Without it nothing is pinned: for places that keep no files. */
  readonly lock?: McpLockFile | undefined;
  /** Takes the gateway's credentials out of a text. */
  readonly scrub?: ((text: string) => string) | undefined;
  /** Told when a tool goes into quarantine, and when it comes out. */
  readonly onTrust?: ((event: TrustEvent) => void) | undefined;
}

/** `approved`: an operator agreed to the changed definition; `returned`: the server went back to the agreed one. */
export interface TrustEvent {
  readonly what: 'quarantined' | 'approved' | 'returned';
  readonly server: string;
  readonly tool: string;
}

export function trustScreen({ lock, scrub = unchanged, onTrust = () => {} }: TrustOptions): OfferScreen {
  const memory: Memory = { seen: new Map(), held: new Map(), tell: onTrust };
  return async (server, offer, otherFaces): Promise<Screened> => {
    const problems: string[] = [];
    const shownAs = [...otherFaces, ...offer.tools];
    const harmful = await harmfulOf(shownAs, scrub, problems);
    const harmless = (lock === undefined ? offer.tools : shownAs).filter(({ name }) => !harmful.has(name));
    const { admitted, held, again } = await agreed(server.id, harmless, problems, lock, memory);
    if (admitted === undefined) return { offer: EMPTY_OFFER, held, problems, quarantined: true, again };
    // One face that is agreed to does not make up for the other.
    const twoFaced = new Set(otherFaces.map(({ name }) => name));
    const agreedTo = admitted.filter(({ name }) => !twoFaced.has(name) || !held.some((one) => one.name === name));
    const cleaned: Offer = {
      tools: await inSlices(agreedTo, (tool) => ({ ...cleanItem(rawTool, tool), name: tool.name })),
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

async function harmfulOf(
  tools: readonly RawTool[],
  scrub: (text: string) => string,
  problems: string[],
): Promise<ReadonlySet<string>> {
  const found = await inSlices(tools, ({ name, inputSchema, outputSchema }) => {
    const problem =
      nameProblem(name, scrub) ??
      schemaProblem(inputSchema) ??
      (outputSchema === undefined ? undefined : schemaProblem(outputSchema));
    return problem === undefined ? undefined : { name, problem };
  });
  const harmful = found.filter((one) => one !== undefined);
  problems.push(...firstOf(harmful, ({ name, problem }) => `ferramenta ${shown(scrub(name))} recusada: ${problem}`));
  return new Set(harmful.map(({ name }) => name));
}

const unchanged = (text: string): string => text;

/** Under a name without it the tool could neither be called nor be known again in `mcp.lock`. */
function nameProblem(name: string, scrub: (text: string) => string): string | undefined {
  if (name === UNPINNABLE) return 'nome não aceito';
  return scrub(name) === name ? undefined : 'o nome traz uma credencial do gateway';
}

/** A server may offer thousands: others have their turn in between. */
async function inSlices<T, R>(items: readonly T[], of: (item: T) => R): Promise<R[]> {
  const made: R[] = [];
  for (const item of items) {
    made.push(of(item));
    if (made.length % SLICE_TOOLS === 0) await nextTurn();
  }
  return made;
}

/** What is told of many is told of the first ones, and how many there are besides. */
function firstOf<T>(items: readonly T[], tell: (item: T) => string): string[] {
  const told = items.slice(0, MAX_TOLD).map(tell);
  return items.length <= MAX_TOLD ? told : [...told, `e mais ${items.length - MAX_TOLD} do mesmo modo`];
}

/** By server. */
interface Memory {
  readonly seen: Map<string, SeenTools>;
  /** Names of those in quarantine. */
  readonly held: Map<string, ReadonlySet<string>>;
  readonly tell: (event: TrustEvent) => void;
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
  memory: Memory,
): Promise<Agreed> {
  if (lock === undefined) return { admitted: tools, held: [], again: false };
  // Definitions are pinned as the server wrote them: what is cleaned away afterwards may change too.
  try {
    const before = memory.seen.get(server);
    const judgement = await lock.update((known) => {
      // What waits in the lock at the first look went into quarantine in an earlier life, and was told of then.
      if (before === undefined) memory.held.set(server, waitingOf(known, server));
      return judgeTools(known, server, tools, 'first-use', before);
    });
    remember(server, judgement, memory);
    return { ...told(server, judgement, tools, problems), again: false };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    problems.push(thrown.message);
  }
  const known = await lock.readOrLast();
  if (known !== undefined) {
    return { ...told(server, judgeTools(known, server, tools, 'locked'), tools, problems), again: true };
  }
  const held = tools.map(({ name }) => ({ name, readOnly: false, why: 'unagreed' }) as const);
  return { admitted: undefined, held, again: true };
}

function waitingOf({ upstreams }: Lock, server: string): ReadonlySet<string> {
  const pins = Object.entries(upstreams).find(([id]) => id === server)?.[1] ?? {};
  return new Set(Object.entries(pins).flatMap(([name, { pending }]) => (pending === undefined ? [] : [name])));
}

function told(
  server: string,
  { admitted, quarantined }: Judgement<RawTool>,
  tools: readonly RawTool[],
  problems: string[],
): Pick<Agreed, 'held'> & { readonly admitted: readonly RawTool[] } {
  const why = (changes: readonly string[]): string => shorten(cleanText(changes.join('; ')), 300);
  problems.push(
    ...firstOf(quarantined, ({ name, changes }) => `ferramenta ${shown(name)} em quarentena: ${why(changes)}`),
  );
  if (quarantined.length > 0) problems.push(howToApprove(server));
  const facesOf = new Map<string, RawTool[]>();
  for (const tool of tools) {
    const faces = facesOf.get(tool.name);
    if (faces === undefined) facesOf.set(tool.name, [tool]);
    else faces.push(tool);
  }
  return { admitted, held: quarantined.map((one) => heldTool(one, facesOf.get(one.name) ?? [])) };
}

function remember(server: string, { quarantined, admitted, seen }: Judgement<RawTool>, memory: Memory): void {
  const before = memory.held.get(server) ?? new Set();
  const held = new Set(quarantined.map(({ name }) => name));
  for (const tool of held) if (!before.has(tool)) memory.tell({ what: 'quarantined', server, tool });
  for (const { name: tool } of admitted) {
    if (!before.has(tool) || held.has(tool)) continue;
    // What it shows is what was held back: it is the agreement that is another.
    const isSame = memory.seen.get(server)?.get(tool) === seen.get(tool);
    memory.tell({ what: isSame ? 'approved' : 'returned', server, tool });
  }
  memory.held.set(server, held);
  memory.seen.set(server, seen);
}

/** To the letter: whoever reads it has only to run it where the server finds the same `mcp.lock`. */
function howToApprove(server: string): string {
  const id = /^[\w.][\w.-]*$/.test(server) ? server : JSON.stringify(cleanText(server));
  return `na pasta e com as variáveis deste servidor, veja o que mudou com \`omie-mcp-hub gateway diff ${id}\` e, se concordar, aprove com \`omie-mcp-hub gateway approve ${id} --all\``;
}

function heldTool({ name, agreed: before }: QuarantinedTool, shownAs: readonly RawTool[]): HeldTool {
  const faces = [...(before === undefined ? [] : [before]), ...shownAs];
  const readOnly = faces.every(({ annotations }) => effectOfAnnotations(asAnnotations(annotations)) === 'read');
  return { name, readOnly, why: before === undefined ? 'unagreed' : 'changed' };
}

const asAnnotations = (annotations: unknown) => (isFields(annotations) ? annotations : undefined);

function cleanItem<T extends { description?: string | undefined }>(schema: z.ZodType<T>, item: T): T {
  const text = exactJson(item);
  const clean = cleanJson(text);
  return capDescription(clean === text ? item : schema.parse(withListedNumbers(clean, JSON.parse(clean))));
}

const shown = (name: string): string => `"${shorten(cleanText(name), 80)}"`;
