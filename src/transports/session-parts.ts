import type { InFlight } from '../server/in-flight.ts';
import type { Lane } from '../server/lane.ts';
import type { ServerParts } from '../server/server-parts.ts';
import type { Admission } from './admission.ts';
import type { KeepAlive } from './keep-alive.ts';

/** What all connections share. */
export interface SessionParts extends ServerParts {
  readonly lane: Lane;
  readonly keepAlive: KeepAlive;
  readonly inFlight: InFlight;
  readonly admission: Admission;
  /** A caller's `traceparent` is wanted. */
  readonly traced: boolean;
  readonly onError: (error: unknown) => void;
}
