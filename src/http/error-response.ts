import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type AppError, type Erro, type ErrorCode, NotFoundError } from '../errors.ts';
import { BAD_REQUEST } from '../protocol/error-codes.ts';
import { errorText } from '../protocol/json-rpc.ts';

/** The HTTP status each code answers with over REST. */
const statusOf: Record<ErrorCode, number> = {
  parametro_invalido: 400,
  sem_permissao: 403,
  empresa_nao_encontrada: 404,
  nao_encontrado: 404,
  credencial_invalida: 424,
  omie_limite: 429,
  limite_de_uso: 429,
  cancelado: 499,
  configuracao_invalida: 500,
  erro_interno: 500,
  omie_falha: 502,
  omie_indisponivel: 502,
  omie_bloqueada: 503,
  sobrecarga: 503,
  fora_do_dominio: 403,
  em_quarentena: 409,
  servidor_recusou: 502,
  servidor_indisponivel: 502,
  resultado_desconhecido: 504,
};

export function statusOfErro(erro: Erro): number {
  return statusOf[erro.codigo];
}

/**
 * Writes `{"erro": …}` with its status, and `Retry-After` where waiting helps. The id that its reader may quote is also in
 * `X-Request-Id`, from where the edge takes it into the log.
 */
export function sendErro(res: ServerResponse, status: number, erro: Erro, headers: Record<string, string> = {}): void {
  if (erro.espera_segundos !== undefined) headers['retry-after'] = String(erro.espera_segundos);
  const requestId = erro.id_requisicao ?? requestIdOf(res);
  if (!res.headersSent) res.setHeader('x-request-id', requestId);
  sendJson(res, status, { erro: { ...erro, id_requisicao: requestId } }, headers);
}

/** The id that the response was given already, or one for it. */
export function requestIdOf(res: ServerResponse): string {
  const given = res.getHeader('x-request-id');
  return typeof given === 'string' ? given : randomUUID();
}

export function sendAppError(res: ServerResponse, error: AppError): void {
  const erro = error.toErro();
  sendErro(res, statusOfErro(erro), erro);
}

/** The same for clients of MCP, who read JSON-RPC: the failure is in the error's `data`. */
export function sendRpcError(res: ServerResponse, error: AppError, status = statusOfErro(error.toErro())): void {
  const erro = { ...error.toErro(), id_requisicao: randomUUID() };
  const headers: Record<string, string> = {};
  // Where the log line of a failed response finds it.
  if (!res.headersSent) res.setHeader('x-request-id', erro.id_requisicao);
  if (erro.espera_segundos !== undefined) headers['retry-after'] = String(erro.espera_segundos);
  sendJsonText(res, status, errorText(null, BAD_REQUEST, erro.mensagem, erro), headers);
}

export function notFound(): NotFoundError {
  return new NotFoundError('Este caminho não existe.', { hint: 'Use /mcp, /sse, /tools ou /health.' });
}

/** 405, naming the method that works. */
export function sendNotAllowed(res: ServerResponse, method: string): void {
  const erro: Erro = { codigo: 'parametro_invalido', mensagem: `Use ${method} neste caminho.`, tente_novamente: false };
  sendErro(res, 405, erro, { allow: method });
}

export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  sendJsonText(res, status, JSON.stringify(body), headers);
}

/** The same for what is JSON text already. */
export function sendJsonText(
  res: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  if (res.headersSent) return;
  const bytes = Buffer.from(text);
  res.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
  });
  res.end(bytes);
}
