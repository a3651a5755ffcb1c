import type { Company } from './company.ts';

/**
 * Who asks. Everything that names a company or a tool goes through these questions: a company out of scope is
 * treated exactly like one that does not exist.
 */
export interface Principal {
  /** Stable id, e.g. `local` or a token's id; sessions and cursors are bound to it. */
  readonly id: string;
  canSee(company: Company): boolean;
  canCall(tool: string): boolean;
  /** Requests a minute through any HTTP door; without one, no limit. */
  readonly limitPerMinute?: number;
}

/** The person at the keyboard (stdio, loopback without tokens) or the one holder of the static token: sees all. */
export function fullAccess(id: string): Principal {
  return { id, canSee: () => true, canCall: () => true };
}
