import { z } from 'zod';
import type { Secret } from '../logging/secret.ts';
import { Secret as SecretValue } from '../logging/secret.ts';

/** Shapes of single settings, each with one Portuguese sentence that says what it accepts. */
export const text = z.string().trim().min(1, 'está vazio');

export const port = whole(0, 65_535, 'um número de porta');

export const flag = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.enum(['true', 'false', '1', '0', 'sim', 'nao', ''], { error: 'deve ser true ou false' }))
  .transform((value) => value === 'true' || value === '1' || value === 'sim');

export const secret = text.transform((value): Secret => new SecretValue(value));

/** One of `values`, in whatever case. */
export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z
    .string()
    .trim()
    .toLowerCase()
    .pipe(z.enum(values, { error: `deve ser um destes: ${values.join(', ')}` }));
}

export function whole(least: number, most: number, what = 'um número inteiro') {
  const error = `deve ser ${what} de ${least} a ${most}`;
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

export function aboveZero(most: number) {
  const error = `deve ser um número maior que 0 e até ${most}`;
  return z.coerce.number({ error }).positive({ error }).max(most, { error });
}

export const noUser = 'não pode ter usuário nem senha (usuario:senha@) no endereço';

/** Addresses are logged, shown by `doctor` and published; a password inside one would go with it. */
export const httpUrl = text
  .pipe(z.url({ protocol: /^https?$/, error: 'deve ser uma URL http ou https' }))
  .refine(hasNoUser, noUser);

export function hasNoUser(value: string): boolean {
  if (!URL.canParse(value)) return true;
  const { username, password } = new URL(value);
  return username === '' && password === '';
}
