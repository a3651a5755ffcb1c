/**
 * What calling a tool sends, and what of its answer is shown, as texts: parsed by the browser, a number that a double does not
 * hold would be another, and a name that is there twice would be there once.
 */
import { jsonMembers } from '../../gateway/json-members.ts';
import type { InvokeResult } from '../api/routes/invoke.ts';
import { indentedJson } from './indented-json.ts';

export interface ToolCall {
  readonly server: string;
  readonly tool: string;
  /** JSON of an object, as {@link typedArguments} gives it. */
  readonly args: string;
}

export interface ToolAnswer extends Pick<InvokeResult, 'is_error' | 'ms'> {
  /** JSON of the `CallToolResult`. */
  readonly result: string;
}

/** What was typed, to the letter, or `{}` for nothing. @throws Error saying what to write instead */
export function typedArguments(typed: string): string {
  const text = typed.trim() === '' ? '{}' : typed;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('Os argumentos não são JSON. Um exemplo: {"nome": "valor"}.');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  throw new Error('Os argumentos são um objeto JSON: entre { e }.');
}

/** The body of `POST /api/invoke`. */
export function callBody({ server, tool, args }: ToolCall): string {
  return `${JSON.stringify({ server_id: server, tool_name: tool }).slice(0, -1)},"args":${args}}`;
}

/** @param body of an answer of `POST /api/invoke` */
export function readToolAnswer(body: string): ToolAnswer {
  const { is_error, ms }: InvokeResult = JSON.parse(body);
  const result = jsonMembers(body)?.find(({ key }) => key === 'result');
  return { is_error, ms, result: result === undefined ? '{}' : body.slice(result.start, result.end) };
}

/** Texts as they are when there is nothing else, and the whole result otherwise. */
export function resultText(result: string): string {
  const members = jsonMembers(result) ?? [];
  const shown = members.filter(({ key }) => key === 'content' || key === 'structuredContent');
  const [content] = shown;
  if (shown.length === 1 && content?.key === 'content') {
    const blocks: unknown = JSON.parse(result.slice(content.start, content.end));
    if (Array.isArray(blocks) && blocks.length > 0 && blocks.every(isText)) {
      return blocks.map(({ text }) => text).join('\n');
    }
  }
  return indentedJson(result);
}

const isText = (block: unknown): block is { text: string } =>
  typeof block === 'object' && block !== null && 'text' in block && typeof block.text === 'string';
