import type { Lane } from '../../server/lane.ts';
import type { ServerParts } from '../../server/server-parts.ts';
import type { InFlight } from '../in-flight.ts';
import type { KeepAlive } from './keep-alive.ts';

/** What all connections share. */
export interface SessionParts extends ServerParts {
  readonly lane: Lane;
  readonly keepAlive: KeepAlive;
  readonly inFlight: InFlight;
  readonly onError: (error: unknown) => void;
}
