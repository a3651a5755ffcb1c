/** One event of a stream (`text/event-stream`). */
export interface StreamEvent {
  readonly event: string;
  /** Sent as JSON. */
  readonly data: unknown;
}
