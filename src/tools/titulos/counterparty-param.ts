import { bareTaxId, isCnpjShaped, isCpfShaped, isValidCnpj, isValidCpf } from '../../finance/tax-id.ts';
import type { Counterparty } from '../../finance/title-filter.ts';

export type AskedCounterparty = {
  readonly type: 'id' | 'cnpj' | 'cpf';
  readonly counterparty: Counterparty;
  /** As understood: the id, or the bare CNPJ/CPF. */
  readonly value: string;
  /** The check digits of a tax id do not fit, or an id is as long as a CPF: most likely mistyped. */
  readonly suspicious: boolean;
};

/** Omie's ids have up to eleven digits; one more leaves room. What is longer was meant as something else. */
const LONGEST_ID = 12;

/**
 * An id of Omie, a CNPJ or a CPF. Answers show ids as numbers, so a number is one, but for fourteen digits: no id is that
 * long. Text with punctuation, or of fourteen characters, is a tax id. Eleven bare digits as text may be either: a CPF when
 * its check digits fit, or when it begins with 0 as no id does; else an id. Undefined when it can be none of them.
 */
export function readCounterparty(given: string | number): AskedCounterparty | undefined {
  const text = typeof given === 'number' ? String(given) : given.trim();
  if (!/^[0-9A-Za-z./\- ]+$/.test(text)) return undefined;
  const bare = bareTaxId(text);
  const punctuated = /[./-]/.test(text);
  if (isCnpjShaped(bare)) return taxIdOf('cnpj', bare, isValidCnpj(bare));
  const isText = typeof given === 'string';
  if (isText && isCpfShaped(bare) && (punctuated || isValidCpf(bare) || bare.startsWith('0'))) {
    return taxIdOf('cpf', bare, isValidCpf(bare));
  }
  return punctuated ? undefined : idOf(text);
}

function idOf(digits: string): AskedCounterparty | undefined {
  const id = Number(digits);
  if (!/^[1-9]\d*$/.test(digits) || digits.length > LONGEST_ID) return undefined;
  return { type: 'id', counterparty: { id }, value: digits, suspicious: isCpfShaped(digits) };
}

function taxIdOf(type: 'cnpj' | 'cpf', bare: string, valid: boolean): AskedCounterparty {
  return { type, counterparty: { taxId: bare }, value: bare, suspicious: !valid };
}
