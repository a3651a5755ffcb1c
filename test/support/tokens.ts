import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An entry of the tokens file, and the token it was made for. */
export interface TestToken {
  readonly token: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

export function testToken(id: string, empresas: readonly string[], more: Record<string, unknown> = {}): TestToken {
  const token = `omcp_teste-de-${id}-${'x'.repeat(20)}`;
  const sha256 = createHash('sha256').update(token).digest('hex');
  return { token, entry: { id, sha256, empresas, ferramentas: ['*'], ...more } };
}

export function tokensText(tokens: readonly TestToken[]): string {
  return JSON.stringify({ tokens: tokens.map(({ entry }) => entry) });
}

/** Writes the file in place, as an operator's editor would; gives its path. */
export function writeTokens(folder: string, tokens: readonly TestToken[], name = 'tokens.json'): string {
  const path = join(folder, name);
  writeFileSync(path, tokensText(tokens), { mode: 0o600 });
  return path;
}

export const bearer = ({ token }: TestToken): Record<string, string> => ({ authorization: `Bearer ${token}` });
