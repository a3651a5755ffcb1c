import type { Outcome } from './call-tool.ts';
import type { CompanySnapshot, Count, Overdue } from './company-snapshot.ts';
import { formatCount, formatMoney } from './format-money.ts';
import { type Column, formatTable, type Row } from './format-table.ts';
import type { Round } from './take-round.ts';
import { wrap } from './text-width.ts';
import { failuresOf, type NamedFailure, sumRound, type Totals } from './totals.ts';

const terminalColumns = 80;
const columns: readonly Column[] = [
  { header: 'Empresa', align: 'left', flexible: true },
  { header: 'Categ.', align: 'right' },
  { header: 'Qtd', align: 'right' },
  { header: 'A pagar vencido', align: 'right' },
  { header: 'Qtd', align: 'right' },
  { header: 'A receber vencido', align: 'right' },
];
const spoken = { categorias: 'categorias', pagar: 'contas a pagar', receber: 'contas a receber' } as const;
const brasiliaTime = new Intl.DateTimeFormat('pt-BR', {
  timeZone: 'America/Sao_Paulo',
  dateStyle: 'short',
  timeStyle: 'medium',
});

/** The table a person reads: at most 80 columns, ending in a line break. */
export function renderRound(round: Round): string {
  const totals = sumRound(round);
  const rows: Row[] = [...round.companies.flatMap(companyRows), { kind: 'rule' }, totalRow(totals)];
  const title = `Vencidos por empresa em ${brasiliaTime.format(round.takenAt)} (horário de Brasília)`;
  const lines = [title, '', ...formatTable(columns, rows, terminalColumns), ...notes(round, totals)];
  return `${lines.join('\n')}\n`;
}

function companyRows(company: CompanySnapshot): Row[] {
  const failures = failuresOf(company);
  const [first] = failures;
  if (first !== undefined && failures.length === 3) {
    return [{ kind: 'span', label: company.nome, text: `falhou: ${told(first)}` }];
  }
  const cells = [company.nome, count(company.categorias), ...overdue(company.pagar), ...overdue(company.receber)];
  const remark = (failure: NamedFailure): Row => ({
    kind: 'remark',
    text: `falhou em ${spoken[failure.where]}: ${told(failure)}`,
  });
  return [{ kind: 'cells', cells }, ...failures.map(remark)];
}

function totalRow(totals: Totals): Row {
  const { categorias, pagar, receber } = totals;
  const label = totals.completo ? 'TOTAL' : 'TOTAL (parcial)';
  const figures = [countOf(categorias), countOf(pagar), moneyOf(pagar), countOf(receber), moneyOf(receber)];
  return { kind: 'cells', cells: [label, ...figures], shortLabel: totals.completo ? 'TOTAL' : 'parcial' };
}

function notes(round: Round, totals: Totals): string[] {
  if (round.companies.length === 0) return ['Nenhuma empresa visível para este acesso.'];
  if (totals.completo) return [];
  const left = [
    totals.failed > 0 && `${totals.failed} com falha`,
    totals.incomplete > 0 && `${totals.incomplete} com resposta incompleta`,
    !round.listComplete && 'a lista de empresas do servidor está incompleta',
  ].filter((part) => part !== false);
  const text = `Total parcial (${left.join('; ')}): só respostas completas entram na soma. "≥" marca valores que são apenas o mínimo.`;
  return ['', ...wrap(text, terminalColumns)];
}

function count(outcome: Outcome<Count>): string {
  return outcome.ok ? countOf(outcome.value) : '—';
}
function overdue(outcome: Outcome<Overdue>): [string, string] {
  return outcome.ok ? [countOf(outcome.value), moneyOf(outcome.value)] : ['—', '—'];
}
function countOf({ quantidade, completo }: Count): string {
  return `${completo ? '' : '≥ '}${formatCount(quantidade)}`;
}
function moneyOf({ saldoCentavos, completo }: Count & { saldoCentavos: number }): string {
  return `${completo ? '' : '≥ '}${formatMoney(saldoCentavos)}`;
}
function told({ codigo, mensagem }: NamedFailure): string {
  return `${codigo}: ${mensagem}`;
}
