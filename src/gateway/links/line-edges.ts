/** What is known of a message too long to read by how its line begins and ends. */

/** Whether a line that begins so may be a message. */
export function isObject(head: string): boolean {
  return /^\s*\{/.test(head);
}

const VERSION = '"jsonrpc"\\s*:\\s*"2\\.0"\\s*';
const ID = '"id"\\s*:\\s*(\\d{1,15})\\s*';
const ANSWER = '"(?:result|error)"\\s*:';
/** The members of a message in front of the first that may hold others. */
const ID_FIRST = new RegExp(`^\\s*\\{\\s*(?:${VERSION},\\s*)?${ID},\\s*(?:${VERSION},\\s*)?${ANSWER}`);
const ANSWER_FIRST = new RegExp(`^\\s*\\{\\s*(?:${VERSION},\\s*)?${ANSWER}`);
const ID_LAST = new RegExp(`,\\s*${ID}(?:,\\s*${VERSION})?\\}\\s*$`);

/**
 * The id of an answer, at its very beginning or its very end, with or without spaces and on either side of `jsonrpc`. Undefined
 * when it stands elsewhere, and for what does not begin like an answer: a question of the server's may put its parameters first,
 * and its id is none of ours.
 */
export function idAtEdges(head: string, tail: string): number | undefined {
  const id = ID_FIRST.exec(head)?.[1] ?? (ANSWER_FIRST.test(head) ? ID_LAST.exec(tail)?.[1] : undefined);
  return id === undefined ? undefined : Number(id);
}
