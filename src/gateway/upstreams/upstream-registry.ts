/** The mounted servers as the rooms above see them. */

import type { JsonText } from '../../protocol/json-rpc.ts';
import type { ServedMethod } from '../../protocol/methods.ts';
import type { StopSignal } from '../../stop-signal.ts';
import type { GatewayConfig, UpstreamConfig } from '../config/gateway-config.ts';
import type { JsonObject, ModernParts } from '../links/link.ts';
import type { Offer } from './offer.ts';
import type { HeldTool } from './screen.ts';

/** `quarantined`: reachable, and nothing of it may be used until an operator approves it. */
export type UpstreamState = 'connecting' | 'connected' | 'down' | 'quarantined';

export interface MountedServer {
  readonly id: string;
  readonly name: string;
  readonly config: UpstreamConfig;
  readonly state: UpstreamState;
  /** The last known one while the server is down, with these settings or those before; empty before the first connection. */
  readonly offer: Offer;
  /** What it offers besides and nobody may use until an operator has looked at it. */
  readonly held: readonly HeldTool[];
  /** Why it is not connected, or what of it is held back: Portuguese, for an operator. */
  readonly problem: string | undefined;
  readonly lastConnected: Date | undefined;
}

export interface ForwardContext {
  readonly signal: StopSignal;
  /**
   * Whose state this touches: a downstream session's id, or the key of a principal without one. A stateful upstream gets
   * a session of its own for each; undefined is the house itself, in the one that also reads the lists.
   */
  readonly sessionId: string | undefined;
  /**
   * Who sees what the server asks and logs meanwhile: a session, for all its calls, or else this call alone, for behind one
   * principal there may be many people. Undefined for what the house asks for itself.
   */
  readonly caller?: string | undefined;
  progress(params: JsonObject): void;
  log(params: JsonObject): void;
  /** Server→client requests (elicitation, sampling) while the call runs; undefined: refused with method not found. */
  ask?: ((method: string, params: JsonObject, server: string) => Promise<JsonObject>) | undefined;
  /** For upstreams of 2026-07-28 alone. */
  readonly modern?: ModernParts | undefined;
  /** `Mcp-Param-*` of 2026-07-28. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What of it the way of the client's own era makes; whose state it touches and who hears of it is known apart from that. */
export type ClientWay = Pick<ForwardContext, 'signal' | 'progress' | 'log' | 'ask' | 'modern'>;

export interface Served {
  /**
   * JSON text of the whole result, as the upstream wrote it; bytes only when it was proven to need no cleaning and to have
   * nothing of note in it (trust/plain-result.ts).
   */
  readonly resultText: JsonText;
  readonly servedBy: string;
}

export interface CandidateRef {
  readonly server: string;
  /** As that server calls it. */
  readonly name: string;
}

export interface ForwardOptions {
  readonly readOnly: boolean;
  /** None of the candidates lists the resource: the next is asked also when one does not know it. */
  readonly unlisted?: boolean | undefined;
}

export interface UpstreamRegistry {
  /** Stable order: priority, then id. */
  readonly servers: readonly MountedServer[];
  /** Offers or states changed. */
  onChange(listener: () => void): () => void;
  /**
   * Asks the candidates in order; when one fails, the next is tried if that cannot repeat an effect.
   *
   * @throws UpstreamAnswerError, which is the upstream's own answer; UpstreamUnavailableError; OutcomeUnknownError;
   * CancelledError.
   */
  forward(
    candidates: readonly CandidateRef[],
    method: ServedMethod,
    paramsFor: (candidate: CandidateRef) => JsonObject,
    options: ForwardOptions,
    context: ForwardContext,
  ): Promise<Served>;
  /**
   * Has a server tell of changes of a resource, by its own URI. Returns the end of it, harmless when repeated.
   *
   * @throws UserInputError, UpstreamUnavailableError, UpstreamAnswerError and as links do
   */
  watch(server: string, uri: string): Promise<() => void>;
  /** A watched resource changed, or may have while its server was away. */
  onResourceUpdate(listener: (server: string, uri: string) => void): () => void;
  /** Frees upstream sessions bound to it. */
  endSession(sessionId: string): void;
  /** Hot reload: keeps unchanged servers connected. */
  reconfigure(config: GatewayConfig): Promise<void>;
  close(): Promise<void>;
}
