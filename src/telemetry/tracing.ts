/** What a span may tell: names, codes and counts. Never an argument, a company, a principal or a key. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  /** Low in cardinality: `tools/call listar_empresas`, never what a caller made up. */
  readonly name: string;
  /** server: somebody asked us. client: we asked somebody. internal: a step between. */
  readonly kind: 'server' | 'client' | 'internal';
  readonly attributes: SpanAttributes;
}

/** How a span ended: `ok`, or the code that says why not. */
export interface SpanEnd {
  readonly outcome: string;
  readonly attributes?: SpanAttributes;
}

/** Spans for whatever collects them. What runs inside a span finds it as the parent of its own. */
export interface Tracing {
  /**
   * Runs the work inside a span. Its parent is the span at hand, else the caller's `traceparent` (W3C Trace Context; one
   * that is not well made is ignored). `endOf` tells the outcome of what was answered; a throw ends as `erro_interno`.
   */
  inSpan<T>(
    start: SpanStart & { readonly traceparent?: string | undefined },
    work: () => Promise<T>,
    endOf: (answer: T) => SpanEnd,
  ): Promise<T>;
  /** A step that is over already, below the span at hand. */
  past(start: SpanStart, end: SpanEnd, durationMs: number): void;
  /** Sends what is left, for a few seconds at most. */
  close(): Promise<void>;
}
