import { lastData } from './event-frames.ts';
import { type KnownAnswer, knownAnswer, type RawAnswer } from './known-answer.ts';
import type { CheckedLoadSpec } from './load-spec.ts';

type Fields = { readonly [key: string]: unknown };

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function parseMessage(text: string): Fields | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return isFields(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

type Check = (answer: RawAnswer, id: number) => string | undefined;

/** What is wrong with an answer, or undefined. Every measured answer goes through here. */
export function createAnswerCheck(spec: CheckedLoadSpec): Check {
  const checkResult = spec.method === 'tools/call' ? checkCall(spec) : checkList(spec.expectedTools);
  return onceForEqualBytes(checkMessage(checkResult));
}

function checkMessage(checkResult: (result: Fields) => string | undefined): Check {
  return (answer, id) => {
    const message = parseMessage(messageIn(answer));
    if (message === undefined) return 'the answer is not a JSON object';
    if (message['id'] !== id) return `the answer has id ${JSON.stringify(message['id'])} instead of ${id}`;
    const result = message['result'];
    if (!isFields(result)) return `no result: ${JSON.stringify(message['error']).slice(0, 200)}`;
    return checkResult(result);
  };
}

/** Over HTTP the message may be the last event of a stream. */
export function messageIn(answer: RawAnswer): string {
  const text = answer.toString();
  return typeof answer === 'string' || text.startsWith('{') ? text : lastData(text);
}

/**
 * To parse an answer takes longer than our server takes to give it, so that only the generator would be measured. Whatever
 * was parsed and found right is therefore compared from then on, every byte of it.
 */
function onceForEqualBytes(check: Check): Check {
  let right: KnownAnswer | undefined;
  return (answer, id) => {
    if (right?.matches(answer, id)) return undefined;
    const problem = check(answer, id);
    if (problem === undefined) right = knownAnswer(answer, id);
    return problem;
  };
}

function checkCall({ expectedText, structured }: CheckedLoadSpec): (result: Fields) => string | undefined {
  let expected = expectedText;
  return (result) => {
    const text = textOf(result);
    if (result['isError'] === true) return `isError: ${text?.slice(0, 200)}`;
    if (text === undefined || text === '') return 'no text in the answer';
    if (structured && !isFields(result['structuredContent'])) return 'no structuredContent in the answer';
    if (expected === undefined || text === expected) return undefined;
    // The cache renewed itself meanwhile: the same data, read at another instant.
    if (withoutInstant(text) !== withoutInstant(expected)) return 'the text is not the expected one';
    expected = text;
    return undefined;
  };
}

const withoutInstant = (text: string): string => text.replace(/"posicao_em":"[^"]*"/, '');

function checkList(expected: number | undefined): (result: Fields) => string | undefined {
  return ({ tools }) => {
    if (!Array.isArray(tools)) return 'no tools in the answer';
    return expected === undefined || tools.length === expected
      ? undefined
      : `${tools.length} tools instead of ${expected}`;
  };
}

export function textOf(result: Fields): string | undefined {
  const content: unknown = Array.isArray(result['content']) ? result['content'][0] : undefined;
  return isFields(content) && typeof content['text'] === 'string' ? content['text'] : undefined;
}
