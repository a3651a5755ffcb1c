import type { Ask, Outcome } from './call-tool.ts';
import { listCompanies } from './company-list.ts';
import { type CompanySnapshot, snapshotCompany } from './company-snapshot.ts';
import { mapBounded } from './map-bounded.ts';

/** Everything seen in one pass over the companies. */
export interface Round {
  readonly takenAt: Date;
  readonly companies: readonly CompanySnapshot[];
  /** False when the server itself says the list of companies is short. */
  readonly listComplete: boolean;
}

export interface RoundOptions {
  readonly companies?: readonly string[] | undefined;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly onStart?: (companies: number) => void;
  readonly onCompany?: () => void;
}

/** Lists the companies and asks each one, a bounded number at a time. Throws only when aborted. */
export async function takeRound(ask: Ask, options: RoundOptions): Promise<Outcome<Round>> {
  const { signal } = options;
  const list = await listCompanies(ask, options.companies, signal);
  if (!list.ok) return list;
  options.onStart?.(list.value.companies.length);
  const companies = await mapBounded(list.value.companies, options.concurrency, async (company) => {
    const snapshot = await snapshotCompany(ask, company, signal);
    options.onCompany?.();
    return snapshot;
  });
  return { ok: true, value: { takenAt: options.now(), companies, listComplete: list.value.complete } };
}
