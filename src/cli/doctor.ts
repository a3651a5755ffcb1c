import { Command } from 'commander';
import { loadConfig } from '../config/load-config.ts';
import { openCredentials } from '../doctor/check-credentials.ts';
import { checkGateway } from '../doctor/check-gateway.ts';
import { checkHub } from '../doctor/check-hub.ts';
import { checkAudit, checkExposure, checkNode } from '../doctor/check-machine.ts';
import { checkCompanies, checkOmieDoor } from '../doctor/check-omie.ts';
import { checkPorts } from '../doctor/check-ports.ts';
import { checkSharedDatabase } from '../doctor/check-shared-database.ts';
import { checkTokens } from '../doctor/check-tokens.ts';
import { type Check, type Finding, problem } from '../doctor/finding.ts';
import { exitCodeOf, runChecks } from '../doctor/run-checks.ts';
import { ConfigurationError } from '../errors.ts';

interface DoctorFlags {
  readonly json?: true;
  readonly offline?: true;
}

/** Looks at a deployment and says what to mend. Exit 0 when nothing is wrong, warnings or not; 1 otherwise. */
export function doctorCommand(): Command {
  return new Command()
    .option('--json', 'um objeto JSON em vez de linhas')
    .option('--offline', 'sem perguntar nada ao Omie')
    .action(async ({ json, offline }: DoctorFlags) => {
      const findings = await examine(offline !== true);
      const code = exitCodeOf(findings);
      if (json === true) process.stdout.write(`${JSON.stringify({ ok: code === 0, achados: findings })}\n`);
      else for (const finding of findings) process.stdout.write(`${lineOf(finding)}\n`);
      process.exitCode = code;
    });
}

async function examine(online: boolean): Promise<readonly Finding[]> {
  const node = checkNode(process.versions.node);
  try {
    const { environment, variables } = loadConfig();
    const { OMIE_BASE_URL, CREDENTIALS_FILE, DATABASE_URL, GATEWAY_CONFIG, MCP_REPLICAS } = environment;
    const { manager, check: credentials } = openCredentials(CREDENTIALS_FILE, variables);
    const checks: Check[] = [
      node,
      checkExposure(environment),
      credentials,
      checkTokens(environment, Date.now),
      checkGateway(GATEWAY_CONFIG, variables),
      checkPorts(environment),
      checkAudit(environment),
      checkHub(environment),
      checkSharedDatabase(DATABASE_URL, MCP_REPLICAS),
    ];
    if (online) checks.push(checkOmieDoor(OMIE_BASE_URL, Date.now));
    if (online && manager !== undefined) checks.push(checkCompanies(manager, OMIE_BASE_URL));
    const findings = await runChecks(checks);
    manager?.close();
    return findings;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const lines = error.problems.length > 0 ? error.problems : [error.message];
    return [
      ...(await node.run()),
      ...lines.map((line) => problem(line, 'Corrija a variável; a lista está em docs/configuration.md.')),
    ];
  }
}

function lineOf({ level, what, advice }: Finding): string {
  return advice === undefined ? `${level.padEnd(5)}  ${what}` : `${level.padEnd(5)}  ${what} — ${advice}`;
}
