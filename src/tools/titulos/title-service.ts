/** One company's titles of one kind, read, cut, named and rendered. */

import type { CompanyCredentials } from '../../companies/company.ts';
import type { TaxIdDisplay } from '../../finance/tax-id.ts';
import type { Title, TitleKind } from '../../finance/title.ts';
import type { TitleFilter } from '../../finance/title-filter.ts';
import { companyKey } from '../company-key.ts';
import { startQuestion } from '../question-time.ts';
import type { ReadContext } from '../read-context.ts';
import type { Caller } from '../tool-source.ts';
import type { LookUpCategories } from './category-names.ts';
import type { LookUpCounterparties } from './counterparty-names.ts';
import type { ReadTitlesOptions, TitleReader, TitleReading } from './list-titles.ts';
import type { PageTrail } from './page-trail.ts';
import { renderTitlePage, type TitlePage } from './title-page.ts';
import { type TitleQuery, toFilter } from './title-query.ts';
import { sliceReading, sliceWindow, type TitleSlice, tornSlice } from './title-slice.ts';
import type { TitleWindowReader } from './title-window.ts';

export interface TitleService {
  page(query: TitleQuery, context: ReadContext & Pick<Caller, 'principal' | 'session'>): Promise<TitlePage>;
  /** Everything the filter accepts, for whoever sums or sorts it further; look at `complete` before you do. */
  read(filter: TitleFilter, context: ReadContext): Promise<TitleReading>;
}

export interface TitleServiceParts {
  readonly reader: TitleReader;
  readonly windows: TitleWindowReader;
  readonly trail: PageTrail;
  readonly lookUpCounterparties: LookUpCounterparties;
  readonly lookUpCategories: LookUpCategories;
  readonly people: TaxIdDisplay;
}

export function createTitleService(
  parts: TitleServiceParts,
  company: CompanyCredentials,
  kind: TitleKind,
): TitleService {
  return {
    read: (filter, context) => parts.reader.read(company, kind, filter, optionsFrom(context)),
    async page(query, context) {
      const filter = toFilter(query);
      const wanted = { number: query.pagina, size: query.registros_por_pagina };
      const options = optionsFrom(context);
      const window = await parts.windows.readWindow(company, kind, filter, wanted, options);
      const cut =
        window === undefined
          ? sliceReading(await parts.reader.read(company, kind, filter, options), wanted)
          : sliceWindow(window, wanted);
      const slice = isTorn(cut, query, context) ? tornSlice(cut) : cut;
      const { warnings, ...texts } = await textsFor(slice.items, options);
      return renderTitlePage({ company: company.company, query, slice, texts, warnings, people: parts.people });
    },
  };

  function isTorn(
    { list, page }: TitleSlice,
    query: TitleQuery,
    { principal, session }: Pick<Caller, 'principal' | 'session'>,
  ): boolean {
    if (list === undefined) return false;
    const { pagina: _, formato: __, ...question } = query;
    const walk = JSON.stringify([session?.id ?? principal.id, companyKey(company), kind, question]);
    return parts.trail.isTorn(walk, page, list);
  }

  /** In what the numbers left of the question's time. */
  async function textsFor(titles: readonly Title[], options: ReadTitlesOptions) {
    const ids = titles.flatMap(({ counterparty }) => counterparty.id ?? []);
    const codes = titles.flatMap(({ categoryCode }) => categoryCode ?? []);
    const [counterparties, categories] = await Promise.all([
      parts.lookUpCounterparties(company, ids, options),
      parts.lookUpCategories(company, codes, options),
    ]);
    return {
      counterparties: counterparties.byId,
      categories: categories.byCode,
      warnings: [counterparties.warning, categories.warning].filter((warning) => warning !== undefined),
    };
  }
}

function optionsFrom({ signal, progress }: ReadContext): ReadTitlesOptions {
  return {
    signal,
    timeLeft: startQuestion(),
    onProgress: (done, total) => progress(done, total, 'páginas de títulos lidas no Omie'),
  };
}
