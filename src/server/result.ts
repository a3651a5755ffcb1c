import { exactJson, parseExactly } from '../protocol/exact-number.ts';
import { type Fields, isFields } from '../protocol/json-rpc.ts';
import { SERVER_INFO_META_KEY } from '../protocol/meta-keys.ts';
import { parseFields } from '../protocol/parse-fields.ts';
import type { Era } from '../protocol/revisions.ts';
import type { JsonObject, OwnOutcome, ToolOutcome } from '../tools/tool-source.ts';
import { forwardedResultText } from './forwarded-result.ts';
import type { Scrub } from './server-parts.ts';
import { withoutSecrets } from './without-secrets.ts';

/** The one place where a tool's outcome becomes MCP content: the text is the structured object, as JSON. */
export function toCallToolResult(outcome: ToolOutcome, serverInfo: JsonObject, scrub?: Scrub): Fields {
  // What 2026-07-28 wants at the end of a result the SDK adds itself, but not to one that asks for something first.
  if (outcome.forwarded !== undefined) {
    const era = outcome.asks === true ? 'modern' : 'legacy';
    const result = parseFields(withoutSecrets(forwardedResultText(outcome, era, serverInfo), scrub));
    const { content } = result;
    if (Array.isArray(content)) {
      for (const item of content) roundChecked(item);
    }
    return result;
  }
  const { structured, isError } = outcome;
  const text = exactJson(structured);
  const clean = withoutSecrets(text, scrub);
  const result: Fields = {
    content: [{ type: 'text', text: clean }],
    structuredContent: clean === text ? structured : parseExactly(clean),
  };
  if (isError) result['isError'] = true;
  return result;
}

/** The numbers of a piece of content that the SDK checks to be numbers: it would refuse the result of a call that was done. */
function roundChecked(item: unknown): void {
  for (const holder of isFields(item) ? [item, item['resource']] : []) {
    if (!isFields(holder)) continue;
    for (const key of ['annotations', 'size']) {
      if (holder[key] !== undefined) holder[key] = JSON.parse(exactJson(holder[key]));
    }
  }
}

/** {@link toCallToolResult} as JSON text, with the structured object stringified once and used twice. */
export function callToolResultText(outcome: OwnOutcome, closing: string, scrub?: Scrub): string {
  const json = withoutSecrets(exactJson(outcome.structured), scrub);
  const flag = outcome.isError ? ',"isError":true' : '';
  return `{"content":[{"type":"text","text":${JSON.stringify(json)}}],"structuredContent":${json}${flag}${closing}`;
}

/**
 * How a `tools/call` result ends. 2026-07-28 adds the discriminator every result has and, in `_meta`, who answered
 * ("Results" and "serverInfo on every response" of that revision); older revisions just close the object.
 */
export function resultClosing(era: Era, serverInfo: JsonObject): string {
  if (era === 'legacy') return '}';
  return `,"resultType":"complete","_meta":{${JSON.stringify(SERVER_INFO_META_KEY)}:${JSON.stringify(serverInfo)}}}`;
}
