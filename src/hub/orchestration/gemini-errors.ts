/** What Gemini's refusals mean to an operator. Its own sentences may quote the request, and are not passed on. */
import { z } from 'zod';
import { CancelledError, UsageLimitError } from '../../errors.ts';
import { HubError } from '../problem.ts';

/** google.rpc.Status as JSON, with the details that are read here. */
const errorBody = z.looseObject({
  error: z.looseObject({
    code: z.number().optional(),
    status: z.string().optional(),
    details: z
      .array(
        z.looseObject({
          '@type': z.string().optional(),
          retryDelay: z.string().optional(),
          reason: z.string().optional(),
        }),
      )
      .catch([])
      .default([]),
  }),
});
const withStatus = z.looseObject({ name: z.literal('ApiError'), status: z.number(), message: z.string() });

/** Where a quota is used up and nobody says for how long. */
const QUOTA_WAIT_MS = 60_000;

export function geminiError(thrown: unknown, signal: AbortSignal, model: string): unknown {
  if (signal.aborted) return new CancelledError(undefined, { cause: thrown });
  if (thrown instanceof HubError) return thrown;
  const failed = thrown instanceof Error ? apiErrorOf(thrown) : undefined;
  if (failed === undefined) {
    return new HubError('fonte_indisponivel', 'O Gemini não pôde ser alcançado, ou respondeu fora do protocolo.', {
      hint: 'Confira a rede e GEMINI_BASE_URL, e repita.',
      cause: thrown,
    });
  }
  const { http, status, reasons, retryMs } = failed;
  const key = reasons.some((reason) => reason.startsWith('API_KEY')) || http === 401 || http === 403;
  if (key) {
    return new HubError('nao_configurado', `O Gemini não aceitou a chave (${status}).`, {
      hint: 'Confira GEMINI_API_KEY e as permissões dela.',
      cause: thrown,
    });
  }
  if (http === 404) {
    return new HubError('nao_configurado', `O Gemini não tem o modelo ${model}.`, {
      hint: 'Confira GEMINI_MODEL.',
      cause: thrown,
    });
  }
  if (http === 429) {
    return new UsageLimitError('A cota do Gemini acabou por ora.', retryMs ?? QUOTA_WAIT_MS, {
      hint: 'Espere o tempo de retry_after_seconds e repita; GEMINI_MODEL escolhe um modelo de cota maior.',
    });
  }
  if (http >= 500) {
    return new HubError('fonte_indisponivel', `O Gemini falhou ao responder (${status}).`, {
      hint: 'Repita em instantes.',
      retryAfterMs: retryMs,
      cause: thrown,
    });
  }
  return new HubError('pedido_recusado', `O Gemini recusou o pedido (${status}).`, {
    hint: 'Peça com menos ferramentas (server_id) ou menos contexto.',
    cause: thrown,
  });
}

interface ApiFailure {
  readonly http: number;
  /** Of google.rpc.Code, e.g. `RESOURCE_EXHAUSTED`. */
  readonly status: string;
  readonly reasons: readonly string[];
  readonly retryMs: number | undefined;
}

/** The library keeps the whole body, as text, in the error's message. */
function apiErrorOf(error: Error): ApiFailure | undefined {
  const known = withStatus.safeParse({ ...error, name: error.name, message: error.message });
  if (!known.success) return undefined;
  const { status: http, message } = known.data;
  const { status = String(http), details = [] } = bodyIn(message)?.error ?? {};
  const delay = details.find(({ retryDelay }) => retryDelay !== undefined)?.retryDelay;
  return {
    http,
    status: /^[A-Z_]{1,40}$/.test(status) ? status : String(http),
    reasons: details.flatMap(({ reason }) => (reason === undefined ? [] : [reason])),
    retryMs: delay === undefined ? undefined : durationMs(delay),
  };
}

function bodyIn(message: string): z.output<typeof errorBody> | undefined {
  try {
    return errorBody.safeParse(JSON.parse(message.slice(message.indexOf('{')))).data;
  } catch {
    return undefined;
  }
}

/** google.protobuf.Duration as JSON: `58s`, `58.934310785s`. */
function durationMs(text: string): number | undefined {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(text)?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1_000);
}

const BLOCKED = new Set([
  ...['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII'],
  ...['IMAGE_SAFETY', 'MODEL_ARMOR', 'JAILBREAK', 'OTHER'],
]);

/** Why an answer that came is none. */
export function refusalOf(reason: string, where: 'prompt' | 'answer'): HubError | undefined {
  if (where === 'answer' && (reason === 'STOP' || reason === 'FINISH_REASON_UNSPECIFIED')) return undefined;
  if (reason === 'MAX_TOKENS') {
    return new HubError('pedido_recusado', 'A resposta do Gemini passou do tamanho máximo e veio pela metade.', {
      hint: 'Peça menos de uma vez.',
    });
  }
  if (where === 'prompt' || BLOCKED.has(reason)) {
    const what = where === 'prompt' ? 'o pedido' : 'a própria resposta';
    const code = /^[A-Z_]{1,40}$/.test(reason) ? reason : 'OTHER';
    return new HubError('pedido_recusado', `O Gemini bloqueou ${what} (${code}).`, {
      hint: 'Mude o pedido ou o contexto; as respostas das ferramentas também contam.',
    });
  }
  return new HubError('fonte_indisponivel', 'O Gemini não completou a resposta.', {
    hint: 'Repita o pedido.',
  });
}
