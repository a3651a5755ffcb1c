import type { Secret } from '../logging/secret.ts';

/** What may be said about a company: everything but its keys. */
export interface Company {
  /** The key in the credentials file, e.g. `empresa_001`. */
  readonly id: string;
  readonly nome: string;
  /** Formatted `00.000.000/0000-00`. */
  readonly cnpj: string;
  readonly ambiente: 'producao' | 'sandbox';
  /** Groups the company belongs to, e.g. `holding`; empty when none. */
  readonly grupos: readonly string[];
  /** Requests a minute that this company may use; undefined leaves Omie's own limits. */
  readonly rateLimitPerMinute?: number;
}

/** A company together with the pair of keys that Omie wants in every request body. Never serialised. */
export interface CompanyCredentials {
  readonly company: Company;
  readonly appKey: Secret;
  readonly appSecret: Secret;
}

/** A company of the file that cannot be used, and why; the reason never quotes a value. */
export interface DisabledCompany {
  readonly id: string;
  readonly motivo: string;
}
