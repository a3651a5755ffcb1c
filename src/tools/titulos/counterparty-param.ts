import { bareTaxId, isCnpjShaped, isCpfShaped, isValidCnpj, isValidCpf } from '../../finance/tax-id.ts';
import type { Counterparty } from '../../finance/title-filter.ts';

export type AskedCounterparty = {
  readonly type: 'id' | 'cnpj' | 'cpf';
  readonly counterparty: Counterparty;
  /** As understood: the id, or the bare CNPJ/CPF. */
  readonly value: string;
  /** The check digits do not fit: most likely mistyped, and then nothing will be found. */
  readonly suspicious: boolean;
};

/**
 * An id of Omie, a CNPJ or a CPF. A number is always an id. Text with punctuation, or of fourteen characters, is a tax id.
 * Eleven bare digits may be either (Omie's ids have up to eleven): a CPF when its check digits fit, else an id.
 */
export function readCounterparty(given: string | number): AskedCounterparty | undefined {
  if (typeof given === 'number') return idOf(String(given));
  const text = given.trim();
  if (!/^[0-9A-Za-z./\- ]+$/.test(text)) return undefined;
  const bare = bareTaxId(text);
  const punctuated = /[./-]/.test(text);
  if (isCnpjShaped(bare)) return taxIdOf('cnpj', bare, isValidCnpj(bare));
  if (isCpfShaped(bare) && (punctuated || isValidCpf(bare))) return taxIdOf('cpf', bare, isValidCpf(bare));
  return punctuated ? undefined : idOf(text);
}

function idOf(digits: string): AskedCounterparty | undefined {
  const id = Number(digits);
  if (!/^\d+$/.test(digits) || !Number.isSafeInteger(id) || id < 1) return undefined;
  return { type: 'id', counterparty: { id }, value: String(id), suspicious: false };
}

function taxIdOf(type: 'cnpj' | 'cpf', bare: string, valid: boolean): AskedCounterparty {
  return { type, counterparty: { taxId: bare }, value: bare, suspicious: !valid };
}
