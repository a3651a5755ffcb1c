/** From a fault to what the user reads: a sentence of ours that names the company, and never Omie's raw text or a key. */
import type { CompanyCredentials } from '../companies/company.ts';
import {
  type AppError,
  type AppErrorOptions,
  asAppError,
  CredentialError,
  OmieBlockedError,
  OmieFaultError,
  OmieRateLimitError,
  OmieUnavailableError,
} from '../errors.ts';
import { shorten } from '../shorten.ts';
import { OmieFault } from './faults.ts';
import { repairText } from './tidy.ts';

const MAX_QUOTE = 200;

/** What leaves this folder is always an `AppError`. */
export function toAppError(error: unknown, credentials: CompanyCredentials): AppError {
  return error instanceof OmieFault ? failureOf(error, credentials) : asAppError(error);
}

export function failureOf(fault: OmieFault, credentials: CompanyCredentials): AppError {
  const { id, nome } = credentials.company;
  const options: AppErrorOptions = { company: id, cause: fault };
  switch (fault.kind) {
    case 'auth':
      return new CredentialError(`A Omie recusou as chaves da empresa ${nome}, ou o aplicativo está suspenso.`, {
        ...options,
        hint: 'Confira app_key e app_secret no arquivo de credenciais e recarregue as credenciais.',
      });
    case 'blocked':
      return new OmieBlockedError(
        `A Omie bloqueou esta consulta da empresa ${nome} por excesso de uso. Nada será enviado até o fim do bloqueio, para não o prolongar.`,
        { ...options, retryAfterMs: fault.waitMs },
      );
    case 'near-block':
    case 'rate':
    case 'redundant':
    case 'lock':
    case 'in-flight':
      return new OmieRateLimitError(slowDown(fault, nome), { ...options, retryAfterMs: fault.waitMs ?? USUAL_WAIT_MS });
    case 'network':
    case 'server':
    case 'bad-response':
      return new OmieUnavailableError(unavailable(fault, nome), {
        ...options,
        retryable: fault.retryable || fault.remembered,
        retryAfterMs: fault.waitMs,
      });
    default:
      return new OmieFaultError(
        `A Omie recusou a consulta da empresa ${nome}: ${quoted(fault.message, credentials)}`,
        options,
      );
  }
}

/** For refusals that name no wait: a busy method, mostly. */
const USUAL_WAIT_MS = 10_000;

function slowDown(fault: OmieFault, nome: string): string {
  if (fault.kind === 'near-block') {
    return `Perguntas demais da empresa ${nome} ficaram sem registro no último minuto; mais algumas e a Omie bloquearia esta consulta por meia hora.`;
  }
  if (fault.remembered) return `A fila de consultas da empresa ${nome} está longa demais para o limite da Omie.`;
  if (fault.kind === 'redundant')
    return `A Omie já respondeu a esta mesma consulta da empresa ${nome} há menos de um minuto.`;
  if (fault.kind === 'rate') return `A Omie pediu uma pausa nas consultas da empresa ${nome}.`;
  return `A Omie ainda executa outra consulta igual da empresa ${nome}.`;
}

function unavailable(fault: OmieFault, nome: string): string {
  if (fault.remembered) return `A Omie vem falhando para a empresa ${nome}; a consulta não foi enviada.`;
  if (fault.kind === 'network') {
    return fault.retryable
      ? `Não foi possível falar com a Omie em tempo para a empresa ${nome}.`
      : `A conexão segura com a Omie falhou para a empresa ${nome}: o certificado não é válido.`;
  }
  if (fault.kind === 'server') return `A Omie está com problemas e não respondeu à consulta da empresa ${nome}.`;
  return `A Omie respondeu algo que não se entende à consulta da empresa ${nome}.`;
}

/** Omie's own sentence, made safe to show: one line, no control characters, no keys, 200 characters. */
export function quoted(sentence: string, { appKey, appSecret }: CompanyCredentials): string {
  const withoutKeys = [appKey, appSecret].reduce((text, secret) => {
    const value = secret.reveal();
    return value === '' ? text : text.replaceAll(value, '[oculto]');
  }, repairText(sentence));
  const line = withoutKeys
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replace(/^\s*ERROR:\s*/i, '')
    .trim();
  return shorten(line, MAX_QUOTE);
}
