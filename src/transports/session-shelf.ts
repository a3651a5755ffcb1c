import { z } from 'zod';
import { INITIALIZE } from '../protocol/methods.ts';
import { LEGACY_REVISIONS } from '../protocol/revisions.ts';
import { isLogLevel } from '../server/reporter.ts';
import type { LogLevel } from '../tools/tool-source.ts';
import { type Handshake, initializeParams } from './handshake.ts';

/** Where what makes up a session lies beside it, so that its process can take it up again after a restart. Never rejects. */
export interface SessionShelf {
  /** What cannot be kept is not, and then the session ends with its process. */
  keep(owner: SessionOwner, record: string): void;
  find(owner: SessionOwner): Promise<KeptSession | undefined>;
  forget(owner: SessionOwner): void;
}

export interface KeptSession {
  readonly record: string;
  /** Puts what others kept for the session back in place; called once, as it is taken up. */
  restore(): void;
}

export interface SessionOwner {
  readonly principalId: string;
  readonly sessionId: string;
}

/** All that a session is made of besides its id and its owner. */
export interface SessionRecord {
  readonly handshake: Handshake;
  readonly version: string;
  /** Those of the address at which it was opened. */
  readonly domains: readonly string[] | undefined;
  /** The resources that its client watches. */
  readonly watched?: readonly string[] | undefined;
  /** From which level on its client wants log messages; undefined for all. */
  readonly logLevel?: LogLevel | undefined;
}

/** What of a session may become another while it lives. */
export type SessionChange = Pick<SessionRecord, 'watched' | 'logLevel'>;

const recordSchema = z.object({
  params: initializeParams,
  version: z.string().refine((version) => LEGACY_REVISIONS.includes(version)),
  domains: z.array(z.string()).optional(),
  watched: z.array(z.string()).optional(),
  logLevel: z.custom<LogLevel>(isLogLevel).optional(),
});

export function recordText({ handshake, ...rest }: SessionRecord): string {
  return JSON.stringify({ params: handshake.params, ...rest });
}

/** Undefined for one that another version of this server wrote and this one cannot read. */
export function readRecord(text: string): SessionRecord | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = recordSchema.safeParse(json);
  if (data === undefined) return undefined;
  const { params, version, domains, watched, logLevel } = data;
  return { handshake: { jsonrpc: '2.0', id: 0, method: INITIALIZE, params }, version, domains, watched, logLevel };
}
