/** Opens a conversation for one client alone, and holds what it offers against what everybody was shown. */
import { CancelledError } from '../../errors.ts';
import type { Link, LinkInfo } from '../links/link.ts';
import { UpstreamAnswerError, UpstreamGoneError } from '../links/link-errors.ts';
import type { KnownOffer } from './known-offer.ts';
import type { LinkOpener } from './link-opener.ts';

/** Roots are a connection's, not a call's: only where one client is behind it can they be asked for. */
const OWN_CAPABILITIES = { roots: {} };

export interface OwnSessionParts {
  readonly opener: LinkOpener;
  readonly known: KnownOffer;
  readonly signal: AbortSignal;
  /** What the server spoke when it was last connected. */
  readonly era: LinkInfo['era'] | undefined;
}

/** @throws as the opening does; UpstreamGoneError (not sent) when nobody can tell what it offers */
export async function openOwnSession({ opener, known, signal, era }: OwnSessionParts): Promise<Link> {
  const link = await opener.open(signal, era, OWN_CAPABILITIES);
  try {
    await known.meet(link, signal);
    return link;
  } catch (thrown) {
    await link.close().catch(() => {});
    if (thrown instanceof CancelledError) throw thrown;
    if (thrown instanceof UpstreamAnswerError && thrown.status !== undefined) throw thrown;
    throw new UpstreamGoneError('As ferramentas de uma sessão nova não puderam ser lidas.', {
      sent: false,
      cause: thrown,
    });
  }
}
