import type { Company } from '../companies/company.ts';
import type { Principal, ToolRef } from '../companies/principal.ts';
import { coversCompany, coversTool, type Rights } from './rights.ts';

export interface Grant {
  readonly id: string;
  readonly rights: Rights;
  readonly limitPerMinute?: number | undefined;
  /** Epoch milliseconds; Infinity for a grant without an end. */
  readonly expiresAt: number;
}

/** A principal whose rights can end, by revocation or in time. From then on it sees nothing and may call nothing. */
export class GrantedPrincipal implements Principal {
  readonly id: string;
  readonly limitPerMinute: number | undefined;
  readonly seesAll: boolean;
  readonly #rights: Rights;
  readonly #now: () => number;
  #expiresAt: number;

  constructor({ id, rights, limitPerMinute, expiresAt }: Grant, now: () => number) {
    this.id = id;
    this.limitPerMinute = limitPerMinute;
    this.seesAll = rights.companies === 'all';
    this.#rights = rights;
    this.#expiresAt = expiresAt;
    this.#now = now;
  }

  get live(): boolean {
    return this.#now() < this.#expiresAt;
  }

  canSee(company: Company): boolean {
    return coversCompany(this.#rights, company) && this.live;
  }

  canCall(tool: ToolRef): boolean {
    return coversTool(this.#rights, tool) && this.live;
  }

  /** A newer proof of the same rights. What has ended stays ended. */
  extend(expiresAt: number): void {
    if (this.live && expiresAt > this.#expiresAt) this.#expiresAt = expiresAt;
  }

  end(): void {
    this.#expiresAt = Number.NEGATIVE_INFINITY;
  }
}
