/** One company's chart of categories, always read whole: Omie's own filters leave rows out without saying so. */
import type { CompanyCredentials } from '../../companies/company.ts';
import { byCode, type Category, type CategoryFilter, matchesCategory, toCategory } from '../../finance/category.ts';
import { listarCategorias, type WireCategoria } from '../../omie/calls/categorias.ts';
import type { OmieClient } from '../../omie/omie-client.ts';
import type { ReadContext } from '../read-context.ts';
import { explainReading } from '../reading-reason.ts';
import { type CategoryPage, type CategoryQuery, type CategoryReading, renderCategoryPage } from './category-page.ts';

/** 4,000 categories: far beyond any chart, so that a page count gone mad ends. */
const PAGE_BUDGET = 40;

export interface CategoryService {
  page(query: CategoryQuery, context: ReadContext): Promise<CategoryPage>;
}

export function createCategoryService(omie: OmieClient, company: CompanyCredentials): CategoryService {
  return {
    async page(query, context) {
      return renderCategoryPage(company.company, query, await readCategories(omie, company, query, context));
    },
  };
}

/** Throws `AppError`s for what Omie refuses or fails. */
async function readCategories(
  omie: OmieClient,
  company: CompanyCredentials,
  filter: CategoryFilter,
  { signal, progress }: ReadContext,
): Promise<CategoryReading> {
  const reading = await omie.readList(
    company,
    listarCategorias,
    {},
    {
      signal,
      pageBudget: PAGE_BUDGET,
      onPage: (read, total) => progress(read, total, 'páginas de categorias lidas no Omie'),
    },
  );
  const chart = chartOf(reading.rows);
  const reasons = [
    explainReading(reading, PAGE_BUDGET, 'tipo'),
    chart.nameless > 0 ? `${chart.nameless} categoria(s) vieram do Omie sem código e ficaram fora.` : undefined,
  ].filter((reason) => reason !== undefined);
  return {
    categories: chart.categories.filter((category) => matchesCategory(category, filter)),
    complete: reasons.length === 0,
    ...(reasons.length > 0 && { reason: reasons.join(' ') }),
    fetchedAt: reading.fetchedAt,
  };
}

interface Chart {
  /** By code. */
  readonly categories: readonly Category[];
  /** Rows without a code, which are left out. */
  readonly nameless: number;
}

/**
 * A chart of one page comes as the very rows that Omie's reply is remembered by: what was made of them stays as long as
 * they do, and no longer. Rows of one reply belong to one pair of keys.
 */
const charts = new WeakMap<readonly WireCategoria[], Chart>();

function chartOf(rows: readonly WireCategoria[]): Chart {
  const known = charts.get(rows);
  if (known !== undefined) return known;
  const byItsCode = new Map<string, Category>();
  let nameless = 0;
  for (const row of rows) {
    const category = toCategory(row);
    if (category === undefined) nameless += 1;
    else byItsCode.set(category.codigo, category);
  }
  const chart = { categories: [...byItsCode.values()].sort(byCode), nameless };
  charts.set(rows, chart);
  return chart;
}
