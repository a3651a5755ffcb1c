/**
 * CNPJ as people type it. Since July 2026 the first twelve positions may hold letters too, so "14 digits" means
 * twelve letters or digits and two check digits.
 */
const CNPJ = /^[0-9A-Z]{12}[0-9]{2}$/;

/** The 14 characters without dots, bars and spaces, or undefined when the text is not shaped like a CNPJ. */
export function bareCnpj(text: string): string | undefined {
  const bare = text.replace(/[\s./-]/g, '').toUpperCase();
  return CNPJ.test(bare) ? bare : undefined;
}

/** `00.000.000/0000-00` from 14 bare characters. */
export function formatCnpj(bare: string): string {
  return `${bare.slice(0, 2)}.${bare.slice(2, 5)}.${bare.slice(5, 8)}/${bare.slice(8, 12)}-${bare.slice(12)}`;
}

/** Do the last two digits follow from the first twelve characters? Expects 14 bare characters. */
export function hasValidCheckDigits(bare: string): boolean {
  const first = checkDigit(bare.slice(0, 12));
  return bare.slice(12) === `${first}${checkDigit(bare.slice(0, 12) + first)}`;
}

/** Modulo 11 with weights 2..9 from the right; a letter is worth its ASCII code less 48, as a digit is. */
function checkDigit(characters: string): number {
  let sum = 0;
  for (let position = 0; position < characters.length; position += 1) {
    const weight = ((characters.length - 1 - position) % 8) + 2;
    sum += (characters.charCodeAt(position) - 48) * weight;
  }
  const rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}
