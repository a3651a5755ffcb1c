/**
 * Every failure a user can see is an `AppError`: a stable Portuguese code, a sentence that says what happened, whether
 * trying again can help and after how long, and what to do next. Nothing else about the failure leaves the process:
 * no stack, no secret, and of what Omie said at most one cleaned sentence. Two borders turn it into an answer (MCP results and REST bodies), both through
 * {@link AppError.toErro}.
 */
export type ErrorCode =
  | 'empresa_nao_encontrada'
  | 'parametro_invalido'
  | 'omie_indisponivel'
  | 'omie_limite'
  | 'omie_bloqueada'
  | 'omie_falha'
  | 'credencial_invalida'
  | 'sem_permissao'
  | 'nao_encontrado'
  | 'cancelado'
  | 'sobrecarga'
  | 'limite_de_uso'
  | 'configuracao_invalida'
  | 'fora_do_dominio'
  | 'em_quarentena'
  | 'servidor_recusou'
  | 'servidor_indisponivel'
  | 'resultado_desconhecido'
  | 'erro_interno';

/** The public shape of a failure (contract: `{"erro": {...}}`). Waits are whole seconds, rounded up. */
export interface Erro {
  codigo: ErrorCode;
  mensagem: string;
  empresa?: string;
  tente_novamente: boolean;
  espera_segundos?: number;
  sugestao?: string;
  id_requisicao?: string;
}

export interface AppErrorOptions {
  /** Can the very same request succeed later without anybody changing anything? */
  retryable?: boolean;
  /** How long the caller should wait first, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** Id of the company concerned (never its keys). */
  company?: string | undefined;
  /** What to do next, in Portuguese. */
  hint?: string | undefined;
  cause?: unknown;
  rpc?: RpcWords | undefined;
}

/** An error that the protocol has a word for and clients act upon: every door of MCP tells it as such. */
export interface RpcWords {
  readonly code: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly company: string | undefined;
  readonly hint: string | undefined;
  readonly rpc: RpcWords | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.company = options.company;
    this.hint = options.hint;
    this.rpc = options.rpc;
  }

  toErro(): Erro {
    const erro: Erro = { codigo: this.code, mensagem: this.message, tente_novamente: this.retryable };
    if (this.company !== undefined) erro.empresa = this.company;
    if (this.retryAfterMs !== undefined) erro.espera_segundos = Math.ceil(this.retryAfterMs / 1000);
    if (this.hint !== undefined) erro.sugestao = this.hint;
    return erro;
  }
}

/** The caller asked for something that cannot be: the message names the argument and what it accepts. */
export class UserInputError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('parametro_invalido', message, options);
  }
}

/** No company, or more than one, answers to the reference given. Names only companies the caller may see. */
export class CompanyNotFoundError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('empresa_nao_encontrada', message, options);
  }
}

/** Omie answered with a business fault that no repetition will change. */
export class OmieFaultError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('omie_falha', message, options);
  }
}

/** Omie (or our own budget for it) asks us to slow down. */
export class OmieRateLimitError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('omie_limite', message, { retryable: true, ...options });
  }
}

/** Omie blocked this key and method (HTTP 425). Calling during the block would extend it, so nobody calls. */
export class OmieBlockedError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('omie_bloqueada', message, { retryable: true, ...options });
  }
}

/** Omie cannot be reached, does not answer in time, or answers something that is not its protocol. */
export class OmieUnavailableError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('omie_indisponivel', message, { retryable: true, ...options });
  }
}

/** The company's keys are missing, disabled or refused by Omie. Other companies are untouched. */
export class CredentialError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('credencial_invalida', message, options);
  }
}

/** The caller may not use this tool. Companies out of scope look unknown instead: see {@link CompanyNotFoundError}. */
export class PermissionError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('sem_permissao', message, options);
  }
}

/** A name that nothing answers to: a tool, a resource, a prompt. */
export class NotFoundError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('nao_encontrado', message, options);
  }
}

/** The caller gave up; whatever was in flight was aborted down to the socket. */
export class CancelledError extends AppError {
  constructor(message = 'A consulta foi cancelada por quem a pediu.', options: AppErrorOptions = {}) {
    super('cancelado', message, options);
  }
}

/** No room for more work now: the server is stopping or full. */
export class OverloadError extends AppError {
  constructor(message: string, retryAfterMs: number) {
    super('sobrecarga', message, { retryable: true, retryAfterMs });
  }
}

/**
 * The overload of this very moment: gone in a second or so. One for all: to note where each arose was a tenth of what
 * turning somebody away costs, at the very time when nothing may cost much.
 */
export function busy(): OverloadError {
  return BUSY;
}

const BUSY = Object.freeze(new OverloadError('Há consultas demais em andamento. Repita em instantes.', 1_000));

/** The caller asked more often than it may (its token's `limite_por_minuto`, or the limit of its address). */
export class UsageLimitError extends AppError {
  constructor(message: string, retryAfterMs: number, options: Pick<AppErrorOptions, 'hint'> = {}) {
    super('limite_de_uso', message, { ...options, retryable: true, retryAfterMs });
  }
}

/** A setting, a flag or a file that the operator must mend. Shown at start-up, one line a problem. */
export class ConfigurationError extends AppError {
  readonly problems: readonly string[];

  constructor(message: string, problems: readonly string[] = [], options: AppErrorOptions = {}) {
    super('configuracao_invalida', message, options);
    this.problems = problems;
  }
}

/** No mounted server that could answer can be reached now. Nothing was done by any of them. */
export class UpstreamUnavailableError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('servidor_indisponivel', message, { retryable: true, ...options });
  }
}

/** What a client carried from an earlier round of a call is not ours, not this call's, or over. */
export class InvalidStateError extends AppError {
  constructor() {
    super('parametro_invalido', 'requestState não vale ou já expirou.', {
      hint: 'Faça a chamada de novo, sem requestState.',
      rpc: { code: -32602, data: { reason: 'invalid_request_state' } },
    });
  }
}

/** What was asked for is of a domain outside the conversation's scope: the hint names the one to select. */
export class OutOfDomainError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('fora_do_dominio', message, options);
  }
}

/** A mounted tool that an operator must look at before anybody may use it again. Nothing was sent. */
export class QuarantinedError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('em_quarentena', message, options);
  }
}

/** A mounted server understood the request and refused it with an error of the protocol. */
export class ServerRefusedError extends AppError {
  /** The code of its JSON-RPC error. */
  readonly rpcCode: number;

  /** @param options.rpcData what clients need of the error's own data, if anything; of our making */
  constructor(
    message: string,
    rpcCode: number,
    { rpcData, ...options }: AppErrorOptions & { rpcData?: RpcWords['data'] | undefined } = {},
  ) {
    super('servidor_recusou', message, {
      ...options,
      rpc: rpcData === undefined ? undefined : { code: rpcCode, data: rpcData },
    });
    this.rpcCode = rpcCode;
  }
}

/** The call left for a mounted server and no answer came: it may have had its effect, so nobody may just repeat it. */
export class OutcomeUnknownError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('resultado_desconhecido', message, options);
  }
}

/** A defect of ours. The cause goes to the log under the request id; the user sees neither. */
export class InternalError extends AppError {
  constructor(cause: unknown) {
    super('erro_interno', 'Erro interno do servidor. O detalhe ficou no log sob o id da requisição.', {
      cause,
      retryable: true,
    });
  }
}

/** Any thrown value as an `AppError`; what is not one of ours is a defect and says nothing about itself. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') return new CancelledError(undefined, { cause: thrown });
  return new InternalError(thrown);
}
