/** financas/extrato: a bank statement with balances. Pseudo rows open it and close each day; outflows are negative. */
import { settlementOf } from '../balance.ts';
import type { Company } from '../company.ts';
import { type Day, omieDate } from '../dates.ts';
import type { Account, BankEntry, Centavos, Title } from '../model.ts';
import { OmieFault, required } from '../omie-fault.ts';
import { freeText, money, type WireObject } from '../wire.ts';
import { complexType, date, flag, int, str } from './complex-type.ts';
import { findAccount } from './contas-correntes.ts';
import { type CallContext, defineCall, type SimulatedCall } from './define-call.ts';
import { entryRow, plannedRow } from './extrato-row.ts';

/** Every pseudo row carries this id. */
const PSEUDO_ID = 1;

export const statementCalls: readonly SimulatedCall[] = [
  defineCall({
    service: 'financas/extrato',
    name: 'ListarExtrato',
    input: complexType('eccListarExtratoRequest', {
      nCodCC: int,
      cCodIntCC: str,
      dPeriodoInicial: date,
      dPeriodoFinal: date,
      cExibirApenasSaldo: flag,
    }),
    run: (request, context) => {
      if (!request.nCodCC && !request.cCodIntCC) {
        throw new OmieFault('REQUIRED', 1002, 'ERROR: O preenchimento da tag [nCodCC] ou [cCodIntCC] é obrigatório!');
      }
      const account = findAccount(context, request.nCodCC, request.cCodIntCC);
      if (!account) throw new OmieFault('NOT_FOUND', 832, 'ERROR: Conta corrente não cadastrada!');
      if (request.dPeriodoInicial === undefined) throw required('dPeriodoInicial');
      if (request.dPeriodoFinal === undefined) throw required('dPeriodoFinal');
      return statement(
        account,
        request.dPeriodoInicial,
        request.dPeriodoFinal,
        request.cExibirApenasSaldo === 'S',
        context,
      );
    },
  }),
];

/** Money that moved on an account up to a date, opening balance included. */
export function balanceAt(account: Account, entries: readonly BankEntry[], day: Day): Centavos {
  let balance = account.openingBalance;
  for (const entry of entries) if (entry.accountId === account.id && entry.day <= day) balance += entry.amount;
  return balance;
}

/** Bank entries by date; those younger than the lag are not in the statement yet. */
export function visibleEntries({ company, now, quirks }: CallContext): readonly BankEntry[] {
  const entries = company.listing(entriesByDay);
  const newest = now.getTime() - quirks.statementLagMs;
  return quirks.statementLagMs === 0 ? entries : entries.filter((entry) => entry.writtenAtMs <= newest);
}

const entriesByDay = (company: Company): readonly BankEntry[] =>
  [...company.bankEntries.values()].sort((left, right) => left.day - right.day || left.id - right.id);

function statement(account: Account, from: Day, to: Day, balancesOnly: boolean, context: CallContext): WireObject {
  const all = visibleEntries(context);
  const own = all.filter((entry) => entry.accountId === account.id && entry.day >= from && entry.day <= to);
  const before = balanceAt(account, all, from - 1);
  const current = own.reduce((sum, entry) => sum + entry.amount, before);
  const unreconciled = own.reduce((sum, entry) => sum + (entry.reconciledOn === undefined ? entry.amount : 0), 0);
  const planned = plannedTitles(account, from, to, context);
  const plannedSum = planned.reduce((sum, title) => sum + signedOpen(title), 0);
  return {
    cCodIntCC: account.integrationCode,
    cCodTipo: account.type,
    cDesTipo: account.type === 'CX' ? 'Caixinha' : 'Conta Corrente',
    cDescricao: freeText(account.description),
    cFluxoCaixa: 'S',
    cResumoExecutivo: 'S',
    dPeriodoFinal: omieDate(to),
    dPeriodoInicial: omieDate(from),
    listaMovimentos: balancesOnly ? [] : rows(own, planned, from, before, context),
    nCodAgencia: account.branch,
    nCodBanco: account.bank,
    nCodCC: account.id,
    nLimiteCreditoTotal: money(account.limit),
    nNumConta: account.number,
    nSaldoAnterior: money(before),
    nSaldoAnteriorPrevisto: money(before),
    nSaldoAtual: money(current),
    nSaldoAtualPrevisto: money(current + plannedSum),
    nSaldoConciliado: money(current - unreconciled),
    nSaldoDisponivel: money(current + account.limit),
    nSaldoProvisorio: money(unreconciled),
  };
}

/** Open titles planned on this account show as "Previsto": no money has moved. */
function plannedTitles(account: Account, from: Day, to: Day, { company, today }: CallContext): readonly Title[] {
  return [...company.titlesOf('payable'), ...company.titlesOf('receivable')]
    .filter(
      (title) =>
        title.accountId === account.id &&
        title.expected >= Math.max(from, today) &&
        title.expected <= to &&
        settlementOf(title).open > 0,
    )
    .sort((left, right) => left.expected - right.expected || left.id - right.id);
}

const signedOpen = (title: Title): Centavos =>
  title.kind === 'payable' ? -settlementOf(title).open : settlementOf(title).open;

function rows(
  entries: readonly BankEntry[],
  planned: readonly Title[],
  from: Day,
  before: Centavos,
  context: CallContext,
): WireObject[] {
  const list: WireObject[] = [pseudoRow('SALDO ANTERIOR', from, before, before)];
  let balance = before;
  let forecast = before;
  const days = [...new Set([...entries.map((entry) => entry.day), ...planned.map((title) => title.expected)])];
  for (const day of days.sort((left, right) => left - right)) {
    for (const entry of entries.filter((candidate) => candidate.day === day)) {
      balance += entry.amount;
      forecast += entry.amount;
      list.push({ ...entryRow(entry, context), nSaldo: money(balance), nSaldoPrev: money(forecast) });
    }
    for (const title of planned.filter((candidate) => candidate.expected === day)) {
      forecast += signedOpen(title);
      list.push({ ...plannedRow(title, context), nSaldo: money(balance), nSaldoPrev: money(forecast) });
    }
    list.push(pseudoRow('SALDO', day, balance, forecast));
  }
  return list;
}

const pseudoRow = (label: string, day: Day, balance: Centavos, forecast: Centavos): WireObject => ({
  cDesCliente: label,
  dDataLancamento: omieDate(day),
  nCodLancamento: PSEUDO_ID,
  nSaldo: money(balance),
  nSaldoPrev: money(forecast),
  nValorDocumento: 0,
});
