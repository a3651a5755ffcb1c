/** Whether an answer is the result that its method has, told by its outermost members: all that is needed to pass it on. */
import { isDeeperThan } from '../../json-depth.ts';
import { isFields, type JsonText } from '../../protocol/json-rpc.ts';
import { COMPLETE, PROMPTS_GET, RESOURCES_READ, type ServedMethod, TOOLS_CALL } from '../../protocol/methods.ts';
import { jsonMembers } from '../json-members.ts';
import { MAX_LEVELS } from '../links/read-message.ts';

/** As nearly every server begins the result of a tool: proof enough, and no need to look at the rest. */
const USUAL = ['{"content":[{"type":"', '{"content":[]'];
const LONGEST_HEAD = 32;

/** The member that a complete result cannot be without, and how it begins. */
const NEEDED = {
  [RESOURCES_READ]: ['contents', '['],
  [PROMPTS_GET]: ['messages', '['],
  [COMPLETE]: ['completion', '{'],
} as const;

/** @param answer valid JSON of one object */
export function isResultOf(method: ServedMethod, answer: JsonText): boolean {
  // Bytes were proven to be shallower.
  if (typeof answer === 'string' && isDeeperThan(answer, MAX_LEVELS)) return false;
  const beginning = typeof answer === 'string' ? answer : answer.toString('latin1', 0, LONGEST_HEAD);
  const usual = method === TOOLS_CALL && USUAL.some((head) => beginning.startsWith(head));
  // Of bytes it is known that they say nothing of an error.
  if (usual && (typeof answer !== 'string' || !mayFlag(answer))) return true;
  const text = answer.toString();
  const members = jsonMembers(text) ?? [];
  const member = (name: string): string | undefined => {
    const found = members.findLast(({ key }) => key === name);
    return found === undefined ? undefined : text.slice(found.start, found.end);
  };
  const kind = member('resultType');
  // Others than a complete one are read by whoever knows them.
  if (kind !== undefined && kind !== '"complete"') return true;
  if (method === TOOLS_CALL) {
    // A text `"true"` is success to some clients, failure to others, and a breach of the protocol to the rest.
    return isFlag(member('isError')) && isToolResult(member('content'), member('structuredContent'));
  }
  const [name, head] = NEEDED[method];
  return member(name)?.startsWith(head) === true;
}

/** The name may also be written with escapes. */
function mayFlag(text: string): boolean {
  return text.includes('isError') || text.includes('\\u00');
}

/** Some write null for what they leave out. */
const isFlag = (flag: string | undefined): boolean =>
  flag === undefined || flag === 'true' || flag === 'false' || flag === 'null';

/** Some servers leave `content` out where there is structured content, and clients take it. */
function isToolResult(content: string | undefined, structured: string | undefined): boolean {
  if (content === undefined) return structured?.startsWith('{') === true;
  const items: unknown = JSON.parse(content);
  return Array.isArray(items) && items.every((item: unknown) => isFields(item) && typeof item['type'] === 'string');
}
