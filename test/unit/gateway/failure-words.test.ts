import { expect, it } from 'vitest';
import {
  HttpRefusalError,
  MalformedAnswerError,
  NotAskedError,
  OversizedAnswerError,
  UpstreamBusyError,
  UpstreamGoneError,
  UpstreamTimeoutError,
} from '../../../src/gateway/links/link-errors.ts';
import { unavailable, unknown, whyFailed } from '../../../src/gateway/routing/failure-words.ts';
import { problemOf } from '../../../src/gateway/upstreams/upstream-words.ts';

const TOOL = 'a ferramenta "t"';

it.each([
  [
    new UpstreamTimeoutError('No answer.', { sent: true }),
    'O servidor a não pôde atender a ferramenta "t": não respondeu em 1,5 s.',
    /^Peça menos/,
  ],
  [
    new UpstreamBusyError(7_000),
    'O servidor a não pôde atender a ferramenta "t": está ocupado.',
    /^Repita em instantes/,
  ],
  [
    new HttpRefusalError(404),
    'O servidor a não pôde atender a ferramenta "t": o endereço respondeu HTTP 404.',
    /avise quem administra/,
  ],
  [
    new HttpRefusalError(401),
    'O servidor a não pôde atender a ferramenta "t": recusou a credencial do gateway.',
    /recusou a credencial/,
  ],
  [
    new NotAskedError('The breaker is open.'),
    'O servidor a não pôde atender a ferramenta "t": não pôde ser chamado agora.',
    /^Repita em instantes/,
  ],
  [
    new OversizedAnswerError(),
    'O servidor a não pôde atender a ferramenta "t": deu uma resposta grande demais.',
    /^Peça menos/,
  ],
  [
    new MalformedAnswerError(),
    'O servidor a não pôde atender a ferramenta "t": respondeu fora do protocolo.',
    /avise quem administra/,
  ],
  [
    new UpstreamGoneError('gone', { sent: true }),
    'O servidor a não pôde atender a ferramenta "t": a conexão falhou.',
    /tentando reconectar/,
  ],
])('a call that nobody served says why: %s', (cause, message, hint) => {
  const told = unavailable(TOOL, [{ server: 'a', why: whyFailed(cause, 1_500) }], cause);
  expect(told).toMatchObject({ message, hint: expect.stringMatching(hint) });
  expect(told.retryable).toBe(!(cause instanceof HttpRefusalError && cause.status === 401));
});

it('a write whose outcome is unknown says what came of it', () => {
  const words = [new OversizedAnswerError(), new MalformedAnswerError(), new UpstreamGoneError('', { sent: true })].map(
    (cause) => unknown(TOOL, 'a', cause).message,
  );
  expect(words).toEqual([
    expect.stringContaining('a resposta é grande demais para ser lida: não se sabe se teve efeito'),
    expect.stringContaining('a resposta não é um resultado de MCP: não se sabe se teve efeito'),
    expect.stringContaining('a resposta não chegou: não se sabe se teve efeito'),
  ]);
});

it('a list that is too large is told to operators as such', () => {
  expect(problemOf(new OversizedAnswerError())).toBe('respondeu mais do que se lê de uma vez');
});
