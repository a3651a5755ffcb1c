import type { Company } from './company.ts';

/** What a principal is asked about a tool: its name, and whether it changes anything at all. */
export interface ToolRef {
  readonly name: string;
  readonly readOnly: boolean;
}

/**
 * Who asks. Everything that names a company or a tool goes through these questions: a company out of scope is
 * treated exactly like one that does not exist. Sessions belong to the very object that opened them: two objects are
 * two principals, whatever their ids.
 */
export interface Principal {
  /** For logs and counts, e.g. `local`, a token's id or `oauth:<subject> via <client>`. */
  readonly id: string;
  /** Requests a minute this one may make; undefined leaves the server's own limit. */
  readonly limitPerMinute?: number | undefined;
  /** True for those who see every company, present and to come: only they are told what concerns the whole house. */
  readonly seesAll?: boolean;
  /** True for who may use the hub's own tools; for everybody else there are none. */
  readonly administersHub?: boolean;
  /** False once its rights have ended; whoever has no such property keeps them. */
  readonly live?: boolean;
  canSee(company: Company): boolean;
  canCall(tool: ToolRef): boolean;
}

/** The person at the keyboard (stdio, loopback without tokens) or the one holder of the static token: sees all. */
export function fullAccess(id: string): Principal {
  return { id, seesAll: true, canSee: () => true, canCall: () => true };
}
