import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { busy } from '../errors.ts';
import { BAD_REQUEST } from '../protocol/error-codes.ts';
import { errorText } from '../protocol/json-rpc.ts';
import { statusOfErro } from './error-response.ts';

const ERRO = busy().toErro();
const STATUS = statusOfErro(ERRO);
const RETRY_AFTER = String(ERRO.espera_segundos);

/** Stands for the id in texts that are made once. */
const ID = '@id';
const named = { ...ERRO, id_requisicao: ID };
const overRest = halves(JSON.stringify({ erro: named }));
const overMcp = halves(errorText(null, BAD_REQUEST, ERRO.mensagem, named));

/**
 * The answer of an overloaded server: the same as every failure has, made ahead but for its id, since each microsecond
 * that a refusal takes is one that somebody else waits. The body of the request is not waited for.
 */
export function sendBusy(res: ServerResponse, door: 'mcp' | 'rest'): void {
  const requestId = randomUUID();
  const [before, after] = door === 'mcp' ? overMcp : overRest;
  const body = Buffer.from(before + requestId + after);
  res.setHeader('x-request-id', requestId);
  res.writeHead(STATUS, {
    'retry-after': RETRY_AFTER,
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  });
  res.end(body);
}

function halves(text: string): readonly [string, string] {
  const at = text.indexOf(ID);
  return [text.slice(0, at), text.slice(at + ID.length)];
}
