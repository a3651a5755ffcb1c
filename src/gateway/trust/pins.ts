/**
 * Trust on first use, for tools: the definition somebody agreed to is the definition that is served. A server that
 * shows one description while it is looked at and another afterwards ("rug pull") loses that tool until a person has
 * read what changed.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { exactJson } from '../../protocol/exact-number.ts';
import { canonicalJson } from './canonical-json.ts';
import { type Difference, toolDiff, toolDifferences } from './tool-diff.ts';

/** Everything of a tool that tells a model what it is and when to use it. */
const definition = z.object({
  name: z.string(),
  title: z.unknown().optional(),
  description: z.unknown().optional(),
  inputSchema: z.unknown().optional(),
  outputSchema: z.unknown().optional(),
  annotations: z.unknown().optional(),
});
export type ToolDefinition = z.infer<typeof definition>;

const pin = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), definition });
const pinnedTool = pin.extend({
  /** The changed definition that waits for approval. */
  pending: pin.optional(),
});
const upstreamPins = z.record(z.string(), pinnedTool);

/** `mcp.lock`: by upstream id and tool name. */
export const lockSchema = z.object({ version: z.literal(1), upstreams: z.record(z.string(), upstreamPins) });
export type Lock = z.infer<typeof lockSchema>;
export type PinnedTool = z.infer<typeof pinnedTool>;
type Pin = z.infer<typeof pin>;

export const emptyLock: Lock = { version: 1, upstreams: {} };

/** Of one server, with those that vanished: more than any has a reason to offer, and still a file that can be read. */
export const MAX_PINS = 2_000;
/** Of one server's definitions together, those that wait for approval too, in characters of JSON. */
export const MAX_PINNED_LENGTH = 8 * 1024 * 1024;

export interface QuarantinedTool {
  readonly name: string;
  /** What changed, one readable line each. */
  readonly changes: readonly string[];
  /** What somebody agreed to under that name; absent when nobody did. */
  readonly agreed?: ToolDefinition;
}

export interface Judgement<Tool> {
  /** Safe to offer. */
  readonly admitted: readonly Tool[];
  readonly quarantined: readonly QuarantinedTool[];
  /** Seen for the first time and pinned by this judgement. */
  readonly added: readonly string[];
  /** The lock to keep; the very same object when nothing has to be written. */
  readonly lock: Lock;
  /** What was looked at now, for the next judgement of the same process. */
  readonly seen: SeenTools;
}

/** By tool name, the SHA-256 of the definition that it had. */
export type SeenTools = ReadonlyMap<string, string>;

/**
 * `first-use`: what was never seen is pinned and offered. `locked`: it is quarantined like a change, for when the lock file
 * can be read and not written.
 */
type PinPolicy = 'first-use' | 'locked';

/**
 * Compares an upstream's tools, as it listed them and before any cleaning, with what is pinned. A tool that vanished stays
 * pinned: if it comes back it must be the same. Pure; the caller keeps the lock.
 *
 * Several processes may share a lock and see different definitions, e.g. while a server is being upgraded. What waits for
 * approval is therefore taken out or replaced by who put it there alone, and by who looks for the first time: a living
 * process that sees otherwise puts its own back.
 *
 * @param tools none of them `__proto__`, the one name that a record of JSON cannot be trusted to keep
 * @param before what this process saw when it last judged this upstream
 */
export function judgeTools<Tool extends { readonly name: string }>(
  lock: Lock,
  upstream: string,
  tools: readonly Tool[],
  policy: PinPolicy = 'first-use',
  before: SeenTools = new Map(),
): Judgement<Tool> {
  const pins = new Map(Object.entries(own(lock.upstreams, upstream) ?? {}));
  const admitted: Tool[] = [];
  const quarantined: QuarantinedTool[] = [];
  const held = new Set<string>();
  const hold = (one: QuarantinedTool): void => {
    quarantined.push(one);
    held.add(one.name);
  };
  const added: string[] = [];
  const seenNow = new Map<string, string>();
  let changed = false;
  const keep = (name: string, kept: PinnedTool): void => {
    pins.set(name, kept);
    changed = true;
  };
  const isOurs = (name: string, { sha256 }: Pin): boolean => [undefined, sha256].includes(before.get(name));
  let length: number | undefined;
  /** A server that offers other tools each time would fill the file, which every judgement reads. */
  const hasRoom = (seen: PinnedTool, replaced?: Pin): boolean => {
    length ??= [...pins.values()].reduce((sum, one) => sum + lengthOf(one), 0);
    const then = length + lengthOf(seen) - (replaced === undefined ? 0 : lengthOf(replaced));
    if (then > MAX_PINNED_LENGTH) return false;
    length = then;
    return true;
  };
  for (const tool of tools) {
    // Shown under another definition besides, which waits: that this one is the agreed one makes up for nothing.
    if (held.has(tool.name)) continue;
    const seen = pinOf(tool);
    if (seen === undefined) {
      hold({ name: tool.name, changes: ['definição profunda demais para ser conferida'] });
      continue;
    }
    seenNow.set(tool.name, seen.sha256);
    const known = pins.get(tool.name);
    if (known === undefined && policy === 'first-use') {
      if (pins.size >= MAX_PINS || !hasRoom(seen)) {
        hold({ name: tool.name, changes: ['não cabe no mcp.lock: o servidor já tem ferramentas demais'] });
        continue;
      }
      keep(tool.name, seen);
      added.push(tool.name);
      admitted.push(tool);
    } else if (known === undefined) hold({ name: tool.name, changes: ['ferramenta nova, ainda não aprovada'] });
    else if (known.sha256 === seen.sha256) {
      // It went back to what was agreed: nothing waits any more.
      if (known.pending !== undefined && isOurs(tool.name, known.pending))
        keep(tool.name, { sha256: known.sha256, definition: known.definition });
      admitted.push(tool);
    } else {
      const { pending, definition: agreed } = known;
      const isNews = pending === undefined || (pending.sha256 !== seen.sha256 && isOurs(tool.name, pending));
      // Without room it is held back all the same, and cannot be approved.
      if (isNews && hasRoom(seen, pending)) keep(tool.name, { ...known, pending: seen });
      hold({ name: tool.name, changes: toolDiff(agreed, seen.definition), agreed });
    }
  }
  // Of two faces one took out what the other put back.
  const isOther = changed && !isDeepStrictEqual(own(lock.upstreams, upstream), Object.fromEntries(pins));
  return { admitted, quarantined, added, seen: seenNow, lock: isOther ? withPins(lock, upstream, pins) : lock };
}

/** A changed definition that waits for approval. */
export interface WaitingTool {
  readonly upstream: string;
  readonly name: string;
  /** Of the definition that waits: whoever agrees, agrees to this one. */
  readonly sha256: string;
  readonly differences: readonly Difference[];
}

/** All that waits for approval. */
export function waitingTools(lock: Lock): WaitingTool[] {
  return Object.entries(lock.upstreams).flatMap(([upstream, pins]) =>
    Object.entries(pins).flatMap(([name, { definition: before, pending }]) =>
      pending === undefined
        ? []
        : [{ upstream, name, sha256: pending.sha256, differences: toolDifferences(before, pending.definition) }],
    ),
  );
}

export interface Approval {
  readonly lock: Lock;
  readonly approved: readonly WaitingTool[];
  /** Somebody else agreed to the very same meanwhile. */
  readonly agreedAlready: readonly WaitingTool[];
  /** It waits no more: its server went back to what was agreed before, or is forgotten. */
  readonly gone: readonly WaitingTool[];
  /** No longer what was shown: it changed again. */
  readonly changed: readonly WaitingTool[];
}

/** Makes waiting definitions the agreed ones, exactly those that were shown. None does: the very same lock. */
export function approveTools(lock: Lock, shown: readonly WaitingTool[]): Approval {
  const approved: WaitingTool[] = [];
  const agreedAlready: WaitingTool[] = [];
  const gone: WaitingTool[] = [];
  const changed: WaitingTool[] = [];
  let next = lock;
  for (const tool of shown) {
    const pins = new Map(Object.entries(own(next.upstreams, tool.upstream) ?? {}));
    const known = pins.get(tool.name);
    if (known?.pending?.sha256 === tool.sha256) {
      next = withPins(next, tool.upstream, pins.set(tool.name, known.pending));
      approved.push(tool);
    } else if (known?.sha256 === tool.sha256) agreedAlready.push(tool);
    else (known?.pending === undefined ? gone : changed).push(tool);
  }
  return { lock: next, approved, agreedAlready, gone, changed };
}

/** Whether both would be pinned alike. */
export function isSameDefinition(one: { readonly name: string }, other: { readonly name: string }): boolean {
  const sha256 = pinOf(one)?.sha256;
  return sha256 !== undefined && sha256 === pinOf(other)?.sha256;
}

function pinOf(tool: { readonly name: string }): PinnedTool | undefined {
  const agreed = definition.parse(tool);
  const text = canonicalJson(agreed);
  return text === undefined
    ? undefined
    : { sha256: createHash('sha256').update(text).digest('hex'), definition: agreed };
}

const lengthOf = (kept: PinnedTool | Pin): number => exactJson(kept).length;

function withPins(lock: Lock, upstream: string, pins: ReadonlyMap<string, PinnedTool>): Lock {
  const upstreams = new Map(Object.entries(lock.upstreams)).set(upstream, Object.fromEntries(pins));
  return { ...lock, upstreams: Object.fromEntries(upstreams) };
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
