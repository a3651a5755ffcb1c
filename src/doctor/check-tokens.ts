import { stat } from 'node:fs/promises';
import { createAccess } from '../access/create-access.ts';
import { readTokensFile } from '../access/edit-tokens-file.ts';
import { expiryOf } from '../access/expiry.ts';
import type { TokenEntry } from '../access/tokens-schema.ts';
import type { Environment } from '../config/environment.ts';
import { ConfigurationError } from '../errors.ts';
import { type Check, type Finding, ok, problem, warning } from './finding.ts';

/** The tokens file: there, good, closed to others, its tokens still of use, and stdio's own among them. */
export function checkTokens(environment: Environment, now: () => number): Check {
  const { MCP_TOKENS_FILE: path } = environment;
  return {
    name: 'tokens',
    async run() {
      if (path === undefined) return [];
      try {
        const tokens = readTokensFile(path);
        const findings = [
          ...(await openToOthers(path)),
          ...over(tokens, now()),
          ...(await unknownToStdio(environment, now)),
        ];
        return findings.length > 0 ? findings : [ok(`tokens: ${tokens.length}, o arquivo está bom`)];
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        return error.problems.map((line) => problem(`tokens: ${line}`, 'Corrija o arquivo (MCP_TOKENS_FILE).'));
      }
    },
  };
}

/** The very question that `serve` asks. */
async function unknownToStdio(
  { MCP_TOKENS_FILE, MCP_STDIO_TOKEN }: Environment,
  now: () => number,
): Promise<Finding[]> {
  const access = await createAccess({ tokensFile: MCP_TOKENS_FILE, now });
  try {
    access.local(MCP_STDIO_TOKEN);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return [problem(error.message, 'Dê um token do arquivo (omie-mcp-hub token create); o stdio não inicia assim.')];
  } finally {
    access.close();
  }
}

async function openToOthers(path: string): Promise<Finding[]> {
  const { mode } = await stat(path);
  if (process.platform === 'win32' || (mode & 0o027) === 0) return [];
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  return [warning(`tokens: outros têm acesso ao arquivo (modo ${octal})`, 'Use chmod 600.')];
}

function over(tokens: readonly TokenEntry[], now: number): Finding[] {
  return tokens
    .filter(({ expira }) => expira !== undefined && (expiryOf(expira) ?? 0) <= now)
    .map(({ id }) =>
      warning(`tokens: o de ${id} venceu`, `Crie outro ou retire-o: omie-mcp-hub token revoke --id ${id}`),
    );
}
