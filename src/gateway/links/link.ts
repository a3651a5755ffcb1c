import type { StopSignal } from '../../stop-signal.ts';

/**
 * One conversation with one upstream MCP server, whatever wire carries it. Results are raw JSON text: what the gateway
 * need not change is never taken apart and put together again.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

export interface LinkInfo {
  /** `legacy`: with `initialize`, up to 2025-11-25. `modern`: 2026-07-28, every request stands alone. */
  readonly era: 'legacy' | 'modern';
  readonly protocolVersion: string;
  /** What the server calls itself. Shown to people, never used as a key: two servers may say the same. */
  readonly serverInfo: { readonly name: string; readonly version: string };
  readonly capabilities: JsonObject;
  readonly instructions?: string | undefined;
  /** The server gave this conversation a session of its own (`Mcp-Session-Id`, a child process). */
  readonly stateful: boolean;
}

export type NotificationListener = (method: string, params: JsonObject) => void;
/** The result to send back; what it throws becomes a JSON-RPC error, of an {@link UpstreamAnswerError} its code and words. */
export type RequestHandler = (method: string, params: JsonObject) => Promise<JsonObject>;

export interface LinkRequestOptions {
  readonly signal: StopSignal;
  /** The whole time of the request, in milliseconds. */
  readonly timeoutMs: number;
  /** Progress (under the caller's own token) and logs of this request. */
  readonly onNotification?: NotificationListener | undefined;
  /**
   * Elicitation, sampling and roots while it runs. A shared line does not say which request asks: there it is answered
   * only while all requests that could ask are one caller's, so that no question reaches the wrong person.
   */
  readonly onRequest?: RequestHandler | undefined;
  /** Whose request it is, for {@link onRequest} and logs; undefined for what the gateway asks for itself. */
  readonly caller?: string | undefined;
  /** Of a tool that is called: it changes nothing, so the call may be sent once more when its connection was closed. */
  readonly readOnly?: boolean | undefined;
  /** Goes into requests of 2026-07-28 alone: older revisions have no place for it. */
  readonly modern?: ModernParts | undefined;
  /**
   * Takes the bytes of a result that was proven to need no cleaning and to have nothing of note in it
   * (trust/plain-result.ts): the request resolves with '' then. Without it every result is text.
   */
  readonly takeBytes?: ((result: Buffer) => void) | undefined;
  /** Further HTTP headers of 2026-07-28 (`Mcp-Param-*`), ignored on other wires. Never credentials. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What a request of 2026-07-28 says besides its parameters. */
export interface ModernParts {
  /** What whoever is behind this request can be asked; without it, all that we declare. */
  readonly capabilities?: JsonObject | undefined;
  /** The least level of log messages that are wanted; without it the upstream sends none. */
  readonly logLevel?: string | undefined;
  /** What a next round brings ("Multi Round-Trip Requests"). */
  readonly inputResponses?: JsonObject | undefined;
  readonly requestState?: string | undefined;
}

export interface Link {
  readonly info: LinkInfo;
  /**
   * Resolves with the JSON text of `result`, valid JSON and byte for byte as the upstream wrote it (line breaks
   * between its parts become spaces).
   *
   * @throws UpstreamAnswerError (the upstream said no), UpstreamGoneError and UpstreamTimeoutError (with `sent`),
   * CancelledError (the signal).
   */
  request(method: string, params: JsonObject, options: LinkRequestOptions): Promise<string>;
  /** Best effort: nobody learns whether it arrived. */
  notify(method: string, params?: JsonObject): void;
  /** List changes, resource updates, logs that belong to no request. Returns the way to stop listening. */
  onNotification(listener: NotificationListener): () => void;
  /** Resolves once, with the reason unless it was {@link Link.close}. */
  readonly closed: Promise<Error | undefined>;
  close(): Promise<void>;
}

export interface OpenLinkOptions {
  /** Ends the opening; an open link lives until it is closed. */
  readonly signal: AbortSignal;
  /** For spawning or connecting, negotiation and handshake together, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** What we tell the upstream its client can do. */
  readonly clientCapabilities: JsonObject;
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** Known from an earlier conversation: no need to ask again. */
  readonly era?: LinkInfo['era'] | undefined;
}
