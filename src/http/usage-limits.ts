import type { IncomingMessage } from 'node:http';
import type { Principal } from '../companies/principal.ts';
import { type ClientAddress, isLoopbackAddress } from './client-address.ts';
import type { RateLimiter } from './rate-limiter.ts';

export interface UsageLimitOptions {
  readonly limiter: RateLimiter;
  readonly clientAddress: ClientAddress;
  /** Requests a minute from one address; 0 for no limit. This machine's own are never counted. */
  readonly perAddress: number;
  /** Requests a minute of a principal that has no limit of its own; 0 for no limit. This machine's own are never counted. */
  readonly perPrincipal: number;
}

/** A client that lost its session meets one 404 and begins anew; a house full of them after a restart must be able to. */
const guessesPerMinute = 600;

/** Milliseconds to wait, or undefined when there is room. */
type Wait = Promise<number | undefined>;

/** Who may ask how often. What is not limited is told at once, so that it costs nothing. */
export interface UsageLimits {
  ofAddress(req: IncomingMessage): Wait | undefined;
  /** Only for those that showed a token: without tokens all are one principal. */
  ofPrincipal(principal: Principal, req: IncomingMessage): Wait | undefined;
  /** The further requests of a batch whose first one was let in. */
  chargeBatch(principal: Principal, further: number): void;
  /** A session was named that nobody has. */
  guess(req: IncomingMessage): Wait;
}

export function createUsageLimits(options: UsageLimitOptions): UsageLimits {
  const { limiter, clientAddress, perAddress, perPrincipal } = options;
  const take = (bucket: string, key: string, perMinute: number, points = 1): Wait =>
    limiter.take({ bucket, key, perMinute, points });

  return {
    ofAddress(req) {
      if (perAddress === 0) return undefined;
      const address = clientAddress(req);
      return isLoopbackAddress(address) ? undefined : take('address', address, perAddress);
    },
    ofPrincipal({ id, limitPerMinute }, req) {
      if (limitPerMinute !== undefined) return take('principal', id, limitPerMinute);
      if (perPrincipal === 0 || isLoopbackAddress(clientAddress(req))) return undefined;
      return take('principal', id, perPrincipal);
    },
    chargeBatch({ id, limitPerMinute = perPrincipal }, further) {
      if (limitPerMinute !== 0) void take('principal', id, limitPerMinute, further);
    },
    guess: (req) => take('guess', clientAddress(req), guessesPerMinute),
  };
}
