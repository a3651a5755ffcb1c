import { z } from 'zod';
import { bareCnpj } from './cnpj.ts';

/** Zod's own sentences are English and may grow to quote input, so every check brings its own. */
const must = (what: string) => ({
  error: (issue: { input?: unknown }) => (issue.input === undefined ? 'falta este campo' : `deve ser ${what}`),
});

const secret = z
  .string(must('um texto'))
  .trim()
  .refine((text) => !isBlankSecret(text), 'está em branco ou ainda com o valor de exemplo');

const label = z
  .string(must('um texto'))
  .trim()
  .min(1, 'está em branco')
  .max(200, 'passa de 200 caracteres')
  .transform((text) => text.normalize('NFC'));

const digitsAsNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,4}$/.test(value.trim()) ? Number(value) : value;

const RATE_RULE = 'deve ser um número inteiro de 1 a 960 (requisições por minuto)';

/** One company of the file, variables already replaced. Unknown keys are not an error: they become warnings. */
export const companyEntrySchema = z.object({
  app_key: secret,
  app_secret: secret,
  nome: label,
  cnpj: z.string(must('um texto')).refine((text) => bareCnpj(text) !== undefined, 'deve ter os 14 dígitos de um CNPJ'),
  ambiente: z.enum(['producao', 'sandbox'], must('"producao" ou "sandbox"')).default('producao'),
  rate_limit: z.preprocess(
    digitsAsNumber,
    z.int({ error: RATE_RULE }).min(1, RATE_RULE).max(960, RATE_RULE).optional(),
  ),
  grupos: z.array(label, must('uma lista de textos')).default([]),
});

/** Fields whose variable has no value are absent: the company is disabled, the rest of it still gets checked. */
export const disabledEntrySchema = companyEntrySchema.partial();

export type CompanyEntry = z.infer<typeof companyEntrySchema>;
export type DisabledCompanyEntry = z.infer<typeof disabledEntrySchema>;

export const knownKeys: ReadonlySet<string> = new Set(Object.keys(companyEntrySchema.shape));

/** Nothing, spaces, dots or the words of the example file: no key of Omie looks like that. */
export function isBlankSecret(text: string): boolean {
  return /^[\s.…]*$/.test(text) || /^<?SUBSTITUA/i.test(text.trim());
}
