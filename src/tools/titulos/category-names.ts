/** Descriptions of category codes, remembered for an hour per company. Missing ones cost a description, never a number. */

import { LRUCache } from 'lru-cache';
import type { CompanyCredentials } from '../../companies/company.ts';
import { toCategory } from '../../finance/category.ts';
import { listarCategorias } from '../../omie/calls/categorias.ts';
import type { OmieClient } from '../../omie/omie-client.ts';
import type { StopSignal } from '../../stop-signal.ts';
import { companyKey } from '../company-key.ts';
import { toleratedFailure } from '../lookup-failure.ts';
import { startQuestion, type TimeLeft } from '../question-time.ts';

const HOUR_MS = 3_600_000;
/** A chart has a few hundred lines, 100 a page. */
const PAGE_BUDGET = 20;

const SHORT =
  'O Omie devolveu só parte do plano de categorias: faltam descrições nesta página. Os valores não são afetados.';

export interface CategoryNames {
  readonly byCode: ReadonlyMap<string, string>;
  /** Portuguese, when descriptions could not be asked for, or some are missing from a chart that was read only in part. */
  readonly warning?: string;
}

export type LookUpCategories = (
  company: CompanyCredentials,
  codes: readonly string[],
  options?: { readonly signal?: StopSignal | undefined; readonly timeLeft?: TimeLeft | undefined },
) => Promise<CategoryNames>;

export function createCategoryNames(omie: OmieClient): LookUpCategories {
  const known = new LRUCache<string, ReadonlyMap<string, string>>({ max: 500, ttl: HOUR_MS });

  return async (company, codes, { signal, timeLeft = startQuestion() } = {}) => {
    if (codes.length === 0) return { byCode: new Map() };
    const key = companyKey(company);
    const remembered = known.get(key);
    if (remembered !== undefined) return { byCode: remembered };
    try {
      const options = { signal, timeoutMs: timeLeft(), pageBudget: PAGE_BUDGET };
      const reading = await omie.readList(company, listarCategorias, {}, options);
      const categories = reading.rows.flatMap((row) => toCategory(row) ?? []);
      const byCode = new Map(categories.map(({ codigo, descricao }) => [codigo, descricao]));
      // A partial chart answers this call but is not worth an hour.
      if (reading.complete) known.set(key, byCode);
      const isShort = !reading.complete && codes.some((code) => !byCode.has(code));
      return { byCode, ...(isShort && { warning: SHORT }) };
    } catch (thrown) {
      const failure = toleratedFailure(thrown);
      return {
        byCode: new Map(),
        warning: `Descrições de categorias indisponíveis: ${failure.message} Os valores não são afetados.`,
      };
    }
  };
}
