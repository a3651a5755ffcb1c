import { hasValidCheckDigits } from '../companies/cnpj.ts';

/**
 * CPF (11 digits) and CNPJ (14 characters). Since July 2026 the Receita Federal also issues CNPJs with letters in the first
 * twelve positions; the check digits stay digits, and a letter weighs its ASCII code minus 48 (IN RFB 2.229/2024).
 */
export const onlyDigits = (text: string): string => text.replace(/\D/g, '');

/** Upper case, without dots, slashes, dashes and spaces: the form in which two spellings compare equal. */
export const bareTaxId = (text: string): string => text.toUpperCase().replace(/[^0-9A-Z]/g, '');

export const isCpfShaped = (bare: string): boolean => /^\d{11}$/.test(bare);
export const isCnpjShaped = (bare: string): boolean => /^[0-9A-Z]{12}\d{2}$/.test(bare);

/** Right length and right check digits; all digits equal is the classic fake. */
export function isValidCpf(bare: string): boolean {
  return isCpfShaped(bare) && !/^(.)\1+$/.test(bare) && hasCpfCheckDigits(bare);
}

export function isValidCnpj(bare: string): boolean {
  return isCnpjShaped(bare) && !/^(.)\1+$/.test(bare) && hasValidCheckDigits(bare);
}

/** 00.000.000/0000-00 or 000.000.000-00; anything else comes back as given. */
export function formatTaxId(text: string): string {
  const bare = bareTaxId(text);
  if (isCpfShaped(bare)) return bare.replace(/^(.{3})(.{3})(.{3})(.{2})$/, '$1.$2.$3-$4');
  if (isCnpjShaped(bare)) return bare.replace(/^(.{2})(.{3})(.{3})(.{4})(.{2})$/, '$1.$2.$3/$4-$5');
  return text;
}

/** How people are shown: by what Omie has, or with their CPFs masked. */
export interface TaxIdDisplay {
  taxId(text: string): string;
  /** A registered name: sole traders carry their CPF in it. */
  name(text: string): string;
}

export const clearTaxIds: TaxIdDisplay = { taxId: formatTaxId, name: (text) => text };

/**
 * CPFs as `***.456.789-**`, the form in which Brazilian public bodies publish them: enough to tell two people of one list
 * apart. A company's CNPJ is no personal data and stays.
 */
export const maskedCpfs: TaxIdDisplay = {
  taxId: (text) => (isCpfShaped(bareTaxId(text)) ? maskCpf(bareTaxId(text)) : formatTaxId(text)),
  name: (text) => text.replace(CPF_IN_TEXT, (cpf) => maskCpf(bareTaxId(cpf))),
};

/** Check digits do not matter: eleven digits in a name are a CPF, mistyped or not, or a telephone. */
const CPF_IN_TEXT = /(?<![0-9A-Za-z])\d{3}[. ]?\d{3}[. ]?\d{3}[- ]?\d{2}(?![0-9A-Za-z])/g;

const maskCpf = (bare: string): string => `***.${bare.slice(3, 6)}.${bare.slice(6, 9)}-**`;

function hasCpfCheckDigits(bare: string): boolean {
  const base = bare.slice(0, -2);
  const first = cpfCheckDigit(base);
  return bare.endsWith(first + cpfCheckDigit(base + first));
}

/** Modulo 11 with weights 2, 3, 4 … from the right, without end; a CNPJ's start over after 9. */
function cpfCheckDigit(digits: string): string {
  let sum = 0;
  for (let position = 0; position < digits.length; position += 1) {
    sum += Number(digits[position]) * (digits.length - position + 1);
  }
  const rest = sum % 11;
  return rest < 2 ? '0' : String(11 - rest);
}
