/** The last failure of a call in words: why nobody answered, and what to do. */
import { OutcomeUnknownError, UpstreamUnavailableError } from '../../errors.ts';
import { of } from '../contraction.ts';
import {
  HttpRefusalError,
  MalformedAnswerError,
  NotAskedError,
  OversizedAnswerError,
  UpstreamAnswerError,
  UpstreamBusyError,
  UpstreamGoneError,
  UpstreamTimeoutError,
} from '../links/link-errors.ts';

const RETRY_AFTER_MS = 5_000;

/** Our own credential, which the caller can do nothing about. */
export function refusesUs(thrown: unknown): boolean {
  return thrown instanceof UpstreamAnswerError && (thrown.status === 401 || thrown.status === 403);
}

/** At the address there is no MCP server, e.g. a proxy before one that is down. */
export function isNoServer(thrown: unknown): boolean {
  return thrown instanceof HttpRefusalError && thrown.undone;
}

export function unavailable(subject: string, servers: readonly string[], cause: unknown): UpstreamUnavailableError {
  const names = servers.join(', ');
  const why = reasonOf(cause);
  return new UpstreamUnavailableError(
    servers.length === 1
      ? `O servidor ${names} não pôde atender ${subject}${why}.`
      : `Nenhum servidor pôde atender ${subject}${names === '' ? '' : ` (${names})`}${why}.`,
    refusesUs(cause)
      ? { cause, retryable: false, hint: 'O servidor recusou a credencial do gateway; avise quem o administra.' }
      : { cause, retryAfterMs: retryAfterMsOf(cause), hint: hintOf(cause) },
  );
}

function reasonOf(cause: unknown): string {
  if (cause instanceof UpstreamTimeoutError) return ': não respondeu a tempo';
  if (cause instanceof UpstreamBusyError) return ': está ocupado';
  return isNoServer(cause) && !refusesUs(cause) ? `: o endereço respondeu HTTP ${statusOf(cause)}` : '';
}

function statusOf(cause: unknown): number | undefined {
  return cause instanceof UpstreamAnswerError ? cause.status : undefined;
}

function retryAfterMsOf(cause: unknown): number {
  return cause instanceof UpstreamGoneError ? (cause.retryAfterMs ?? RETRY_AFTER_MS) : RETRY_AFTER_MS;
}

function hintOf(cause: unknown): string {
  if (cause instanceof UpstreamTimeoutError) return 'Peça menos de uma vez, ou repita mais tarde.';
  if (cause instanceof UpstreamBusyError || cause instanceof NotAskedError) return 'Repita em instantes.';
  if (isNoServer(cause))
    return 'Não há um servidor MCP nesse endereço, por ora; se continuar, avise quem administra o gateway.';
  return 'O gateway continua tentando reconectar; repita em instantes.';
}

export function unknown(subject: string, server: string, cause: unknown): OutcomeUnknownError {
  return new OutcomeUnknownError(`${whatCame(of(subject), server, cause)}: não se sabe se teve efeito.`, {
    cause,
    hint: 'Não repita às cegas: verifique antes, com uma ferramenta de leitura do mesmo domínio, se a alteração foi feita.',
  });
}

function whatCame(ofSubject: string, server: string, cause: unknown): string {
  if (cause instanceof OversizedAnswerError) {
    return `O pedido ${ofSubject} foi enviado ao servidor ${server} e a resposta é grande demais para ser lida`;
  }
  if (cause instanceof MalformedAnswerError) {
    return `O pedido ${ofSubject} foi enviado ao servidor ${server} e a resposta não é um resultado de MCP`;
  }
  return `O pedido ${ofSubject} foi enviado ao servidor ${server} e a resposta não chegou`;
}
