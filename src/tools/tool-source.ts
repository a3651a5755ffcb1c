import type { Principal } from '../companies/principal.ts';
import type { Erro } from '../errors.ts';

/** A JSON object as it crosses the wire; a key that is undefined is left out. */
export type JsonObject = { readonly [key: string]: JsonValue | undefined };
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** The four hints of MCP, all always given, and a title in Portuguese. */
export interface ToolAnnotations {
  readonly title: string;
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** What `tools/list` shows of a tool: plain data, made once, never per request. */
export interface ToolDescriptor {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
  readonly annotations: ToolAnnotations;
}

export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** Everything a call carries besides its arguments: who asks, how to stop, where to report. */
export interface CallContext {
  readonly principal: Principal;
  readonly signal: AbortSignal;
  /** Shown to the user in errors and written to the log. */
  readonly requestId: string;
  /** Tells a waiting client how far the work is: pages read so far, of how many where known. */
  progress(done: number, total: number | undefined, message: string): void;
  /** A message for the client's log (eras that have one); never a secret. */
  log(level: LogLevel, message: string): void;
}

/** A tool's answer: the object that fits its `outputSchema`, or `{erro}` with `isError`. */
export interface ToolOutcome {
  readonly structured: JsonObject;
  readonly isError: boolean;
  /** The failure inside `structured`, for doors that have statuses of their own. */
  readonly erro?: Erro;
}

/** Something that offers tools: our own catalog, later a mounted server. */
export interface ToolSource {
  /** Descriptors the principal may see, in a stable order. The same array instance while nothing changed. */
  list(principal: Principal): readonly ToolDescriptor[];
  /** True when there is a tool of this name; whether the principal may use it is for `call` to say. */
  has(name: string, principal: Principal): boolean;
  /** Runs a tool. Never throws for a failure of the tool: failures are outcomes with `isError`. */
  call(name: string, args: unknown, context: CallContext): Promise<ToolOutcome>;
}
