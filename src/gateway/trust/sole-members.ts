import { jsonMembers } from '../json-members.ts';

/** Members of results that somebody acts upon: with two of one name, one program may read the first and another the last. */
const READ = ['"content"', '"structuredContent"', '"isError"', '"contents"', '"messages"'];

/**
 * The same result without those of its outermost members that one of the same name follows, as `JSON.parse` reads it. Itself
 * when there are none, which two searches for each name nearly always tell.
 *
 * @param json valid JSON of one object, in the usual spelling
 */
export function soleMembers(json: string): string {
  if (!READ.some((name) => isRepeated(json, name))) return json;
  const members = jsonMembers(json) ?? [];
  const last = new Map(members.map((member) => [member.key, member]));
  if (last.size === members.length) return json;
  const kept = [...last.values()].map(({ key, start, end }) => `${JSON.stringify(key)}:${json.slice(start, end)}`);
  return `{${kept.join(',')}}`;
}

function isRepeated(json: string, name: string): boolean {
  const first = json.indexOf(name);
  return first !== -1 && json.includes(name, first + name.length);
}
