import { SdkError, SdkErrorCode, SdkHttpError, SseError } from '@modelcontextprotocol/client';
import { HoldOff } from './hold-off.ts';

/** The server could not be reached, or refused us; the message is for the person at the terminal. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly status: number | undefined;

  constructor(message: string, options: { cause: unknown; status: number | undefined }) {
    super(message, { cause: options.cause });
    this.status = options.status;
  }

  /** Waiting does not cure a refused token. */
  get refused(): boolean {
    return this.status === 401 || this.status === 403;
  }

  /** Something answers there, but not this transport: a wrong address, unless it worked before. */
  get wrongAddress(): boolean {
    return this.status === 404 || this.status === 405;
  }
}

/** Explains in Portuguese why connecting failed. The URL is shown without user, password and query. */
export function explainConnection(error: unknown, url: URL): ConnectionError {
  const status = httpStatus(error);
  return new ConnectionError(sentence(error, status, `${url.origin}${url.pathname}`), { cause: error, status });
}

function sentence(error: unknown, status: number | undefined, where: string): string {
  if (status === 401) {
    return `O servidor em ${where} recusou o acesso (401): informe um token válido com --token ou MCP_AUTH_TOKEN.`;
  }
  if (status === 403) return `O servidor em ${where} recusou o acesso (403): o token ou a origem não tem permissão.`;
  if (status === 404 || status === 405) {
    return `Não há servidor MCP deste tipo em ${where} (${status}): confira o caminho (/mcp para report, /sse para monitor).`;
  }
  if (status === 429) return `O servidor em ${where} pediu para esperar (429): pedidos demais.`;
  if (status === 503) return `O servidor em ${where} está indisponível (503): reiniciando ou sobrecarregado.`;
  if (status !== undefined) return `O servidor em ${where} respondeu com o erro HTTP ${status}.`;
  if (isTimeout(error)) return `O servidor em ${where} não respondeu a tempo.`;
  return `Não foi possível alcançar o servidor em ${where} (${networkReason(error)}). Ele está no ar?`;
}

function httpStatus(error: unknown): number | undefined {
  if (error instanceof SdkHttpError || error instanceof HoldOff) return error.status;
  if (error instanceof SseError) return error.code;
  // The older transport reports a refused POST only in words.
  const told = error instanceof Error ? /\(HTTP (\d{3})\)/.exec(error.message)?.[1] : undefined;
  return told === undefined ? undefined : Number(told);
}

function isTimeout(error: unknown): boolean {
  if (error instanceof SdkError) return error.code === SdkErrorCode.RequestTimeout;
  return error instanceof Error && error.name === 'TimeoutError';
}

const reasons: readonly (readonly [code: string, reason: string])[] = [
  ['ECONNREFUSED', 'conexão recusada'],
  ['ENOTFOUND', 'endereço desconhecido'],
  ['EAI_AGAIN', 'o nome não pôde ser resolvido'],
  ['ECONNRESET', 'conexão interrompida'],
  ['UND_ERR_SOCKET', 'conexão interrompida'],
  ['ETIMEDOUT', 'tempo esgotado'],
  ['CERT', 'certificado recusado'],
  ['SSL', 'falha de TLS'],
];

function networkReason(error: unknown): string {
  const told = chain(error).join(' ');
  return reasons.find(([code]) => told.includes(code))?.[1] ?? 'falha de rede';
}

/** Codes and messages of an error and of what caused it; fetch hides the socket's error two levels down. */
function chain(error: unknown): string[] {
  const told: string[] = [];
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    told.push('code' in current ? String(current.code) : '', current.message);
    if (current instanceof AggregateError) told.push(...current.errors.flatMap((inner) => chain(inner)));
    current = current.cause;
  }
  return told;
}
