import { exactJson, parseExactly } from '../../protocol/exact-number.ts';
import type { ForwardedOutcome } from '../../tools/tool-source.ts';
import { jsonMembers } from '../json-members.ts';
import { readInputRequired } from '../questions/input-required.ts';
import type { FittedResult } from './forwarder.ts';
import { mountContent } from './mount-content.ts';

/**
 * A tool's result as it came, but for pointers to resources, which must lead back here. Bytes have none; of a text,
 * two searches nearly always tell it.
 */
export function mountedToolResult({ resultText, servedBy, unfit }: FittedResult, domain: string): ForwardedOutcome {
  if (typeof resultText !== 'string') return { forwarded: resultText, servedBy, isError: false };
  if (readInputRequired(resultText) !== undefined) {
    return { forwarded: resultText, servedBy, isError: false, asks: true };
  }
  const forwarded = pointsToResource(resultText) ? withMountedUris(resultText, domain) : resultText;
  return { forwarded, servedBy, isError: saysError(forwarded), unfit };
}

function pointsToResource(text: string): boolean {
  return text.includes('"resource_link"') || text.includes('"resource"');
}

function withMountedUris(text: string, domain: string): string {
  const content = jsonMembers(text)?.findLast(({ key }) => key === 'content');
  if (content === undefined) return text;
  const items: unknown = parseExactly(text.slice(content.start, content.end));
  if (!Array.isArray(items)) return text;
  const mounted = exactJson(items.map((item: unknown) => mountContent(domain, item)));
  return text.slice(0, content.start) + mounted + text.slice(content.end);
}

function saysError(text: string): boolean {
  if (!text.includes('isError')) return false;
  const flag = jsonMembers(text)?.findLast(({ key }) => key === 'isError');
  return flag !== undefined && text.slice(flag.start, flag.end) === 'true';
}
