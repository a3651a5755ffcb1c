import { AppError } from '../../errors.ts';
import { HubError } from '../problem.ts';

/** Why a start failed, as an operator reads it: only sentences of ours. */
export function failureText(
  thrown: unknown,
  { timedOut, startTimeoutMs }: { readonly timedOut: boolean; readonly startTimeoutMs: number },
): string {
  if (timedOut)
    return `não respondeu em ${Math.round(startTimeoutMs / 1_000)} s; veja os logs (HUB_START_TIMEOUT_SECONDS)`;
  return ourWords(thrown) ?? 'não pôde ser iniciado; o motivo está no log do hub';
}

/** Why something of it is still there. */
export function notRemovedText(thrown: unknown): string {
  return `não pôde ser apagado por inteiro, repita o DELETE: ${ourWords(thrown) ?? 'o motivo está no log do hub'}`;
}

/** Why something could not be ended. */
export function leftText(thrown: unknown): string {
  return `pode ainda estar em execução: ${ourWords(thrown) ?? 'o motivo está no log do hub'}`;
}

function ourWords(thrown: unknown): string | undefined {
  if (!(thrown instanceof HubError || thrown instanceof AppError)) return undefined;
  return thrown.hint === undefined ? thrown.message : `${thrown.message} ${thrown.hint}`;
}
