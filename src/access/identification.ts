import type { Principal } from '../companies/principal.ts';

/** What a presented token, or its absence, says of a request. */
export type Identification =
  | {
      readonly kind: 'known';
      readonly principal: Principal;
      /** True when a token was presented and is good; only then may details be shown. */
      readonly byToken: boolean;
    }
  /** A token is needed and none, or a bad one, was given: 401. */
  | { readonly kind: 'unknown' }
  /** A good token that grants nothing here: 403. */
  | { readonly kind: 'insufficient' }
  /** Whether the token is good cannot be told now: 503. Nobody is let in meanwhile. */
  | { readonly kind: 'unavailable'; readonly retryAfterMs: number };

export const unknown: Identification = { kind: 'unknown' };
