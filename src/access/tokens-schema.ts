import { z } from 'zod';
import { expiryOf } from './expiry.ts';
import { EVERY_COMPANY, isCompanyRef, modes } from './rights.ts';
import { TOOL_GLOB } from './tool-glob.ts';

/** Zod's own sentences are English and may grow to quote input, so every check brings its own. */
const must = (what: string) => ({
  error: (issue: { input?: unknown }) => (issue.input === undefined ? 'falta este campo' : `deve ser ${what}`),
});

/** What the server itself is called in logs; a token of that name would pass for it. */
const RESERVED_IDS: ReadonlySet<string> = new Set(['local', 'token', 'stdio']);
const ID_RULE =
  'id inválido: use até 64 letras sem acento, números, "_", "." , "@" e "-", começando por letra ou número';
export const tokenIdSchema = z
  .string(must('um texto'))
  .regex(/^[a-z0-9][a-z0-9_.@-]{0,63}$/i, ID_RULE)
  .refine((id) => !RESERVED_IDS.has(id.toLowerCase()), 'id reservado: escolha outro');

export const companyRefsSchema = z
  .array(
    z
      .string(must('um texto'))
      .refine(
        (ref) => ref === EVERY_COMPANY || isCompanyRef(ref),
        'deve ser o id de uma empresa, "grupo:nome" ou, sozinho, "*"',
      ),
    must('uma lista de ids e grupos'),
  )
  .min(1, 'está vazia: diga quais empresas, ou "*" para todas')
  .max(10_000, 'passa de 10000 itens')
  .refine((refs) => refs.length === 1 || !refs.includes(EVERY_COMPANY), '"*" vale por todas e deve ficar sozinho');

export const toolGlobsSchema = z
  .array(
    z.string(must('um texto')).regex(TOOL_GLOB, 'deve ser o nome de uma ferramenta; "*" vale por qualquer trecho'),
    must('uma lista de nomes de ferramentas'),
  )
  .min(1, 'está vazia: diga quais ferramentas, ou "*" para todas')
  .max(1_000, 'passa de 1000 itens');

const LIMIT_RULE = 'deve ser um número inteiro de 1 a 100000 (requisições por minuto)';
export const limitSchema = z.int({ error: LIMIT_RULE }).min(1, LIMIT_RULE).max(100_000, LIMIT_RULE);

export const expirySchema = z
  .string(must('uma data'))
  .refine((text) => expiryOf(text) !== undefined, 'deve ser uma data aaaa-mm-dd ou um instante com fuso (ISO 8601)');

/**
 * One token of the file. `empresas` and `ferramentas` have no default: nobody is granted everything by an omission.
 * `modo` falls back to the lesser of the two.
 */
const tokenEntrySchema = z.strictObject(
  {
    id: tokenIdSchema,
    sha256: z
      .string(must('um texto'))
      .regex(/^[0-9a-f]{64}$/i, 'deve ser o SHA-256 do token em 64 dígitos hexadecimais')
      .transform((hex) => hex.toLowerCase()),
    empresas: companyRefsSchema,
    ferramentas: toolGlobsSchema,
    modo: z.enum(modes, must('"leitura" ou "escrita"')).default('leitura'),
    limite_por_minuto: limitSchema.optional(),
    expira: expirySchema.optional(),
    nota: z.string(must('um texto')).max(500, 'passa de 500 caracteres').optional(),
  },
  must('um objeto com id, sha256, empresas e ferramentas'),
);

export const tokensFileSchema = z.strictObject(
  { tokens: z.array(tokenEntrySchema, must('uma lista')).max(10_000, 'passa de 10000 itens') },
  must('um objeto { "tokens": [ … ] }'),
);

export type TokenEntry = z.output<typeof tokenEntrySchema>;
