/** Money inside these clients is an integer of centavos: sums of reais as floats lose cents. */

const thousands = new Intl.NumberFormat('pt-BR', { maximumFractionDigits: 0 });
/** Intl separates with no-break spaces in some locales and versions; terminals and `grep` want plain ones. */
const anyNoBreakSpace = /[\u00a0\u202f]/gu;

/** Reais as they cross the wire (two decimals) into centavos. */
export function toCentavos(reais: number): number {
  return Math.round(reais * 100);
}

/** Centavos back into the number of reais a JSON document shows. */
export function toReais(centavos: number): number {
  return centavos / 100;
}

/** `123456` → `R$ 1.234,56`. The whole part goes through BigInt: dividing by 100 first would round large sums. */
export function formatMoney(centavos: number): string {
  const value = BigInt(centavos);
  const size = value < 0n ? -value : value;
  const cents = String(size % 100n).padStart(2, '0');
  return `${value < 0n ? '-' : ''}R$ ${plain(thousands.format(size / 100n))},${cents}`;
}

/** `1234` → `1.234`. */
export function formatCount(count: number): string {
  return plain(thousands.format(count));
}

function plain(text: string): string {
  return text.replace(anyNoBreakSpace, ' ');
}
