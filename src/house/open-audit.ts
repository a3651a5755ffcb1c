import { AuditLog } from '../audit/audit-log.ts';
import type { Environment } from '../config/environment.ts';
import type { Logger } from '../logging/logger.ts';

const MEGABYTE = 1_048_576;

/**
 * The audit log, when one is asked for. A disk that refuses stops nobody from reading: it is logged once, counted, and
 * health says `degraded` until every line is written (docs/adr/0011).
 *
 * @throws ConfigurationError when the log cannot be opened.
 */
export async function openAudit(environment: Environment, logger: Logger): Promise<AuditLog | undefined> {
  const { AUDIT_LOG: path, AUDIT_KEY: key, AUDIT_MAX_MB } = environment;
  if (path === undefined) return undefined;
  const audit = await AuditLog.open({
    path,
    key,
    maxBytes: Math.round(AUDIT_MAX_MB * MEGABYTE),
    onAlarm(alarm) {
      if (alarm.kind === 'failing') logger.error({ reason: alarm.reason }, 'audit log cannot be written; reads go on');
      else if (alarm.kind === 'recovered') logger.warn({ lost: alarm.lost }, 'audit log is written again');
      else if (alarm.kind === 'abandoned')
        logger.error({ lines: alarm.lines }, 'the server ends and could not write its last audit lines');
      else if (alarm.kind === 'torn')
        logger.warn({ bytes: alarm.bytes }, 'audit log ended within a line; the rest was set aside');
      else logger.warn({ lines: alarm.lines }, 'audit log went beyond its anchor: a crash, or lines of somebody else');
    },
  });
  logger.info({ line: audit.end.seq, hash: audit.end.hash }, 'audit log open');
  return audit;
}

export function auditProblem(audit: AuditLog | undefined): string | undefined {
  return audit?.state().status === 'failing' ? 'o log de auditoria não está sendo gravado' : undefined;
}
