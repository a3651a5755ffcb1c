/** What of an upstream's offer is let through: the operator's globs, and whatever the trust room holds against it. */
import type { UpstreamConfig } from '../config/gateway-config.ts';
import { isOffered } from '../config/offered-tools.ts';
import type { Offer } from './offer.ts';

export interface Screened {
  readonly offer: Offer;
  /** What is held back and why, in Portuguese. */
  readonly problems: readonly string[];
  /** Nothing of this server may be used. */
  readonly quarantined?: boolean;
  /** It could not be judged as it should be, for a reason that may pass without the server's doing. */
  readonly again?: boolean;
}

/** Hostile schemas, unclean text and changed pins are found by whoever is plugged in here. */
export type OfferScreen = (server: UpstreamConfig, offer: Offer) => Screened | Promise<Screened>;

export async function screenOffer(
  config: UpstreamConfig,
  offer: Offer,
  screen: OfferScreen | undefined,
): Promise<Screened> {
  // The operator's own choice first: nobody need approve what is not offered.
  const chosen = { ...offer, tools: offer.tools.filter(({ name }) => isOffered(config, name)) };
  return screen === undefined ? { offer: chosen, problems: [] } : screen(config, chosen);
}
