import type { Principal } from '../companies/principal.ts';
import type { Erro, RpcWords } from '../errors.ts';
import type { JsonText } from '../protocol/json-rpc.ts';
import type { LogLevel } from '../protocol/log-levels.ts';
import type { StopSignal } from '../stop-signal.ts';

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

/**
 * What `tools/list` shows of a tool: plain data, made once, never per request. Tools of other servers say as much of
 * themselves as they like, in fields of their own too.
 */
export interface ToolDescriptor {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: Fields;
  readonly outputSchema?: Fields | undefined;
  readonly annotations?: Fields | undefined;
  readonly _meta?: Fields | undefined;
}

/** A tool of this house: nothing is left unsaid. */
export interface OwnToolDescriptor extends ToolDescriptor {
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
  readonly annotations: ToolAnnotations & Fields;
}

/** One session of MCP; the same object for as long as it lasts. */
export interface SessionRef {
  readonly id: string;
  /** It may be taken up again after a restart: whoever keeps something for it keeps it beyond this process. */
  readonly lasting?: boolean;
}

/** Who asks, in which conversation, through which address: all that a list depends on. */
export interface Caller {
  readonly principal: Principal;
  /** Absent for requests that stand alone (2026-07-28, REST). */
  readonly session?: SessionRef | undefined;
  /** The domains that the address asked for (`/mcp/d/x`, `?domains=`); absent when it named none. */
  readonly domains?: readonly string[] | undefined;
  /** The domain handles that this request carries, as they came: each only narrows. Absent when it carries none. */
  readonly handles?: readonly unknown[] | undefined;
}

/** Which way a call came in. */
export type Door = 'stdio' | 'sse' | 'http' | 'rest';

/** Everything a call carries besides its arguments: who asks, how to stop, where to report. */
export interface CallContext extends Caller {
  readonly door: Door;
  /** W3C trace context of the caller, as it was given: `_meta.traceparent`, or the HTTP header. */
  readonly traceparent?: string | undefined;
  readonly signal: StopSignal;
  /** Shown to the user in errors and written to the log. */
  readonly requestId: string;
  /** `_meta` of the request, as the client wrote it. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
  /** Tells a waiting client how far the work is: pages read so far, of how many where known. */
  progress(done: number, total: number | undefined, message: string | undefined): void;
  /** A message for the client's log (eras that have one); never a secret. */
  log(level: LogLevel, data: unknown, logger?: string): void;
  /**
   * Asks the client something while the call runs: elicitation, sampling, roots. Absent where the client cannot be asked.
   *
   * @throws AskRefusedError when it cannot be asked this, or says no; an `AbortError` when the call ends first.
   */
  readonly ask?: AskClient | undefined;
  /** How a client of 2026-07-28 is asked: in rounds, each a request of its own. Absent for all others. */
  readonly rounds?: ClientRounds | undefined;
  /** What the client said it can do; absent where nothing is known of it. */
  readonly capabilities?: Fields | undefined;
  /** The least level of log messages that the client wants; absent for none at all. */
  readonly logLevel?: LogLevel | undefined;
}

/** What the request brought of an earlier round ("Multi Round-Trip Requests"); empty in the first. */
export interface ClientRounds {
  readonly responses?: Fields | undefined;
  readonly state?: string | undefined;
}

/** The `result` of the client's answer. */
export type AskClient = (method: string, params: Fields) => Promise<Fields>;
type Fields = Readonly<Record<string, unknown>>;

/** A tool's answer: the object that fits its `outputSchema`, or `{erro}` with `isError`. */
export interface OwnOutcome {
  readonly structured: JsonObject;
  readonly isError: boolean;
  /** The failure inside `structured`, for doors that have statuses of their own. */
  readonly erro?: Erro | undefined;
  /** Set when MCP has an error of its own for the failure, which clients act upon. */
  readonly rpc?: RpcWords | undefined;
  readonly forwarded?: undefined;
}

/** The answer of a mounted server, passed on as it came; or what a tool of the house asks for first. */
export interface ForwardedOutcome {
  /**
   * JSON text of a whole `CallToolResult`, of whichever era the server speaks. Bytes only when it is known to have neither
   * `_meta` nor `resultType` at its outermost level, and nothing in it that would have to be taken out but secrets, which do not stand in it as Base64.
   */
  readonly forwarded: JsonText;
  /** The id of the server that answered; empty for none. */
  readonly servedBy: string;
  readonly isError: boolean;
  /** It is no result yet: it says what the client of 2026-07-28 must bring first. */
  readonly asks?: boolean | undefined;
  /** What we say in its place, at doors that have failures of their own: it did not fit, and may have had an effect. */
  readonly unfit?: Erro | undefined;
  readonly erro?: undefined;
  readonly rpc?: undefined;
}

export type ToolOutcome = OwnOutcome | ForwardedOutcome;

/** Something that offers tools: our own catalog, later a mounted server. */
export interface ToolSource {
  /** Descriptors the caller may see, in a stable order. The same array instance while nothing changed. */
  list(caller: Caller): readonly ToolDescriptor[];
  /** True when there is a tool of this name; whether the caller may use it is for `call` to say. */
  has(name: string, caller: Caller): boolean;
  /**
   * Runs a tool. Never throws for a failure of the tool: failures are outcomes with `isError`. So are calls of names that
   * `has` denies: `nao_encontrado`, or `sem_permissao` where there is such a tool for others.
   */
  call(name: string, args: unknown, context: CallContext): Promise<ToolOutcome>;
}
