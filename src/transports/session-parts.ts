import type { Principal } from '../companies/principal.ts';
import type { Admission } from '../server/admission.ts';
import type { InFlight } from '../server/in-flight.ts';
import type { Lane } from '../server/lane.ts';
import type { OnRefused } from '../server/refusal-reason.ts';
import type { ServerParts } from '../server/server-parts.ts';
import type { SessionRef } from '../tools/tool-source.ts';
import type { KeepAlive } from './keep-alive.ts';
import type { ProtocolErrors } from './protocol-errors.ts';

/** A request in progress that can be hung up on from our side. */
export interface OpenExchange {
  readonly principal: Principal;
  cutOff(): void;
}

/** What all connections share. */
export interface SessionParts extends ServerParts {
  readonly lane: Lane;
  readonly keepAlive: KeepAlive;
  readonly inFlight: InFlight;
  readonly admission: Admission;
  /** Requests of 2026-07-28 over HTTP: they belong to no session through which they could be ended. */
  readonly exchanges: Set<OpenExchange>;
  /** A caller's `traceparent` is wanted. */
  readonly traced: boolean;
  readonly onError: (error: unknown) => void;
  /** Makes the errors that no handler made. */
  readonly errors: ProtocolErrors;
  readonly onRefused: OnRefused;
  readonly onSessionEnd: (session: SessionRef) => void;
  /** Hears of the requests of a batch besides the first, which was counted when the POST came. */
  readonly onBatch: (principal: Principal, further: number) => void;
}
