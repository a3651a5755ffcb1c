/** What is known of a message too long to read by how its line begins and ends. */

/** Whether a line that begins so may be a message. */
export function isObject(head: string): boolean {
  return /^\s*\{/.test(head);
}

const VERSION = '"jsonrpc"\\s*:\\s*"2\\.0"\\s*';
const ID = '"id"\\s*:\\s*(\\d{1,15})\\s*';
/** The members of a message in front of the first that may hold others. */
const ID_FIRST = new RegExp(`^\\s*\\{\\s*(?:${VERSION},\\s*)?${ID},`);
const ID_LAST = new RegExp(`,\\s*${ID}(?:,\\s*${VERSION})?\\}\\s*$`);
/** A question or an announcement of the server's: its id, if any, is none of ours. */
const WITH_METHOD = /^[^{]*\{[^{]*"method"\s*:/;

/**
 * The id of an answer, at its very beginning or its very end, with or without spaces and on either side of `jsonrpc`. Undefined
 * when it stands elsewhere, and for what begins like another message.
 */
export function idAtEdges(head: string, tail: string): number | undefined {
  if (!isObject(head) || WITH_METHOD.test(head)) return undefined;
  const id = ID_FIRST.exec(head)?.[1] ?? ID_LAST.exec(tail)?.[1];
  return id === undefined ? undefined : Number(id);
}
