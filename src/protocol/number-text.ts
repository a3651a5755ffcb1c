const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * Whether a number of JSON comes out of a double with the value that it was written with; true of what is no number. `-0` is
 * zero: that `JSON.stringify` drops its sign changes no value.
 */
export function survivesDouble(token: string): boolean {
  // Fifteen digits always do, but for exponents at the end of what there is.
  if (token.length <= 15 && !/e[+-]?\d{3}/i.test(token)) return true;
  // As JavaScript itself writes it; asked first, because it is quickly answered.
  if (String(Number(token)) === token) return true;
  const given = decimal(token);
  if (given === undefined) return true;
  const kept = decimal(String(Number(token)));
  return kept?.digits === given.digits && kept.exponent === given.exponent;
}

interface Decimal {
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  /** Of ten, of the last digit. */
  readonly exponent: number;
}

function decimal(text: string): Decimal | undefined {
  const found = NUMBER.exec(text);
  if (found === null) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = found;
  const digits = whole + fraction;
  let start = 0;
  while (digits.charCodeAt(start) === 0x30) start += 1;
  let end = digits.length;
  while (end > start && digits.charCodeAt(end - 1) === 0x30) end -= 1;
  if (start === end) return { digits: '', exponent: 0 };
  return { digits: digits.slice(start, end), exponent: Number(exponent) - fraction.length + digits.length - end };
}
