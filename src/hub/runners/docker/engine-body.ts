/**
 * A body for the Engine that stands in the body alone: the library puts what it is given into the address as well, where
 * variables of a server would be seen by logs and proxies.
 */
export function asBody<T extends object>(
  body: T,
  abortSignal: AbortSignal,
): { readonly _query: object; readonly _body: T; abortSignal: AbortSignal } {
  return { _query: {}, _body: body, abortSignal };
}
