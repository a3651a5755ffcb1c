/** CNPJ and CPF with valid check digits, in the formatted spelling Omie answers with. */

/** Without punctuation; letters stay, since a CNPJ may hold some. */
export const bareTaxId = (text: string): string => text.toUpperCase().replace(/[^0-9A-Z]/g, '');
export const onlyDigits = (text: string): string => text.replace(/\D/g, '');

export function cnpjFrom(root: number, branch = 1): string {
  const base = String(root).padStart(8, '0').slice(-8) + String(branch).padStart(4, '0');
  return formatTaxId(withCheckDigits(base, cnpjWeights));
}

export function cpfFrom(root: number): string {
  return formatTaxId(withCheckDigits(String(root).padStart(9, '0').slice(-9), cpfWeights));
}

export function formatTaxId(text: string): string {
  const digits = onlyDigits(text);
  if (digits.length === 14) return digits.replace(/^(\d{2})(\d{3})(\d{3})(\d{4})(\d{2})$/, '$1.$2.$3/$4-$5');
  if (digits.length === 11) return digits.replace(/^(\d{3})(\d{3})(\d{3})(\d{2})$/, '$1.$2.$3-$4');
  return text;
}

export function isTaxId(text: string): boolean {
  const digits = onlyDigits(text);
  if (digits.length === 14) return withCheckDigits(digits.slice(0, 12), cnpjWeights) === digits;
  if (digits.length === 11) return withCheckDigits(digits.slice(0, 9), cpfWeights) === digits;
  return false;
}

const cnpjWeights = (position: number, length: number): number => ((length - 1 - position) % 8) + 2;
const cpfWeights = (position: number, length: number): number => length + 1 - position;

function withCheckDigits(base: string, weight: (position: number, length: number) => number): string {
  const first = checkDigit(base, weight);
  return base + first + checkDigit(base + first, weight);
}

function checkDigit(digits: string, weight: (position: number, length: number) => number): string {
  let sum = 0;
  for (let position = 0; position < digits.length; position += 1) {
    sum += Number(digits[position]) * weight(position, digits.length);
  }
  const rest = sum % 11;
  return rest < 2 ? '0' : String(11 - rest);
}
