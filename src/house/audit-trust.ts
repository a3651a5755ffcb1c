import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../audit/audit-record.ts';
import type { TrustEvent } from '../gateway/upstreams/trust-screen.ts';
import { BoundedLines } from '../tools/bounded-lines.ts';

/** A server may change its tools as often as it likes. */
const PER_MINUTE = 100;
const METHODS = { quarantined: 'gateway/quarantine', approved: 'gateway/approve', returned: 'gateway/return' } as const;
/** Nobody asked for it, or nobody here knows who: who approves is somebody at a terminal of the machine. */
const NOBODY = '-';

export interface TrustAudit {
  tell(event: TrustEvent): void;
  close(): void;
}

/** A line when a tool of a mounted server goes into quarantine, and when it comes out of it. */
export function auditTrust(record: (line: AuditRecord) => void, scrub: (text: string) => string): TrustAudit {
  const line = (what: TrustEvent['what'], tool: string, requestId: string): AuditRecord => ({
    ...{ principal: NOBODY, door: 'gateway', companies: [], args: undefined, rows: undefined, durationMs: 0 },
    method: METHODS[what],
    tool,
    outcome: what === 'quarantined' ? 'em_quarentena' : 'ok',
    requestId,
  });
  const lines = new BoundedLines<AuditRecord>({
    write: record,
    perMinute: PER_MINUTE,
    more: (count) => line('quarantined', `+${count}`, NOBODY),
  });
  return {
    tell: ({ what, server, tool }) => lines.add(line(what, scrub(`${server} ${tool}`), randomUUID())),
    close: () => lines.close(),
  };
}
