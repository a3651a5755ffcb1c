import type { Company, CompanyCredentials } from './company.ts';

/** Everything one good credentials file says. Built once, never changed; a reload swaps the whole set. */
export interface CredentialSet {
  readonly companies: ReadonlyMap<string, CompanyCredentials>;
  readonly disabled: ReadonlyMap<string, DisabledEntry>;
}

/** A company that cannot be used yet, with what is known of it, so that scopes can be asked about it. */
export interface DisabledEntry {
  readonly company: Company;
  /** Never quotes a value. */
  readonly motivo: string;
}

/** Ids of usable companies that came, went, or changed between two sets, each in file order. */
export interface SetDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** A new key or secret. */
  readonly rekeyed: readonly string[];
  /** The same keys, another nome, CNPJ, ambiente, limit or groups. */
  readonly updated: readonly string[];
  /** Anything at all, the disabled ones included. */
  readonly changed: boolean;
}

export function compareSets(before: CredentialSet, after: CredentialSet): SetDifference {
  const added: string[] = [];
  const rekeyed: string[] = [];
  const updated: string[] = [];
  for (const [id, entry] of after.companies) {
    const old = before.companies.get(id);
    if (old === undefined) added.push(id);
    else if (!sameKeys(old, entry)) rekeyed.push(id);
    else if (describe(old.company) !== describe(entry.company)) updated.push(id);
  }
  const removed = [...before.companies.keys()].filter((id) => !after.companies.has(id));
  const counted = added.length + removed.length + rekeyed.length + updated.length;
  return { added, removed, rekeyed, updated, changed: counted > 0 || disabledText(before) !== disabledText(after) };
}

function sameKeys(a: CompanyCredentials, b: CompanyCredentials): boolean {
  return a.appKey.reveal() === b.appKey.reveal() && a.appSecret.reveal() === b.appSecret.reveal();
}

function describe(company: Company): string {
  const { id, nome, cnpj, ambiente, grupos, rateLimitPerMinute } = company;
  return JSON.stringify([id, nome, cnpj, ambiente, grupos, rateLimitPerMinute]);
}

function disabledText(set: CredentialSet): string {
  return JSON.stringify([...set.disabled.values()].map((entry) => [describe(entry.company), entry.motivo]));
}
