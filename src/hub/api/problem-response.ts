import type { ServerResponse } from 'node:http';
import { AppError, asAppError } from '../../errors.ts';
import { statusOfErro } from '../../http/error-response.ts';
import { BodyTooLargeError, CodedBodyError } from '../../http/read-json-body.ts';
import { visibleJson } from '../../invisible-text.ts';
import { HubError, hubProblems, type Problem } from '../problem.ts';

/** Any failure as RFC 9457 has it; a defect of ours says nothing about itself. */
export function problemOf(thrown: unknown, requestId: string, instance?: string): Problem {
  const more = { ...(instance === undefined ? {} : { instance }), request_id: requestId };
  if (thrown instanceof HubError) {
    const { code, message, hint, errors, retryAfterMs } = thrown;
    return {
      type: typeOf(code),
      ...hubProblems[code],
      detail: message,
      ...more,
      code,
      ...(hint === undefined ? {} : { hint }),
      ...(errors.length === 0 ? {} : { errors: [...errors] }),
      ...waiting(retryAfterMs),
    };
  }
  const error = thrown instanceof AppError ? thrown : asAppError(thrown);
  const status = statusOf(error);
  return {
    type: typeOf(error.code),
    title: 'O pedido não foi atendido',
    status,
    detail: error.message,
    ...more,
    code: error.code,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...waiting(error.retryAfterMs),
  };
}

function statusOf(error: AppError): number {
  if (error instanceof BodyTooLargeError) return 413;
  return error instanceof CodedBodyError ? 415 : statusOfErro(error.toErro());
}

/** Stable, and no address that anybody might try to open. */
const typeOf = (code: string): string => `urn:omie-mcp-hub:problem:${code}`;

const waiting = (ms: number | undefined) => (ms === undefined ? {} : { retry_after_seconds: Math.ceil(ms / 1_000) });

export function sendProblem(res: ServerResponse, problem: Problem, headers: Record<string, string> = {}): void {
  if (res.headersSent) return;
  const bytes = Buffer.from(visibleJson(JSON.stringify(problem)));
  res.writeHead(problem.status, {
    ...headers,
    // What was not read of the body would be taken for the next request.
    ...(problem.status === 413 || problem.status === 415 ? { connection: 'close' } : {}),
    ...(problem.retry_after_seconds === undefined ? {} : { 'retry-after': String(problem.retry_after_seconds) }),
    ...(problem.request_id === undefined ? {} : { 'x-request-id': problem.request_id }),
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': bytes.length,
  });
  res.end(bytes);
}
