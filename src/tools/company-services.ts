/** What tools may ask about one company. Readers and memories are shared by all companies; a company's own part is cheap. */
import type { CompanyCredentials } from '../companies/company.ts';
import type { Clock } from '../finance/dates.ts';
import { clearTaxIds, maskedCpfs } from '../finance/tax-id.ts';
import type { OmieClient } from '../omie/omie-client.ts';
import { type CategoryService, createCategoryService } from './categorias/category-service.ts';
import { createCategoryNames } from './titulos/category-names.ts';
import { createCounterpartyNames } from './titulos/counterparty-names.ts';
import { createTitleReader } from './titulos/list-titles.ts';
import { PageTrail } from './titulos/page-trail.ts';
import { createTitleService, type TitleService } from './titulos/title-service.ts';
import { createTitleWindowReader } from './titulos/title-window.ts';

export interface CompanyServices {
  readonly payables: TitleService;
  readonly receivables: TitleService;
  readonly categories: CategoryService;
}

export interface CompanyServicesOptions {
  readonly omie: OmieClient;
  readonly clock: Clock;
  /** Pages of Omie that one question about titles may cost. */
  readonly pageBudget?: number;
  /** CPFs of counterparties leave as `***.456.789-**`; as Omie has them when left out. */
  readonly maskCpf?: boolean;
}

/** The returned function may be called for every request: it only binds the company. */
export function createCompanyServices(
  options: CompanyServicesOptions,
): (company: CompanyCredentials) => CompanyServices {
  const parts = {
    reader: createTitleReader(options),
    windows: createTitleWindowReader(options),
    trail: new PageTrail(),
    lookUpCounterparties: createCounterpartyNames(options.omie),
    lookUpCategories: createCategoryNames(options.omie),
    people: options.maskCpf === true ? maskedCpfs : clearTaxIds,
  };
  return (company) => ({
    payables: createTitleService(parts, company, 'pagar'),
    receivables: createTitleService(parts, company, 'receber'),
    categories: createCategoryService(options.omie, company),
  });
}
