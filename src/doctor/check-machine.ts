import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { auditPath } from '../audit/audit-files.ts';
import { verifyAudit } from '../audit/verify-audit.ts';
import { oauthSettings, refuseLoneStdioToken } from '../config/access-settings.ts';
import type { Environment } from '../config/environment.ts';
import { refuseOpenDoor, refuseOpenHub, weaknessOfHubToken } from '../config/start-checks.ts';
import { ConfigurationError } from '../errors.ts';
import { type Check, type Finding, ok, problem, warning } from './finding.ts';

/** Node 20.19 is the first with everything used here (package.json, "engines"). */
export function checkNode(version: string): Check {
  return {
    name: 'Node',
    async run() {
      const [major = 0, minor = 0] = version.split('.').map(Number);
      if (major > 20 || (major === 20 && minor >= 19)) return [ok(`Node ${version}`)];
      return [problem(`Node ${version} é antigo demais`, 'Instale o Node 20.19 ou mais novo.')];
    },
  };
}

/** What would keep `serve` from starting, beyond single bad values. */
export function checkExposure(environment: Environment): Check {
  return {
    name: 'exposição',
    async run() {
      const findings: Finding[] = [];
      const startChecks = [
        () => refuseOpenHub(environment),
        () => refuseOpenDoor(environment, true),
        () => refuseLoneStdioToken(environment),
        () => oauthSettings(environment),
      ];
      for (const refuse of startChecks) {
        try {
          refuse();
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error;
          findings.push(problem(error.message, 'Corrija a variável; o servidor não inicia assim.'));
        }
      }
      const weakness = weaknessOfHubToken(environment);
      if (findings.length === 0 && weakness !== undefined)
        findings.push(warning(weakness, 'Gere outro com: openssl rand -hex 32'));
      if (environment.ENABLE_METRICS && !/^(127\.|localhost$|::1$)/.test(environment.METRICS_HOST))
        findings.push(
          warning(
            `as métricas escutam em ${environment.METRICS_HOST} e não pedem token`,
            'Deixe a porta das métricas só na rede de quem as coleta.',
          ),
        );
      return findings.length > 0 ? findings : [ok(`acesso: ${environment.MCP_HOST}, com as exigências cumpridas`)];
    },
  };
}

/** The audit log's folder, and the log itself where there is one. */
export function checkAudit({ AUDIT_LOG, AUDIT_KEY: key }: Environment): Check {
  return {
    name: 'auditoria',
    async run() {
      if (AUDIT_LOG === undefined) return [ok('auditoria: desligada (AUDIT_LOG)')];
      const path = auditPath(AUDIT_LOG);
      try {
        await access(dirname(path), constants.W_OK | constants.X_OK);
        if (!(await exists(path))) return [ok(`auditoria: ${path} será criado`)];
        await access(path, constants.R_OK | constants.W_OK);
      } catch (error) {
        return [
          problem(
            `auditoria: ${path} não pode ser gravado (${codeOf(error)})`,
            'Crie a pasta e dê a ela o dono do servidor.',
          ),
        ];
      }
      const verdict = await verifyAudit({ path, key });
      return verdict.problem === undefined
        ? [ok(`auditoria: ${verdict.lines} linha(s), cadeia inteira`)]
        : [
            problem(
              `auditoria: ${verdict.problem}`,
              'Guarde os arquivos do log e investigue: alguém os alterou, ou o servidor foi interrompido ao gravar.',
            ),
          ];
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'desconhecido';
}
