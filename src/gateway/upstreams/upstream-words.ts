/** Why an upstream is not there, in words for an operator. What it said itself is not repeated: it may hold anything. */
import { AppError, CancelledError } from '../../errors.ts';
import {
  MalformedAnswerError,
  OversizedAnswerError,
  UpstreamAnswerError,
  UpstreamFloodError,
  UpstreamGoneError,
  UpstreamTimeoutError,
} from '../links/link-errors.ts';

export function problemOf(thrown: unknown): string {
  if (thrown instanceof CancelledError) return 'a conexão foi encerrada';
  if (thrown instanceof AppError) return thrown.message;
  if (thrown instanceof UpstreamTimeoutError) return 'não respondeu a tempo';
  if (thrown instanceof UpstreamAnswerError) {
    if (thrown.status === 401 || thrown.status === 403) {
      return `recusou a credencial (HTTP ${thrown.status}): confira auth deste servidor`;
    }
    return thrown.list === undefined ? answerOf(thrown) : `${thrown.list}: ${answerOf(thrown)}`;
  }
  if (thrown instanceof UpstreamFloodError) return 'escreveu sem parar o que não é mensagem de MCP e foi desligado';
  // The links' own sentences: short, Portuguese, and of our making.
  if (thrown instanceof UpstreamGoneError) return `não está acessível: ${within(thrown.message)}`;
  return 'falhou de modo inesperado';
}

function answerOf(answer: UpstreamAnswerError): string {
  if (answer instanceof OversizedAnswerError) return 'respondeu mais do que se lê de uma vez';
  if (answer instanceof MalformedAnswerError) return 'respondeu algo que não é um resultado de MCP';
  return answer.status === undefined ? `respondeu com o erro ${answer.code}` : `respondeu HTTP ${answer.status}`;
}

/** As a part of a longer sentence. */
const within = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
