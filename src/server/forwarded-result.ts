import { jsonMembers } from '../gateway/json-members.ts';
import { SERVER_INFO_META_KEY } from '../protocol/meta-keys.ts';
import { SERVED_BY_META_KEY } from '../protocol/own-meta-keys.ts';
import type { Era } from '../protocol/revisions.ts';
import type { ForwardedOutcome, JsonObject } from '../tools/tool-source.ts';

/**
 * The result of a mounted server as our client's era wants it, byte for byte but for the end: who served it, and for
 * 2026-07-28 the discriminator and our own name. Only a result that has such members of its own is taken apart, member
 * by member, at its outermost level.
 *
 * @param forwarded valid JSON
 */
export function forwardedResultText(
  { forwarded: given, servedBy }: Forwarded,
  era: Era,
  serverInfo: JsonObject,
): string {
  const forwarded = given.toString();
  if (typeof given === 'string' && mayHaveOwnClosing(forwarded)) {
    const ours = metaOf(servedBy, era, serverInfo);
    const members = jsonMembers(forwarded) ?? [];
    const others = members.filter(({ key }) => key !== '_meta' && key !== 'resultType');
    const parts = others.map(({ key, start, end }) => `${JSON.stringify(key)}:${forwarded.slice(start, end)}`);
    const textOf = (name: string): string | undefined => {
      const member = members.findLast(({ key }) => key === name);
      return member === undefined ? undefined : forwarded.slice(member.start, member.end);
    };
    const kind = textOf('resultType') ?? 'null';
    if (era === 'modern') parts.push(`"resultType":${kind === 'null' ? '"complete"' : kind}`);
    parts.push(`"_meta":{${[...theirMeta(textOf('_meta') ?? '{}'), ...membersOf(ours)].join(',')}}`);
    return `{${parts.join(',')}}`;
  }
  const before = forwarded.slice(0, forwarded.lastIndexOf('}'));
  const comma = before.trimEnd().endsWith('{') ? '' : ',';
  return `${before}${comma}${closingMembers(servedBy, era, serverInfo)}}`;
}

type Forwarded = Pick<ForwardedOutcome, 'forwarded' | 'servedBy'>;

/** What is added to a result that has no such members of its own, at its end. */
export function closingMembers(servedBy: string, era: Era, serverInfo: JsonObject): string {
  const kind = era === 'modern' ? '"resultType":"complete",' : '';
  return `${kind}"_meta":${JSON.stringify(metaOf(servedBy, era, serverInfo))}`;
}

function metaOf(servedBy: string, era: Era, serverInfo: JsonObject): JsonObject {
  return {
    ...(era === 'modern' ? { [SERVER_INFO_META_KEY]: serverInfo } : {}),
    ...(servedBy === '' ? {} : { [SERVED_BY_META_KEY]: servedBy }),
  };
}

/** A search of the whole text, which costs far less than walking it; names may also be written with escapes. */
function mayHaveOwnClosing(text: string): boolean {
  return text.includes('"_meta"') || text.includes('"resultType"') || text.includes('\\u00');
}

/** Their members of `_meta` as they were written: what is nested too deep to be written again passes too. */
function theirMeta(text: string): string[] {
  const last = new Map((jsonMembers(text) ?? []).map((member) => [member.key, member]));
  last.delete(SERVER_INFO_META_KEY);
  last.delete(SERVED_BY_META_KEY);
  return [...last.values()].map(({ key, start, end }) => `${JSON.stringify(key)}:${text.slice(start, end)}`);
}

function membersOf(fields: JsonObject): string[] {
  return Object.entries(fields).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
}
