import { InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import { expiryOf } from '../access/expiry.ts';
import { modes } from '../access/rights.ts';
import { companyRefsSchema, expirySchema, tokenIdSchema, toolGlobsSchema } from '../access/tokens-schema.ts';
import { integer } from './integer.ts';

/** The flags of the token commands, each checked by the rule the file itself is checked by. */
export function tokenCommandFlags() {
  return {
    id: new Option('--id <id>', 'de quem é, p. ex. ana').argParser(by(tokenIdSchema)).makeOptionMandatory(),
    empresas: new Option('--empresas <lista>', 'ids e grupo:nome, separados por vírgula; "*" sozinho vale por todas')
      .argParser(listBy(companyRefsSchema))
      .makeOptionMandatory(),
    ferramentas: new Option('--ferramentas <lista>', 'nomes, separados por vírgula; "*" vale por qualquer trecho')
      .argParser(listBy(toolGlobsSchema))
      .default(['*'], '"*"'),
    modo: new Option('--modo <modo>', 'leitura só alcança o que nada altera').choices(modes).default('leitura'),
    limite: new Option('--limite <n>', 'requisições por minuto').argParser(integer(1, 100_000)),
    expira: new Option('--expira <data>', 'último dia de validade, aaaa-mm-dd, ou instante com fuso').argParser(future),
    nota: new Option('--nota <texto>', 'para quem administra; até 500 caracteres').argParser(note),
    file: new Option('--file <arquivo>', 'arquivo de tokens (MCP_TOKENS_FILE)'),
  };
}

function by<Output>(schema: z.ZodType<Output>): (value: string) => Output {
  return (value) => checked(schema, value);
}

function listBy<Output>(schema: z.ZodType<Output>): (value: string) => Output {
  return (value) =>
    checked(
      schema,
      value
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    );
}

function checked<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`${parsed.error.issues[0]?.message ?? 'inválido'}.`);
}

/** A token that is over before it begins can only be a slip. */
function future(value: string): string {
  const text = checked(expirySchema, value);
  if ((expiryOf(text) ?? 0) > Date.now()) return text;
  throw new InvalidArgumentError('já passou.');
}

function note(value: string): string {
  if (value.length <= 500) return value;
  throw new InvalidArgumentError('passa de 500 caracteres.');
}
