/** Who answers a call, and who is asked next when they fail: decisions of their arguments alone. */
import { INTERNAL_ERROR, INVALID_PARAMS, RESOURCE_NOT_FOUND } from '../../protocol/error-codes.ts';

export type Effect = 'read' | 'write';

export interface Candidate {
  readonly server: string;
  /** 1–999, lower is preferred. */
  readonly priority: number;
  readonly state: 'connecting' | 'connected' | 'down' | 'quarantined';
  /** The breaker lets no call through for now. */
  readonly resting: boolean;
  /** What this server's own annotations say of the tool. */
  readonly effect: Effect;
}

export type Standing = 'chosen' | 'spare' | 'resting' | 'connecting' | 'down' | 'quarantined';

export interface Ranked {
  readonly server: string;
  readonly priority: number;
  readonly standing: Standing;
}

/** Best first. A server that is connecting may still be asked when nobody else is left; one that is down may not. */
export function rankCandidates(candidates: readonly Candidate[]): readonly Ranked[] {
  const sorted = candidates
    .map((candidate) => ({ candidate, condition: conditionOf(candidate) }))
    .sort(
      (a, b) =>
        order.indexOf(a.condition) - order.indexOf(b.condition) ||
        a.candidate.priority - b.candidate.priority ||
        (a.candidate.server < b.candidate.server ? -1 : 1),
    );
  return sorted.map(({ candidate: { server, priority }, condition }, place) => ({
    server,
    priority,
    standing: condition === 'spare' && place === 0 ? 'chosen' : condition,
  }));
}

const order: readonly Standing[] = ['chosen', 'spare', 'resting', 'connecting', 'down', 'quarantined'];

function conditionOf({ state, resting }: Candidate): Standing {
  if (state !== 'connected') return state;
  return resting ? 'resting' : 'spare';
}

/** `readOnlyHint` must be said: a tool without annotations may change something (tools, "ToolAnnotations"). */
export function effectOfAnnotations(annotations: { readonly readOnlyHint?: unknown } | undefined): Effect {
  return annotations?.readOnlyHint === true ? 'read' : 'write';
}

export type CallFailure =
  /** Not a byte of the request left: no connection, breaker open, no room. */
  | { readonly kind: 'never-left' }
  /** HTTP refused the credential or knows no such address: no server looked at the call. */
  | { readonly kind: 'refused' }
  /** It left, and nothing of use came back: connection gone, time over, an answer that is none. */
  | { readonly kind: 'lost' }
  /** The server answered with a JSON-RPC error, or HTTP refused without saying that nothing was done: "internal error". */
  | { readonly kind: 'answered'; readonly code: number }
  /** The caller gave up. */
  | { readonly kind: 'cancelled' };

export type NextStep =
  | { readonly step: 'move-on'; readonly server: string }
  /** The failure itself is the answer. */
  | { readonly step: 'give-up'; readonly why: 'answered' | 'cancelled' | 'nobody-left' | 'no-time' }
  /** The call may have had its effect: nobody may repeat it, the caller has to look. */
  | { readonly step: 'outcome-unknown' };

export interface NextQuestion {
  readonly effect: Effect;
  readonly failure: CallFailure;
  /** Servers not tried yet, best first. */
  readonly left: readonly string[];
  /** Until the caller's deadline, in milliseconds. */
  readonly leftMs: number;
  /** None of the servers lists the resource: one that does not know it says nothing of the others. */
  readonly unlisted?: boolean | undefined;
}

/** Less time than this brings no answer from a server that may have to be connected first. */
export const SHORTEST_TRY_MS = 50;

/** Codes for a resource that the server does not have, in all revisions. */
const UNKNOWN_RESOURCE: readonly number[] = [RESOURCE_NOT_FOUND, INVALID_PARAMS];

/** A read moves on from any fault of a server; a write only if it never left or was refused at the door. */
export function afterFailure({ effect, failure, left, leftMs, unlisted = false }: NextQuestion): NextStep {
  if (failure.kind === 'lost' && effect === 'write') return { step: 'outcome-unknown' };
  if (failure.kind === 'cancelled') return { step: 'give-up', why: 'cancelled' };
  // "Internal error": the fault is the server's, so another server may do better; other codes speak of the request.
  if (failure.kind === 'answered' && failure.code !== INTERNAL_ERROR) {
    const elsewhere = unlisted && UNKNOWN_RESOURCE.includes(failure.code) && left.length > 0;
    if (!elsewhere) return { step: 'give-up', why: 'answered' };
  }
  if (effect === 'write' && failure.kind !== 'never-left' && failure.kind !== 'refused')
    return { step: 'give-up', why: 'answered' };
  const [server] = left;
  if (server === undefined) return { step: 'give-up', why: 'nobody-left' };
  return leftMs < SHORTEST_TRY_MS ? { step: 'give-up', why: 'no-time' } : { step: 'move-on', server };
}
