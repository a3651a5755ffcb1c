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
import type { Candidate } from './choose.ts';

const RETRY_AFTER_MS = 5_000;

/** Our own credential, which the caller can do nothing about. */
export function refusesUs(thrown: unknown): boolean {
  return thrown instanceof UpstreamAnswerError && (thrown.status === 401 || thrown.status === 403);
}

/** At the address there is no MCP server, e.g. a proxy before one that is down. */
export function isNoServer(thrown: unknown): boolean {
  return thrown instanceof HttpRefusalError && thrown.undone;
}

/** A server that did not serve, and why: Portuguese, for whoever called. */
export interface Failed {
  readonly server: string;
  readonly why: string;
}

const WHY_NOT_ASKED: Readonly<Record<Candidate['state'], string>> = {
  connecting: 'está conectando',
  connected: 'não foi chamado',
  down: 'está fora do ar',
  quarantined: 'aguarda a aprovação de quem o administra',
};

export function notAsked(state: Candidate['state']): string {
  return WHY_NOT_ASKED[state];
}

/** Never in the server's words. */
export function whyFailed(thrown: unknown, timeoutMs: number): string {
  if (thrown instanceof UpstreamTimeoutError) return `não respondeu em ${seconds(timeoutMs)} s`;
  if (thrown instanceof OversizedAnswerError) return 'deu uma resposta grande demais';
  if (thrown instanceof MalformedAnswerError) return 'respondeu fora do protocolo';
  if (refusesUs(thrown)) return 'recusou a credencial do gateway';
  if (thrown instanceof HttpRefusalError && thrown.undone) return `o endereço respondeu HTTP ${thrown.status}`;
  if (thrown instanceof UpstreamAnswerError) return 'respondeu com um erro';
  if (thrown instanceof UpstreamBusyError) return 'está ocupado';
  if (thrown instanceof NotAskedError) return 'não pôde ser chamado agora';
  return thrown instanceof UpstreamGoneError ? 'a conexão falhou' : 'falhou';
}

const seconds = (ms: number): string => (ms / 1_000).toLocaleString('pt-BR', { maximumFractionDigits: 1 });

export function unavailable(subject: string, servers: readonly Failed[], cause: unknown): UpstreamUnavailableError {
  const [first] = servers;
  const reasons = servers.map(({ server, why }) => `${server}: ${why}`).join('; ');
  return new UpstreamUnavailableError(
    first !== undefined && servers.length === 1
      ? `O servidor ${first.server} não pôde atender ${subject}: ${first.why}.`
      : `Nenhum servidor pôde atender ${subject}${reasons === '' ? '' : ` (${reasons})`}.`,
    refusesUs(cause)
      ? { cause, retryable: false, hint: 'O servidor recusou a credencial do gateway; avise quem o administra.' }
      : { cause, retryAfterMs: retryAfterMsOf(cause), hint: hintOf(cause) },
  );
}

function retryAfterMsOf(cause: unknown): number {
  return cause instanceof UpstreamGoneError ? (cause.retryAfterMs ?? RETRY_AFTER_MS) : RETRY_AFTER_MS;
}

function hintOf(cause: unknown): string {
  if (cause instanceof OversizedAnswerError) return 'Peça menos de uma vez (filtro, página, período).';
  if (cause instanceof MalformedAnswerError) return 'Se continuar, avise quem administra o gateway.';
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
