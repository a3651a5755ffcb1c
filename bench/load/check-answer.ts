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

type Check = (text: string, id: number) => string | undefined;

/** What is wrong with an answer, or undefined. Every measured answer goes through here. */
export function createAnswerCheck(spec: CheckedLoadSpec): Check {
  if (spec.method === 'tools/call') return checkMessage(checkCall(spec.expectedText));
  return onceForEqualBytes(checkMessage(checkList(spec.expectedTools)));
}

function checkMessage(checkResult: (result: Fields) => string | undefined): Check {
  return (text, id) => {
    const message = parseMessage(text);
    if (message === undefined) return 'the answer is not a JSON object';
    if (message['id'] !== id) return `the answer has id ${JSON.stringify(message['id'])} instead of ${id}`;
    const result = message['result'];
    if (!isFields(result)) return `no result: ${JSON.stringify(message['error']).slice(0, 200)}`;
    return checkResult(result);
  };
}

/**
 * Parsing a list of a hundred tools takes longer than serving it. An answer equal, byte for byte but for its id, to one
 * that was parsed and found right is right.
 */
function onceForEqualBytes(check: Check): Check {
  let right: string | undefined;
  return (text, id) => {
    const withoutId = text.replace(`"id":${id}`, '"id":');
    if (withoutId === right) return undefined;
    const problem = check(text, id);
    if (problem === undefined) right = withoutId;
    return problem;
  };
}

function checkCall(expectedText: string | undefined): (result: Fields) => string | undefined {
  let expected = expectedText;
  return (result) => {
    const text = textOf(result);
    if (result['isError'] === true) return `isError: ${text?.slice(0, 200)}`;
    if (text === undefined || text === '') return 'no text in the answer';
    if (!isFields(result['structuredContent'])) return 'no structuredContent in the answer';
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
