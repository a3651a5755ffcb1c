import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditAlarm, AuditLog, type AuditOptions } from '../../../src/audit/audit-log.ts';
import type { AuditRecord } from '../../../src/audit/audit-record.ts';

export async function logFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-audit-'));
  return { path: join(folder, 'audit.jsonl'), remove: () => rm(folder, { recursive: true, force: true }) };
}

export async function openLog(
  path: string,
  options: Partial<AuditOptions> = {},
): Promise<{ log: AuditLog; alarms: AuditAlarm[] }> {
  const alarms: AuditAlarm[] = [];
  const log = await AuditLog.open({ path, maxBytes: 1_000_000, onAlarm: (alarm) => alarms.push(alarm), ...options });
  return { log, alarms };
}

export function aCall(number: number, changes: Partial<AuditRecord> = {}): AuditRecord {
  return {
    principal: 'ana',
    door: 'http',
    method: 'tools/call',
    tool: 'consultar_contas_pagar_empresa',
    companies: ['empresa_001'],
    args: { company_id: 'empresa_001', pagina: number },
    rows: 3,
    outcome: 'ok',
    durationMs: 1.5,
    requestId: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    ...changes,
  };
}
