/** The parts of a W3C `traceparent`. */
export interface RemoteParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** Version 00 of W3C Trace Context (§3.2); later versions may add fields behind, the reserved ff and zeros are refused. */
const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** What a `traceparent` says; undefined when it is none. It joins traces and nothing else: no id of ours is made of it. */
export function parseTraceparent(text: string | undefined): RemoteParent | undefined {
  if (text === undefined || text.length > 256) return undefined;
  const [, traceId, spanId, flags] = FORM.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 };
}
