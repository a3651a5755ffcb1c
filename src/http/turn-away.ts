import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { busy } from '../errors.ts';
import { BAD_REQUEST } from '../protocol/error-codes.ts';
import { errorText } from '../protocol/json-rpc.ts';
import { statusOfErro } from './error-response.ts';

const ERRO = busy().toErro();
const STATUS = statusOfErro(ERRO);

/** Stands for the id in texts that are made once. */
const ID = '@id';

type Door = 'mcp' | 'rest';
type Halves = readonly [before: string, after: string];
/** By door and seconds to wait. */
const made = new Map<string, Halves>();

/**
 * The answer of an overloaded server: the same as every failure has, made ahead but for its id, since each microsecond
 * that a refusal takes is one that somebody else waits. The body of the request is not waited for.
 */
export function sendBusy(res: ServerResponse, door: Door, seconds: number): void {
  const requestId = randomUUID();
  const [before, after] = textOf(door, seconds);
  const body = before + requestId + after;
  res.setHeader('x-request-id', requestId);
  res.writeHead(STATUS, {
    'retry-after': String(seconds),
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  // As text it leaves in one piece with its headers; bytes would be a piece of their own.
  res.end(body);
}

function textOf(door: Door, seconds: number): Halves {
  const key = `${door} ${seconds}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const named = { ...ERRO, espera_segundos: seconds, id_requisicao: ID };
  const text = door === 'mcp' ? errorText(null, BAD_REQUEST, ERRO.mensagem, named) : JSON.stringify({ erro: named });
  const parts = halves(text);
  made.set(key, parts);
  return parts;
}

function halves(text: string): Halves {
  const at = text.indexOf(ID);
  return [text.slice(0, at), text.slice(at + ID.length)];
}
