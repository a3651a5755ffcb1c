import type { Company } from '../companies/company.ts';
import { CredentialManager } from '../companies/credential-manager.ts';
import { CredentialsSource } from '../companies/credentials-source.ts';
import type { Variables } from '../config/load-config.ts';
import { ConfigurationError } from '../errors.ts';
import { type Check, type Finding, ok, problem, warning } from './finding.ts';

export interface OpenedCredentials {
  /** Undefined when the file is bad. */
  readonly manager: CredentialManager | undefined;
  readonly check: Check;
}

/** The credentials file: there, readable, good, closed to others; and which companies it leaves out. */
export function openCredentials(path: string, variables: Variables): OpenedCredentials {
  const findings: Finding[] = [];
  const check: Check = { name: 'credenciais', run: async () => findings };
  try {
    const manager = new CredentialManager({
      source: new CredentialsSource({ path, variables }),
      maxEntries: 10_000,
      ttlMs: 60_000,
      report: (event) => {
        if (event.kind === 'loaded')
          for (const line of event.warnings) findings.push(warning(line, 'Ajuste o arquivo; para o modo: chmod 600.'));
      },
    });
    const companies: readonly Company[] = manager.companies();
    findings.push(ok(`credenciais: ${companies.length} empresa(s) em uso`));
    for (const { id, motivo } of manager.disabled())
      findings.push(
        problem(`empresa ${id} desativada: ${motivo}`, 'Defina a variável ou corrija o arquivo de credenciais.'),
      );
    return { manager, check };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const lines = error.problems.length > 0 ? error.problems : [error.message];
    for (const line of lines) findings.push(problem(line, 'Corrija o arquivo de credenciais (CREDENTIALS_FILE).'));
    return { manager: undefined, check };
  }
}
