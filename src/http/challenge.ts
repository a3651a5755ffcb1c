import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identification } from '../access/identification.ts';
import { leastScope } from '../access/oauth/scope-rights.ts';
import { OverloadError } from '../errors.ts';
import { sendAppError, sendErro } from './error-response.ts';

type Refused = Exclude<Identification, { kind: 'known' }>;

/**
 * The answer to who may not come in: 401, 403 or 503, with `WWW-Authenticate` as RFC 6750 §3 wants it and, with OAuth,
 * where to get a token (RFC 9728 §5.1).
 */
export function sendChallenge(
  req: IncomingMessage,
  res: ServerResponse,
  refused: Refused,
  metadataUrl: string | undefined,
): void {
  const where = metadataUrl === undefined ? [] : [`resource_metadata="${metadataUrl}"`];
  if (refused.kind === 'unavailable') {
    sendAppError(
      res,
      new OverloadError('O servidor de autorização não responde; não há como conferir o token.', refused.retryAfterMs),
    );
  } else if (refused.kind === 'insufficient') {
    const params = ['error="insufficient_scope"', `scope="${leastScope}"`, ...where];
    const sugestao = 'Peça um token com escopos de empresa (empresa:<id>, grupo:<nome>) e omie:leitura.';
    sendErro(
      res,
      403,
      { codigo: 'sem_permissao', mensagem: 'O token não dá acesso a nada aqui.', tente_novamente: false, sugestao },
      { 'www-authenticate': bearer(params) },
    );
  } else {
    // RFC 6750 §3.1: who sent no token is told of no error.
    const error = req.headers.authorization === undefined ? [] : ['error="invalid_token"'];
    const sugestao = 'Envie o cabeçalho Authorization: Bearer <token>.';
    sendErro(
      res,
      401,
      { codigo: 'sem_permissao', mensagem: 'Falta um token válido.', tente_novamente: false, sugestao },
      { 'www-authenticate': bearer([...error, ...where]) },
    );
  }
}

function bearer(params: readonly string[]): string {
  return `Bearer ${['realm="omie-mcp-hub"', ...params].join(', ')}`;
}
