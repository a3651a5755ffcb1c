import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../audit/audit-record.ts';
import type { TrustEvent } from '../gateway/upstreams/trust-screen.ts';
import { BoundedLines } from '../tools/bounded-lines.ts';

/** Of one server, which may change its tools as often as it likes. */
const PER_MINUTE = 100;
const METHODS = { quarantined: 'gateway/quarantine', approved: 'gateway/approve', returned: 'gateway/return' } as const;
/** Stands for lines of either kind that a server brings about. */
const FOLDED = 'gateway/changes';
/** Nobody asked for it, or nobody here knows who: who approves is somebody at a terminal of the machine. */
const NOBODY = '-';

export interface TrustAudit {
  tell(event: TrustEvent): void;
  close(): void;
}

/**
 * A line when a tool of a mounted server goes into quarantine, and when it comes out of it. What one server brings about
 * hides nothing of another, nor what an operator agreed to: that is written always.
 */
export function auditTrust(record: (line: AuditRecord) => void, scrub: (text: string) => string): TrustAudit {
  const line = (method: string, tool: string, outcome: string, requestId: string): AuditRecord => ({
    ...{ principal: NOBODY, door: 'gateway', companies: [], args: undefined, rows: undefined, durationMs: 0 },
    ...{ method, tool, outcome, requestId },
  });
  const lines = new BoundedLines<AuditRecord>({
    write: record,
    perMinute: PER_MINUTE,
    more: (count, server) => line(FOLDED, scrub(`${server} +${count}`.trim()), 'limite_de_uso', NOBODY),
  });
  return {
    tell: ({ what, server, tool }) => {
      const outcome = what === 'quarantined' ? 'em_quarentena' : 'ok';
      const told = line(METHODS[what], scrub(`${server} ${tool}`), outcome, randomUUID());
      if (what === 'approved') record(told);
      else lines.add(told, server);
    },
    close: () => lines.close(),
  };
}
