import type { ErrorCode } from '../errors.ts';
import type { Logger } from '../logging/logger.ts';
import { BAD_REQUEST, INTERNAL_ERROR } from '../protocol/error-codes.ts';
import type { ObserveCall } from '../tools/call-report.ts';

/** What callers bring on themselves and only they can mend. */
const callersOwn: ReadonlySet<string> = new Set<ErrorCode>([
  'parametro_invalido',
  'empresa_nao_encontrada',
  'nao_encontrado',
  'sem_permissao',
  'fora_do_dominio',
  'cancelado',
]);

/** Callers make up names; a log line need not hold all of one. */
const MAX_NAME = 80;

/**
 * One line a call under the id that its caller was given: `debug` when it went well, `info` when the caller could have
 * known better, `warn` when an operator may have to look. Defects have a line of their own at `error`, with the cause.
 */
export function logCalls(logger: Logger): ObserveCall {
  return ({ method, target, door, principal, requestId, outcome, durationMs, rows }) => {
    const level = outcome === 'ok' ? 'debug' : callersOwn.has(outcome) ? 'info' : 'warn';
    if (!logger.isLevelEnabled(level)) return;
    const tool = target.slice(0, MAX_NAME);
    logger[level]({ requestId, door, principal, method, tool, outcome, ms: Math.round(durationMs), rows }, 'call');
  };
}

/** The same for messages that came to no call: under the id in the error, at `debug` where there is no time for lines. */
export function logProtocolErrors(
  logger: Logger,
): (error: { requestId: string; code: number; message: string }) => void {
  return ({ requestId, code, message }) => {
    const level = code === BAD_REQUEST ? 'debug' : code === INTERNAL_ERROR ? 'warn' : 'info';
    logger[level]({ requestId, code, reason: message.slice(0, 200) }, 'protocol error');
  };
}
