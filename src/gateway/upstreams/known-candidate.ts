import type { ServedMethod } from '../../protocol/methods.ts';
import type { Candidate, Effect } from '../routing/choose.ts';
import { type OfferedItem, offeredItem } from './still-offered.ts';
import type { Upstream } from './upstream.ts';
import type { CandidateRef } from './upstream-registry.ts';

/** A candidate that is mounted, as it stands when the call begins. */
export interface KnownCandidate extends Candidate {
  readonly ref: CandidateRef;
  readonly upstream: Upstream;
  readonly routedBy: OfferedItem | undefined;
}

export function knownNow(ref: CandidateRef, upstream: Upstream, method: ServedMethod, effect: Effect): KnownCandidate {
  return {
    ref,
    upstream,
    routedBy: offeredItem(upstream.offer, method, ref.name),
    server: ref.server,
    priority: upstream.config.priority,
    effect,
    state: upstream.state,
    resting: upstream.breaker.resting,
  };
}
