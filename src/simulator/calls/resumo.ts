/** financas/resumo: a one-day dashboard. nTotal and vTotal are the titles due TODAY, whatever dDia says. */

import { z } from 'zod';
import { settlementOf } from '../balance.ts';
import { type Day, omieDate } from '../dates.ts';
import type { Centavos, Title, TitleKind } from '../model.ts';
import { notFoundById, required } from '../omie-fault.ts';
import { ageOn } from '../title-status.ts';
import { money, type WireObject } from '../wire.ts';
import { bool, complexType, date, int, str } from './complex-type.ts';
import { type CallContext, defineCall, type SimulatedCall } from './define-call.ts';
import { balanceAt, visibleEntries } from './extrato.ts';
import { hungarianList, hungarianPage } from './paging.ts';
import { categorySums, detailRow, financeRow, openRow, overdueRow } from './resumo-row.ts';

const service = 'financas/resumo';
const side = z.enum(['P', 'R']);
const CASH_FLOW_DAYS = 10;

export const summaryCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ObterResumoFinancas',
    input: complexType('obterResumoFinRequest', { dDia: date, lApenasResumo: bool, lExibirCategoria: bool }),
    run: ({ dDia, lApenasResumo = true, lExibirCategoria = true }, context) => {
      const day = dDia ?? context.today;
      return {
        contaCorrente: accountsBlock(context),
        contaPagar: sideBlock('payable', context),
        contaReceber: sideBlock('receivable', context),
        dDia: omieDate(day),
        ...(!lApenasResumo && detailBlocks(day, lExibirCategoria, context)),
      };
    },
  }),
  defineCall({
    service,
    name: 'ObterListaEmAberto',
    input: complexType('obterListaEmAbertoRequest', {
      ...hungarianPage,
      dDia: date,
      cTipo: side,
      nCodCliente: int,
      cNomeCliente: str,
    }),
    run: (request, context) => {
      const day = request.dDia ?? context.today;
      const name = request.cNomeCliente?.toLowerCase() ?? '';
      const titles = openTitles(kindOf(request.cTipo), context).filter(
        (title) =>
          title.due === day &&
          (!request.nCodCliente || request.nCodCliente === title.clientId) &&
          (context.company.clients.get(title.clientId)?.legalName.toLowerCase().includes(name) ?? name === ''),
      );
      // The key is misspelled on the wire.
      return hungarianList('ListaEmEberto', titles, request, (title) => openRow(title, context), 'zero');
    },
  }),
  defineCall({
    service,
    name: 'ObterListaFinancas',
    input: complexType('obterListaFinancasRequest', { dDia: date, cCodCateg: str, cTipo: side }),
    run: (request, context) => {
      const day = request.dDia ?? context.today;
      const titles = openTitles(kindOf(request.cTipo), context).filter(
        (title) =>
          title.due === day &&
          (!request.cCodCateg || title.categories.some((share) => share.code === request.cCodCateg)),
      );
      return { listaDetalhesFinancas: titles.map((title) => financeRow(title, context)) };
    },
  }),
  defineCall({
    service,
    name: 'ObterDetalhesLancamento',
    input: complexType('obterDetalhesLancamentoRequest', { nIdTitulo: int }),
    run: (request, context) => {
      const title = context.company.titles.get(request.nIdTitulo ?? 0);
      if (!title) throw notFoundById('Lançamento não cadastrado', request.nIdTitulo ?? 0);
      return detailRow(title, context);
    },
  }),
];

function kindOf(type: 'P' | 'R' | undefined): TitleKind {
  if (type === undefined) throw required('cTipo');
  return type === 'R' ? 'receivable' : 'payable';
}

const openTitles = (kind: TitleKind, { company }: CallContext): readonly Title[] =>
  company.titlesOf(kind).filter((title) => settlementOf(title).open > 0);

const openSum = (titles: readonly Title[]): Centavos =>
  titles.reduce((sum, title) => sum + settlementOf(title).open, 0);

const isOverdue = (title: Title, { today, quirks }: CallContext): boolean =>
  ageOn(title.due, today, quirks) === 'ATRASADO';

function sideBlock(kind: TitleKind, context: CallContext): WireObject {
  const open = openTitles(kind, context);
  const dueToday = open.filter((title) => title.due === context.today);
  return {
    cCor: '#FF0000',
    cIcone: 'icon',
    nTotal: dueToday.length,
    vAtraso: money(openSum(open.filter((title) => isOverdue(title, context)))),
    vTotal: money(openSum(dueToday)),
  };
}

function accountsBlock(context: CallContext): WireObject {
  const accounts = [...context.company.accounts.values()].filter((account) => account.active);
  const entries = visibleEntries(context);
  const total = accounts.reduce((sum, account) => sum + balanceAt(account, entries, context.today), 0);
  return {
    cCor: '#00FF00',
    cIcone: 'icon',
    vLimiteCredito: money(accounts.reduce((sum, account) => sum + account.limit, 0)),
    vTotal: money(total),
  };
}

function detailBlocks(day: Day, byCategory: boolean, context: CallContext): WireObject {
  const payables = openTitles('payable', context);
  const receivables = openTitles('receivable', context);
  return {
    // null, not an empty list, when categories are not asked for.
    contaPagarCategoria: byCategory ? categorySums(payables, context) : null,
    contaReceberCategoria: byCategory ? categorySums(receivables, context) : null,
    contaPagarAtraso: overdueRows(payables, context),
    contaReceberAtraso: overdueRows(receivables, context),
    fluxoCaixa: cashFlow(day, payables, receivables),
  };
}

/** The list is known to miss some titles; here it misses those already paid in part. */
const overdueRows = (titles: readonly Title[], context: CallContext): WireObject[] =>
  titles
    .filter((title) => isOverdue(title, context) && title.payments.length === 0)
    .map((title) => overdueRow(title, context));

/** dDia moves this block and nothing else. */
function cashFlow(day: Day, payables: readonly Title[], receivables: readonly Title[]): WireObject[] {
  return Array.from({ length: CASH_FLOW_DAYS }, (_, offset) => {
    const due = day + offset;
    const out = openSum(payables.filter((title) => title.due === due));
    const into = openSum(receivables.filter((title) => title.due === due));
    return { dDia: omieDate(due), vPagar: money(out), vReceber: money(into), vSaldo: money(into - out) };
  });
}
