/** Asks one server after another as choose.ts decides, and puts the last failure into words. */
import { CancelledError } from '../../errors.ts';
import { INTERNAL_ERROR } from '../../protocol/error-codes.ts';
import type { JsonText } from '../../protocol/json-rpc.ts';
import {
  HttpRefusalError,
  MalformedAnswerError,
  UpstreamAnswerError,
  UpstreamGoneError,
  UpstreamTimeoutError,
} from '../links/link-errors.ts';
import { afterFailure, type CallFailure, type Candidate, type Effect, rankCandidates } from './choose.ts';
import { isNoServer, refusesUs, unavailable, unknown } from './failure-words.ts';

export interface Route<C extends Candidate> {
  readonly candidates: readonly C[];
  readonly effect: Effect;
  /** None of the candidates lists what is asked for. */
  readonly unlisted?: boolean | undefined;
  /** Portuguese name of what is asked for, e.g. `a ferramenta "x"`. */
  readonly subject: string;
  /** For all together; without it each has its own time. */
  readonly deadlineMs: number | undefined;
  readonly timeoutOf: (candidate: C) => number;
  readonly ask: (candidate: C, timeoutMs: number) => Promise<JsonText>;
  /** Whether the answer is one to what was asked for. */
  readonly isResult: (text: JsonText) => boolean;
}

export interface Routed {
  readonly resultText: JsonText;
  readonly servedBy: string;
  /** Servers asked before it, which failed. */
  readonly failed: readonly string[];
}

/** @throws UpstreamAnswerError, UpstreamUnavailableError, OutcomeUnknownError, CancelledError */
export async function askInOrder<C extends Candidate>(route: Route<C>): Promise<Routed> {
  const order = inOrder(route.candidates);
  const endsAt = performance.now() + (route.deadlineMs ?? Number.POSITIVE_INFINITY);
  const failed: string[] = [];
  let others = order.length;
  for (const candidate of order) {
    others -= 1;
    try {
      const resultText = await route.ask(candidate, timeFor(route, candidate, others, endsAt));
      if (!route.isResult(resultText)) throw new MalformedAnswerError();
      return { resultText, servedBy: candidate.server, failed };
    } catch (thrown) {
      failed.push(candidate.server);
      const next = afterFailure({
        effect: route.effect,
        failure: failureOf(thrown),
        left: order.slice(order.length - others).map(({ server }) => server),
        leftMs: endsAt - performance.now(),
        unlisted: route.unlisted,
      });
      if (next.step === 'outcome-unknown') throw unknown(route.subject, candidate.server, thrown);
      if (next.step === 'give-up') throw givenUp(next.why, thrown, route.subject, failed);
    }
  }
  throw unavailable(
    route.subject,
    route.candidates.map(({ server }) => server),
    undefined,
  );
}

/** Those worth asking, best first, each server once. */
function inOrder<C extends Candidate>(candidates: readonly C[]): readonly C[] {
  const there = candidates.filter(({ state }) => state !== 'down' && state !== 'quarantined');
  // Nearly every name has one server: nothing to rank.
  if (there.length < 2) return there;
  return rankCandidates(there).flatMap(({ server }) => there.filter((one) => one.server === server).slice(0, 1));
}

/** A read leaves the servers after it their share of the deadline; a write that left is not asked of another anyway. */
function timeFor<C extends Candidate>(route: Route<C>, candidate: C, others: number, endsAt: number): number {
  const left = endsAt - performance.now();
  const share = route.effect === 'read' && others > 0 ? left / (others + 1) : left;
  return Math.max(0, Math.min(route.timeoutOf(candidate), share));
}

function failureOf(thrown: unknown): CallFailure {
  if (thrown instanceof CancelledError) return { kind: 'cancelled' };
  if (thrown instanceof MalformedAnswerError) return { kind: 'lost' };
  if (thrown instanceof HttpRefusalError && thrown.undone) return { kind: 'refused' };
  if (thrown instanceof UpstreamAnswerError) {
    // Whatever it means is between the server and us, or a proxy: another may do better.
    const isOurs = thrown instanceof HttpRefusalError || refusesUs(thrown);
    return { kind: 'answered', code: isOurs ? INTERNAL_ERROR : thrown.code };
  }
  if (thrown instanceof UpstreamGoneError || thrown instanceof UpstreamTimeoutError) {
    return { kind: thrown.sent ? 'lost' : 'never-left' };
  }
  // A defect of ours, somewhere on the way: nobody can say how far it came.
  return { kind: 'lost' };
}

function givenUp(why: string, thrown: unknown, subject: string, failed: readonly string[]): unknown {
  if (thrown instanceof CancelledError) return thrown;
  // What the upstream answered is the caller's to read, in the upstream's own words and code.
  const answered = why === 'answered' || thrown instanceof UpstreamAnswerError;
  return answered && !refusesUs(thrown) && !isNoServer(thrown) ? thrown : unavailable(subject, failed, thrown);
}
