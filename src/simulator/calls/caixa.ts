/** financas/caixa: one month's budget by category. Both Omie spellings of "realizado" are one: nValorRealilzado. */
import type { Company } from '../company.ts';
import { yearAndMonth } from '../dates.ts';
import { required } from '../omie-fault.ts';
import { freeText, money } from '../wire.ts';
import { complexType, int } from './complex-type.ts';
import { defineCall, type SimulatedCall } from './define-call.ts';

export const budgetCalls: readonly SimulatedCall[] = [
  defineCall({
    service: 'financas/caixa',
    name: 'ListarOrcamentos',
    input: complexType('ocprListarRequest', { nAno: int, nMes: int }),
    run: ({ nAno, nMes }, { company, quirks }) => {
      if (nAno === undefined) throw required('nAno');
      if (nMes === undefined) throw required('nMes');
      const done = movedByCategory(company, nAno, nMes);
      const asText = quirks.budgetPeriodType === 'string';
      return {
        ListaOrcamentos: company.budget.map(({ category, planned }) => ({
          cCodCateg: category,
          cDesCateg: freeText(company.categories.get(category)?.description ?? ''),
          nValorPrevisto: money(planned),
          nValorRealilzado: money(done.get(category) ?? 0),
        })),
        nAno: asText ? String(nAno) : nAno,
        nMes: asText ? String(nMes) : nMes,
      };
    },
  }),
];

/** What went through the bank in the month, by the category shares of its entries, without sign. */
function movedByCategory(company: Company, year: number, month: number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const entry of company.bankEntries.values()) {
    const period = yearAndMonth(entry.day);
    if (period.year !== year || period.month !== month) continue;
    for (const share of entry.categories) sums.set(share.code, (sums.get(share.code) ?? 0) + Math.abs(share.amount));
  }
  return sums;
}
