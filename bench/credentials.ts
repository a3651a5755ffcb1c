/** Companies with one page of categories at the fake Omie, which reads the number of pages from the key. */
export function companyIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `empresa_${String(index + 1).padStart(3, '0')}`);
}

export function appKey(index: number, pages = 1): string {
  return `p${pages}-${String(index + 1).padStart(9, '0')}`;
}

/** A credentials file for the ids given. */
export function credentials(ids: readonly string[]): Record<string, object> {
  return Object.fromEntries(
    ids.map((id, index) => [
      id,
      {
        app_key: appKey(index),
        app_secret: `segredo-de-bancada-${index}`,
        nome: `Empresa de Bancada ${index + 1} LTDA`,
        cnpj: cnpj(index + 1),
        ambiente: 'producao',
        rate_limit: 240,
      },
    ]),
  );
}

/** A well-formed CNPJ with right check digits. */
function cnpj(number: number): string {
  const base = `${String(number).padStart(8, '0')}0001`;
  const first = checkDigit(base);
  const digits = `${base}${first}${checkDigit(`${base}${first}`)}`;
  return digits.replace(/^(\d{2})(\d{3})(\d{3})(\d{4})(\d{2})$/, '$1.$2.$3/$4-$5');
}

/** Weights 2 to 9 from the right, again and again. */
function checkDigit(digits: string): number {
  const sum = [...digits].reverse().reduce((total, digit, index) => total + Number(digit) * (2 + (index % 8)), 0);
  const rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}
