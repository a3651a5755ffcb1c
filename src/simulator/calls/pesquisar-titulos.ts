/** financas/pesquisartitulos: titles only, no bank legs, with the reliable category split. */
import { omieDate } from '../dates.ts';
import type { Payment, Title } from '../model.ts';
import { required } from '../omie-fault.ts';
import { filtersOfSearch } from '../title-status.ts';
import { freeText, infoOf, money, type WireObject } from '../wire.ts';
import { complexType, date, int, str } from './complex-type.ts';
import { type CallContext, defineCall, type SimulatedCall } from './define-call.ts';
import { departmentsOf } from './movement-row.ts';
import { hungarianList, hungarianPage } from './paging.ts';
import { isBetween, statusTest } from './title-filters.ts';
import { findTitleOfAnyKind } from './title-lookup.ts';
import { matchesSearch, natureOf, sameText, searchFields, summaryOf, titleFields } from './title-search.ts';

const service = 'financas/pesquisartitulos';

export const titleSearchCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'PesquisarLancamentos',
    input: complexType('ltPesquisarRequest', { ...searchFields, dDtCancDe: date, dDtCancAte: date, cChaveNFe: str }),
    run: (query, context) => {
      if (context.quirks.pesquisarNeedsNatureza && !query.cNatureza) throw required('cNatureza');
      const hasStatus = statusTest('cStatus', query.cStatus, filtersOfSearch(context.quirks), context);
      const titles = [...context.company.titlesOf('payable'), ...context.company.titlesOf('receivable')].filter(
        (title) =>
          hasStatus(title) &&
          matchesSearch(title, query, context) &&
          isBetween(title.cancelled, query.dDtCancDe, query.dDtCancAte) &&
          sameText(query.cChaveNFe, title.invoiceKey ?? ''),
      );
      const ordered = query.cOrdemDecrescente === 'S' ? titles.toReversed() : titles;
      return hungarianList('titulosEncontrados', ordered, query, (title) => rowOf(title, context));
    },
  }),
  defineCall({
    service,
    name: 'PesquisarExcluidos',
    input: complexType('ltListarExcluidosRequest', { ...hungarianPage, dDtInicial: date, dDtFinal: date }),
    run: (query, { company }) => {
      const deleted = company.deletedTitles.filter((title) => isBetween(title.day, query.dDtInicial, query.dDtFinal));
      return hungarianList('titulosExcluidos', deleted, query, (title) => ({
        cAcao: 'EXCLUSAO',
        cHoraExc: title.time,
        cUsuarioExc: title.user,
        dDataExc: omieDate(title.day),
        nCodTitulo: title.id,
      }));
    },
  }),
  defineCall({
    service,
    name: 'ObterURLBoleto',
    input: complexType('ltLinkBoletoRequest', {
      nCodTitulo: int,
      cCodIntTitulo: str,
      dDtEmissao: str,
      cAtualizarData: str,
    }),
    run: (query, context) => {
      const title = findTitleOfAnyKind(context, query.nCodTitulo, query.cCodIntTitulo);
      return {
        cCodIntTitulo: title.integrationCode,
        cLinkBoleto: title.boleto ? `https://boleto.exemplo.com.br/${title.boleto.bankNumber}` : '',
        nCodTitulo: title.id,
      };
    },
  }),
];

function rowOf(title: Title, context: CallContext): WireObject {
  const departments = departmentsOf(title);
  const inside = context.quirks.departamentosLocation === 'inside';
  const categories = title.categories.map((share) => ({
    cCodCateg: share.code,
    nPerc: share.percent,
    nValor: money(share.amount),
  }));
  return {
    cabecTitulo: titleFields(title, context, {
      categories,
      ...(inside && { departments }),
      info: infoOf(title),
      withCancellation: true,
      withNotes: title.notes !== undefined,
    }),
    departamentos: inside ? undefined : departments,
    lancamentos: title.payments.map((payment) => paymentRow(title, payment)),
    resumo: summaryOf(title, context.quirks),
  };
}

const paymentRow = (title: Title, payment: Payment): WireObject => ({
  cCodIntLanc: payment.integrationCode,
  cNatureza: natureOf(title),
  cObsLanc: freeText(payment.notes),
  dDtLanc: omieDate(payment.day),
  nCodCC: payment.accountId,
  nCodLanc: payment.id,
  nDesconto: money(payment.discount),
  nIdLancCC: payment.bankEntryId,
  nJuros: money(payment.interest),
  nMulta: money(payment.fine),
  nValLanc: money(payment.principal),
});
