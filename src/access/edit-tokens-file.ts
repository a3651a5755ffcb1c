import { lstatSync } from 'node:fs';
import { basename } from 'node:path';
import { ConfigurationError, NotFoundError, UserInputError } from '../errors.ts';
import { withFileLock } from '../files/file-lock.ts';
import { readRegularFile } from '../files/read-regular-file.ts';
import { replaceFile } from '../files/replace-file.ts';
import { digestOf, newToken } from './token-digest.ts';
import { badTokensFile } from './token-registry.ts';
import { parseTokens } from './tokens-file.ts';
import type { TokenEntry } from './tokens-schema.ts';

export type NewTokenEntry = Omit<TokenEntry, 'sha256'>;

/** The tokens of a file. @throws ConfigurationError with every problem when it cannot be read whole. */
export function readTokensFile(path: string): readonly TokenEntry[] {
  const file = basename(path);
  const reading = readRegularFile(path);
  if ('problem' in reading) throw badTokensFile([`${file}: ${reading.problem}`], unreadable(path));
  const parsed = parseTokens(reading.bytes, file);
  if ('problems' in parsed) throw badTokensFile(parsed.problems, 'Corrija o arquivo e repita o comando.');
  return parsed.content;
}

/** `validate` is no help here: it looks at the file of MCP_TOKENS_FILE, which need not be this one. */
function unreadable(path: string): string {
  const check = 'Confira o caminho em --file ou MCP_TOKENS_FILE';
  if (!isMissing(path)) return `${check}.`;
  return `${check}; \`${command('create --id ana --empresas empresa_001', path)}\` cria o arquivo.`;
}

/** As it can be typed, whatever MCP_TOKENS_FILE says. */
function command(words: string, path: string): string {
  return `omie-mcp-hub token ${words} --file ${/^[\w./\\:@+-]+$/.test(path) ? path : JSON.stringify(path)}`;
}

/**
 * Adds a token and gives its text, which is nowhere kept. A file that does not exist is made; the entries of one that
 * does stay as they are.
 *
 * @throws UserInputError when the id is taken, ConfigurationError when the file on disk is bad.
 */
export async function createToken(path: string, entry: NewTokenEntry): Promise<string> {
  return edit(path, 'make', (tokens) => {
    if (tokens.some(({ id }) => id.toLowerCase() === entry.id.toLowerCase())) {
      throw new UserInputError(`Já existe um token com o id ${entry.id}.`, {
        hint: `Escolha outro id, ou revogue o antigo com \`${command(`revoke --id ${entry.id}`, path)}\`.`,
      });
    }
    const token = newToken();
    const { id, ...rights } = entry;
    return { tokens: [...tokens, { id, sha256: digestOf(token).toString('hex'), ...rights }], result: token };
  });
}

/** @throws NotFoundError when there is no token of that id, ConfigurationError when the file on disk is bad. */
export async function revokeToken(path: string, id: string): Promise<void> {
  await edit(path, 'require', (tokens) => {
    const left = tokens.filter((token) => token.id !== id);
    if (left.length === tokens.length) {
      const hint = `\`${command('list', path)}\` mostra os que há.`;
      throw new NotFoundError(`Não há token com o id ${id}.`, { hint });
    }
    return { tokens: left, result: undefined };
  });
}

/** One change at a time, whoever else is changing the file. */
function edit<T>(
  path: string,
  missing: 'make' | 'require',
  change: (tokens: readonly TokenEntry[]) => { tokens: readonly TokenEntry[]; result: T },
): Promise<T> {
  return withFileLock(path, async () => {
    const isNew = missing === 'make' && isMissing(path);
    const { tokens, result } = change(isNew ? [] : readTokensFile(path));
    try {
      await replaceFile(path, `${JSON.stringify({ tokens }, null, 2)}\n`);
    } catch (cause) {
      throw new ConfigurationError(`${path} não pôde ser escrito.`, [], { cause });
    }
    return result;
  });
}

/** A dangling link is not a missing file: somebody meant it to lead somewhere. */
function isMissing(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined;
}
