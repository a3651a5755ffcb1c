/** One call as the audit is told of it, whatever came of it. Holds no amounts and no names of companies. */
export interface AuditRecord {
  /** Who asked: the principal's id, written whole; whoever made it has bounded it. */
  readonly principal: string;
  /** Which way the call came in: `stdio`, `sse`, `http` or `rest`. */
  readonly door: string;
  /** MCP's word for what was asked, e.g. `tools/call`; REST calls of tools are `tools/call` too. Else `hub/…`, `gateway/…`. */
  readonly method: string;
  /** The tool, the prompt, the domain or the kind of resource; as the caller wrote it when there is no such thing. */
  readonly tool: string;
  /** Ids of the companies the call was about. */
  readonly companies: readonly string[];
  /** What was asked with; only its keyed digest is written. */
  readonly args: unknown;
  /** How many rows the answer holds; undefined when it is no list. */
  readonly rows: number | undefined;
  /** `ok` or the error's code. */
  readonly outcome: string;
  readonly durationMs: number;
  /** The id that the caller saw in an error and that stands in the log. */
  readonly requestId: string;
}

/** Things the log itself must tell, because they leave a hole that would otherwise look like nothing. */
export type AuditEvent =
  | { readonly event: 'lost'; readonly lines: number }
  | { readonly event: 'torn'; readonly bytes: number }
  /** Whole lines that no anchor vouched for when the log was opened: of a crash, or of somebody else. */
  | { readonly event: 'unanchored'; readonly lines: number };
