import { hash } from 'node:crypto';
import { z } from 'zod';
import type { AuditEvent, AuditRecord } from './audit-record.ts';

/** What stands in `prev` of the very first line. */
export const GENESIS = '0'.repeat(64);

/** Names that callers make up are free text; the log keeps the beginning of them. Who asks is never cut: two could become one. */
const MAX_NAME = 80;

/** Where a chain stands: the number of its last line and the SHA-256 of that line's bytes, without the line break. */
export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

export const emptyChain: ChainEnd = { seq: 0, hash: GENESIS };

export function lineHash(line: string | Uint8Array): string {
  return hash('sha256', line);
}

/** The line for a call, put together by hand: it is made once a call, on the way of the answer. */
export function callLine(record: AuditRecord, digest: string, when: Date, last: ChainEnd): string {
  const { principal, door, method, tool, companies, rows, outcome, durationMs, requestId } = record;
  return `{"v":1,"seq":${last.seq + 1},"when":"${when.toISOString()}","principal":${JSON.stringify(principal)},"door":"${door}","method":"${method}","tool":${text(tool)},"companies":${JSON.stringify(companies)},"args":"${digest}","rows":${rows ?? 'null'},"outcome":"${outcome}","ms":${Math.round(durationMs * 1000) / 1000},"id":${text(requestId)},"prev":"${last.hash}"}`;
}

export function eventLine(event: AuditEvent, when: Date, last: ChainEnd): string {
  return JSON.stringify({ v: 1, seq: last.seq + 1, when: when.toISOString(), ...event, prev: last.hash });
}

function text(value: string): string {
  return JSON.stringify(value.length > MAX_NAME ? `${value.slice(0, MAX_NAME)}…` : value);
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const chained = { v: z.literal(1), seq: z.number().int().min(1), when: z.iso.datetime(), prev: digest };

/** A line as it is read back. */
export const auditLine = z.union([
  z.strictObject({
    ...chained,
    principal: z.string(),
    door: z.string(),
    method: z.string(),
    tool: z.string(),
    companies: z.array(z.string()),
    args: digest,
    rows: z.number().int().nullable(),
    outcome: z.string(),
    ms: z.number(),
    id: z.string(),
  }),
  z.strictObject({ ...chained, event: z.literal('lost'), lines: z.number().int() }),
  z.strictObject({ ...chained, event: z.literal('torn'), bytes: z.number().int() }),
  z.strictObject({ ...chained, event: z.literal('unanchored'), lines: z.number().int() }),
]);

export type AuditLine = z.output<typeof auditLine>;

/** The line in these bytes, or undefined when they are not one of ours. */
export function parseLine(bytes: Uint8Array): AuditLine | undefined {
  try {
    const parsed = auditLine.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
