/** Every failure the hub tells of: RFC 9457, with a code that never changes and what to do next. */
import { z } from 'zod';
import type { AppError, ErrorCode } from '../errors.ts';

/** What only the hub can say, with the HTTP status it says it with. Other failures keep the codes of the whole house. */
export const hubProblems = {
  nao_autenticado: { status: 401, title: 'Falta o token de administração' },
  pedido_recusado: { status: 400, title: 'O pedido não é seguro ou não está completo' },
  endereco_bloqueado: { status: 400, title: 'O endereço não é aceito' },
  fonte_desconhecida: { status: 404, title: 'A fonte não foi encontrada' },
  servidor_desconhecido: { status: 404, title: 'Não há servidor com este id' },
  ferramenta_desconhecida: { status: 404, title: 'O servidor não tem esta ferramenta' },
  conflito_de_estado: { status: 409, title: 'O servidor não está num estado que permita isto' },
  limite_de_servidores: { status: 409, title: 'O hub já guarda o máximo de servidores' },
  faltam_variaveis: { status: 422, title: 'Faltam variáveis que o servidor exige' },
  sem_executor: { status: 422, title: 'Nada aqui consegue executar esta fonte' },
  fonte_indisponivel: { status: 502, title: 'A fonte não respondeu' },
  disco_indisponivel: { status: 507, title: 'O hub não consegue gravar no disco' },
  banco_indisponivel: { status: 503, title: 'O hub não consegue usar o banco de dados' },
  nao_configurado: { status: 503, title: 'Falta configurar esta parte do hub' },
} as const satisfies Record<string, { status: number; title: string }>;

export type HubProblemCode = keyof typeof hubProblems;
export type ProblemCode = HubProblemCode | ErrorCode;

export interface FieldProblem {
  /** Path in the request, e.g. `env.NODE_OPTIONS`; empty for the whole. */
  readonly field: string;
  readonly message: string;
}

export interface HubErrorOptions {
  /** What to do next, in Portuguese. */
  readonly hint?: string | undefined;
  readonly errors?: readonly FieldProblem[] | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A failure of the hub's own; the message is Portuguese and holds no secret. */
export class HubError extends Error {
  readonly code: HubProblemCode;
  readonly hint: string | undefined;
  readonly errors: readonly FieldProblem[];
  readonly retryAfterMs: number | undefined;

  constructor(code: HubProblemCode, message: string, options: HubErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HubError';
    this.code = code;
    this.hint = options.hint;
    this.errors = options.errors ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The body of `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string().describe('URN do problema.'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe('O que houve, em português.'),
    instance: z.string().optional().describe('O caminho pedido.'),
    code: z.string().describe('Código estável.'),
    hint: z.string().optional().describe('O que fazer.'),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    retry_after_seconds: z.number().int().optional(),
    request_id: z.string().optional().describe('Id para procurar no log e na auditoria.'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof problemSchema>;

/** A failure inside an answer that holds other things too. */
export const partialProblemSchema = z.object({
  code: z.string(),
  detail: z.string(),
  hint: z.string().optional(),
  retry_after_seconds: z.number().int().optional(),
});

export function partialProblemOf({
  code,
  message,
  hint,
  retryAfterMs,
}: HubError | AppError): z.output<typeof partialProblemSchema> {
  return {
    code,
    detail: message,
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retry_after_seconds: Math.ceil(retryAfterMs / 1_000) }),
  };
}
