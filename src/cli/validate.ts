import { Command } from 'commander';
import { readTokensFile } from '../access/edit-tokens-file.ts';
import { CredentialManager } from '../companies/credential-manager.ts';
import { CredentialsSource } from '../companies/credentials-source.ts';
import { loadConfig } from '../config/load-config.ts';
import { asAppError, ConfigurationError } from '../errors.ts';
import { createOmieClient } from '../omie/client.ts';
import { checkGateway } from './validate-gateway.ts';

interface ValidateOptions {
  readonly credentials?: string;
  readonly gateway?: string;
  readonly online?: true;
}

/**
 * Checks the files without serving anything. One line a finding, never a value; exit 0 when all is well, else 1. With
 * `--gateway` alone only that file is checked.
 */
export function validateCommand(): Command {
  return new Command()
    .option('--credentials <arquivo>', 'arquivo de credenciais (CREDENTIALS_FILE)')
    .option('--gateway <arquivo>', 'arquivo do gateway (GATEWAY_CONFIG); sem --credentials, só ele')
    .option('--online', 'faz também uma chamada leve ao Omie por empresa e conecta a cada servidor montado')
    .action(async ({ credentials, gateway, online }: ValidateOptions) => {
      const { environment, variables } = loadConfig({ flags: { CREDENTIALS_FILE: credentials } });
      const path = gateway ?? (variables['GATEWAY_CONFIG'] || undefined);
      if (path !== undefined) {
        if (!(await checkGateway({ path, variables, online: online === true, say }))) fail();
      }
      if (gateway !== undefined && credentials === undefined) return;
      if (!checkTokens(environment.MCP_TOKENS_FILE)) fail();
      const manager = openCredentials(environment.CREDENTIALS_FILE, variables);
      if (manager === undefined) return fail();
      const disabled = manager.disabled();
      for (const company of manager.companies()) say(`ok: ${company.id} (${company.nome})`);
      for (const { id, motivo } of disabled) say(`desativada: ${id}: ${motivo}`);
      const refused = online === true ? await checkOmie(manager, environment.OMIE_BASE_URL) : 0;
      manager.close();
      if (disabled.length + refused > 0) fail();
    });
}

function checkTokens(path: string | undefined): boolean {
  if (path === undefined) return true;
  try {
    say(`ok: ${readTokensFile(path).length} token(s) em ${path}`);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown;
    for (const problem of thrown.problems) say(`erro: ${problem}`);
    return false;
  }
}

function openCredentials(
  path: string,
  variables: Readonly<Record<string, string | undefined>>,
): CredentialManager | undefined {
  try {
    return new CredentialManager({
      source: new CredentialsSource({ path, variables }),
      maxEntries: 1_000,
      ttlMs: 60_000,
      report: (event) => {
        if (event.kind === 'loaded') for (const warning of event.warnings) say(`aviso: ${warning}`);
      },
    });
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown;
    for (const problem of thrown.problems) say(`erro: ${problem}`);
    return undefined;
  }
}

async function checkOmie(manager: CredentialManager, baseUrl: string): Promise<number> {
  const omie = createOmieClient({ baseUrl });
  const results = await Promise.all(
    manager.companies().map(async ({ id }) => {
      try {
        await omie.check(await manager.get(id));
        return { id, problem: undefined };
      } catch (thrown) {
        return { id, problem: asAppError(thrown).message };
      }
    }),
  );
  await omie.close();
  for (const { id, problem } of results)
    say(problem === undefined ? `ok no Omie: ${id}` : `erro no Omie: ${id}: ${problem}`);
  return results.filter(({ problem }) => problem !== undefined).length;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(): void {
  process.exitCode = 1;
}
