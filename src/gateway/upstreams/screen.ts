/** What of an upstream's offer is let through: the operator's globs, and whatever the trust room holds against it. */
import type { UpstreamConfig } from '../config/gateway-config.ts';
import { isOffered } from '../config/offered-tools.ts';
import type { Offer, RawTool } from './offer.ts';

/** A tool that the server offers and nobody may use until an operator has looked at it. */
export interface HeldTool {
  readonly name: string;
  /** Both the definition that was agreed to, if there is one, and the one that is offered say so. */
  readonly readOnly: boolean;
  /** `unagreed`: nobody agreed to it, or nobody can tell. */
  readonly why: 'changed' | 'unagreed';
}

export interface Screened {
  readonly offer: Offer;
  readonly held?: readonly HeldTool[] | undefined;
  /** What is held back and why, in Portuguese. */
  readonly problems: readonly string[];
  /** Nothing of this server may be used. */
  readonly quarantined?: boolean;
  /** It could not be judged as it should be, for a reason that may pass without the server's doing. */
  readonly again?: boolean;
}

/**
 * Hostile schemas, unclean text and changed pins are found by whoever is plugged in here. `otherFaces` are definitions
 * under which some of the tools were shown besides.
 */
export type OfferScreen = (
  server: UpstreamConfig,
  offer: Offer,
  otherFaces: readonly RawTool[],
) => Screened | Promise<Screened>;

export async function screenOffer(
  config: UpstreamConfig,
  offer: Offer,
  screen: OfferScreen | undefined,
  otherFaces: readonly RawTool[] = [],
): Promise<Screened> {
  // The operator's own choice first: nobody need approve what is not offered.
  const chosen = { ...offer, tools: offer.tools.filter(({ name }) => isOffered(config, name)) };
  const faces = otherFaces.filter(({ name }) => isOffered(config, name));
  return screen === undefined ? { offer: chosen, problems: [] } : screen(config, chosen, faces);
}
