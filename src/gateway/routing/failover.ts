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
import { type Failed, isNoServer, notAsked, refusesUs, unavailable, unknown, whyFailed } from './failure-words.ts';

export interface Route<C extends Candidate> {
  readonly candidates: readonly C[];
  readonly effect: Effect;
  /** None of the candidates lists what is asked for. */
  readonly unlisted?: boolean | undefined;
  /** Portuguese name of what is asked for, e.g. `a ferramenta "x"`. */
  readonly subject: string;
  /** Its own time for an answer, in milliseconds. */
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

/**
 * All of them together have half as long again as the slowest of them may take: of the usual 30 s that is 45, while
 * clients wait a minute.
 */
const TIME_FOR_SPARES = 0.5;

/** @throws UpstreamAnswerError, UpstreamUnavailableError, OutcomeUnknownError, CancelledError */
export async function askInOrder<C extends Candidate>(route: Route<C>): Promise<Routed> {
  const order = inOrder(route.candidates);
  const longestMs = order.reduce((longest, candidate) => Math.max(longest, route.timeoutOf(candidate)), 0);
  const reserveMs = longestMs * TIME_FOR_SPARES;
  let leftMs = longestMs + reserveMs;
  const failed: Failed[] = [];
  let others = order.length;
  for (const candidate of order) {
    others -= 1;
    const timeoutMs = Math.min(route.timeoutOf(candidate), timeFor(route.effect, leftMs, others, reserveMs));
    const askedAt = performance.now();
    try {
      const resultText = await route.ask(candidate, timeoutMs);
      if (!route.isResult(resultText)) throw new MalformedAnswerError();
      return { resultText, servedBy: candidate.server, failed: failed.map(({ server }) => server) };
    } catch (thrown) {
      // Whatever it took beyond its time was somebody's who was asked a question: that is nobody's.
      leftMs -= Math.min(timeoutMs, performance.now() - askedAt);
      failed.push({ server: candidate.server, why: whyFailed(thrown, timeoutMs) });
      const next = afterFailure({
        effect: route.effect,
        failure: failureOf(thrown),
        left: order.slice(order.length - others).map(({ server }) => server),
        leftMs,
        unlisted: route.unlisted,
      });
      if (next.step === 'outcome-unknown') throw unknown(route.subject, candidate.server, thrown);
      if (next.step === 'give-up') throw givenUp(next.why, thrown, route.subject, failed);
    }
  }
  throw unavailable(
    route.subject,
    route.candidates.map(({ server, state }) => ({ server, why: notAsked(state) })),
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

/**
 * A read leaves the servers after it the reserve, or what is left of it in equal parts; so the first has its whole time. A
 * write that left is not asked of another anyway.
 */
function timeFor(effect: Effect, leftMs: number, others: number, reserveMs: number): number {
  return effect === 'read' && others > 0 ? Math.max(leftMs - reserveMs, leftMs / (others + 1)) : leftMs;
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

function givenUp(why: string, thrown: unknown, subject: string, failed: readonly Failed[]): unknown {
  if (thrown instanceof CancelledError) return thrown;
  // What the upstream answered is the caller's to read, in the upstream's own words and code.
  const answered = why === 'answered' || thrown instanceof UpstreamAnswerError;
  return answered && !refusesUs(thrown) && !isNoServer(thrown) ? thrown : unavailable(subject, failed, thrown);
}
