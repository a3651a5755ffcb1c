import { type CallToolResult, type Client, ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import type { z } from 'zod';
import { failureAnswer } from './answers.ts';
import { HoldOff } from './hold-off.ts';
import { brokenStreamCode } from './streamable-transport.ts';

/** Why something has no value: the server's own code and words, or one of ours (`conexao`, `sem_resposta`, …). */
export interface Failure {
  readonly codigo: string;
  readonly mensagem: string;
  /** After how long the same may be asked again, if the server named a time. */
  readonly espera_segundos?: number | undefined;
  /** The server took no question for now; the session is still good. */
  readonly heldOff?: HoldOff;
}
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** Omie's limits can hold a call back for a minute; progress from the server renews the first time, not the second. */
const silenceTimeoutMs = 120_000;
const totalTimeoutMs = 600_000;

export const brokenConnection: Failure = {
  codigo: 'conexao',
  mensagem: 'a conexão com o servidor falhou durante a consulta',
};

/** A server that refused for as long as it was waited for. */
export function heldOffFailure(heldOff: HoldOff): Failure {
  const mensagem = `o servidor pediu para esperar (${heldOff.status}: ${heldOff.meaning})`;
  return { codigo: heldOff.status === 429 ? 'limite_de_uso' : 'sobrecarga', mensagem, heldOff };
}

export interface ToolCall {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}
/** How a question reaches the server: {@link callTool} over one connection, or over as many as it takes. */
export type Ask = <T>(call: ToolCall, answer: z.ZodType<T>, signal: AbortSignal) => Promise<Outcome<T>>;

/** Over this connection and no other. */
export function askOver(client: Client): Ask {
  return (call, answer, signal) => callTool(client, call, answer, signal);
}

/**
 * Calls one tool and reads its answer. Whatever goes wrong is an outcome, so that one company never stops the others;
 * only an abort throws.
 */
export async function callTool<T>(
  client: Client,
  call: ToolCall,
  answer: z.ZodType<T>,
  signal: AbortSignal,
): Promise<Outcome<T>> {
  let result: CallToolResult;
  try {
    result = await client.callTool(
      { name: call.name, arguments: call.arguments },
      {
        signal,
        timeout: silenceTimeoutMs,
        maxTotalTimeout: totalTimeoutMs,
        resetTimeoutOnProgress: true,
        onprogress: () => undefined,
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    return failed(callFailure(error));
  }
  return readResult(result, answer);
}

export function failed(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure };
}

/** True when the connection is to blame and a new one may help. */
export function isConnectionFailure(failure: Failure): boolean {
  return failure.codigo === 'conexao' || failure.codigo === 'sem_resposta';
}

function readResult<T>(result: CallToolResult, answer: z.ZodType<T>): Outcome<T> {
  const content = result.structuredContent ?? textAsJson(result);
  if (result.isError) {
    const told = failureAnswer.safeParse(content);
    if (told.success) return failed(told.data.erro);
    return failed({ codigo: 'falha', mensagem: firstText(result) ?? 'a ferramenta falhou sem dizer por quê' });
  }
  const read = answer.safeParse(content);
  if (read.success) return { ok: true, value: read.data };
  const where = [...new Set(read.error.issues.map((issue) => issue.path.join('.') || 'resposta'))].join(', ');
  return failed({ codigo: 'resposta_invalida', mensagem: `fora do contrato: ${where}` });
}

function callFailure(error: unknown): Failure {
  if (error instanceof HoldOff) return heldOffFailure(error);
  if (error instanceof ProtocolError && error.code === brokenStreamCode) return brokenConnection;
  if (error instanceof ProtocolError) return { codigo: 'protocolo', mensagem: error.message };
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
    return { codigo: 'sem_resposta', mensagem: 'o servidor não respondeu a tempo' };
  }
  return brokenConnection;
}

function firstText(result: CallToolResult): string | undefined {
  const first = result.content[0];
  return first?.type === 'text' ? first.text : undefined;
}

function textAsJson(result: CallToolResult): unknown {
  try {
    return JSON.parse(firstText(result) ?? '');
  } catch {
    return undefined;
  }
}
