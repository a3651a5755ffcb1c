import type { Principal } from '../../companies/principal.ts';

/** Whether a principal may read what the servers of a domain keep: its tool globs are asked with this name. */
export function mayRead(principal: Principal, domain: string): boolean {
  return principal.canCall({ name: `${domain}__resources/read`, readOnly: true });
}
