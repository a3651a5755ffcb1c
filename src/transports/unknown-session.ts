import type { IncomingMessage, ServerResponse } from 'node:http';
import { UsageLimitError } from '../errors.ts';
import { BAD_REQUEST, SESSION_NOT_FOUND } from '../protocol/error-codes.ts';
import type { RequestId } from '../protocol/json-rpc.ts';
import { refuse } from './http-reply.ts';

/** Counts a session id that nobody has; how many milliseconds its sender must wait, or undefined for none. */
export type LimitGuesses = (req: IncomingMessage) => Promise<number | undefined>;

/**
 * 404 for a session that does not exist, or belongs to somebody else: its client begins anew ("Session Management").
 * Who asks for one after the other is guessing, and is told to wait.
 */
export function refuseUnknownSession(
  req: IncomingMessage,
  res: ServerResponse,
  limitGuesses: LimitGuesses | undefined,
  id: RequestId | null = null,
): void {
  const notFound = (): void => refuse(res, { status: 404, code: SESSION_NOT_FOUND, message: 'Session not found' }, id);
  if (limitGuesses === undefined) {
    notFound();
    return;
  }
  limitGuesses(req).then((waitMs) => (waitMs === undefined ? notFound() : tooMany(res, waitMs, id)), notFound);
}

function tooMany(res: ServerResponse, waitMs: number, id: RequestId | null): void {
  const data = new UsageLimitError('Sessões desconhecidas demais vindas deste endereço.', waitMs).toErro();
  const headers = { 'retry-after': String(data.espera_segundos) };
  refuse(res, { status: 429, code: BAD_REQUEST, message: 'Too many unknown sessions', data, headers }, id);
}
