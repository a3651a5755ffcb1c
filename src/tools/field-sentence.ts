/** What zod found wrong with one field, in the Portuguese of Brazil, for checks that bring no sentence of their own. */
import type { z } from 'zod';
import { ExactNumber } from '../protocol/exact-number.ts';

export const TOO_LONG = 'tem mais dígitos do que um número comporta; se for um código, envie-o como texto, entre aspas';

const TYPES: Readonly<Record<string, string>> = {
  string: 'um texto',
  number: 'um número',
  int: 'um número inteiro',
  boolean: 'true ou false',
  array: 'uma lista',
  object: 'um objeto JSON',
  record: 'um objeto JSON',
};
/** What has a length, and what it is counted in: one, and many. */
const UNITS: Readonly<Record<string, readonly [string, string]>> = {
  string: ['caractere', 'caracteres'],
  array: ['item', 'itens'],
};

/**
 * To be given to `safeParse` as its `error`. It follows the name of the field, and repeats nothing of what was sent:
 * `limit: deve ser no máximo 50`.
 */
export function fieldSentence(issue: z.core.$ZodRawIssue): string {
  if (issue.input instanceof ExactNumber) return TOO_LONG;
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = TYPES[issue.expected];
      const sentence = wanted === undefined ? 'não é do tipo aceito' : `deve ser ${wanted}`;
      return issue.input === undefined ? `falta; ${sentence}` : sentence;
    }
    case 'invalid_value': {
      const values = issue.values.map((value) => JSON.stringify(value));
      return values.length === 1 ? `deve ser ${values[0]}` : `deve ser um destes: ${values.join(', ')}`;
    }
    case 'too_big':
      return tooBig(issue.origin, String(issue.maximum), issue.inclusive === true);
    case 'too_small':
      return tooSmall(issue.origin, String(issue.minimum), issue.inclusive === true);
    case 'not_multiple_of':
      return `deve ser múltiplo de ${issue.divisor}`;
    case 'invalid_format':
      return 'não está no formato aceito';
    case 'unrecognized_keys':
      return 'tem um campo desconhecido';
    case 'invalid_union':
      return 'não é de nenhum dos tipos aceitos';
    default:
      return 'não é aceito';
  }
}

function tooBig(origin: string, most: string, inclusive: boolean): string {
  const unit = UNITS[origin];
  if (unit !== undefined) return `passa de ${most} ${unit[most === '1' ? 0 : 1]}`;
  return inclusive ? `deve ser no máximo ${most}` : `deve ser menor que ${most}`;
}

function tooSmall(origin: string, least: string, inclusive: boolean): string {
  const unit = UNITS[origin];
  if (unit === undefined) return inclusive ? `deve ser no mínimo ${least}` : `deve ser maior que ${least}`;
  return least === '1' ? 'não pode estar vazio' : `deve ter ao menos ${least} ${unit[1]}`;
}
