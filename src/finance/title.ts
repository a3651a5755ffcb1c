/** One title, to be paid or to be received: a bill with a value, a due date and what is still open on it. */

import { daysBetween, type PlainDate, parseDate } from './dates.ts';
import { type Centavos, hasMoreThanCentavos, readCentavos, ZERO } from './money.ts';
import { recordText } from './record-text.ts';
import { readTitleDetails, type TitleDetails } from './title-details.ts';
import type { TitleKind, WireMovement } from './title-wire.ts';

export type { TitleKind, WireMovement } from './title-wire.ts';

/** What a title is today, by our own reckoning. Each title has exactly one. */
export type TitleStatus = 'atrasado' | 'vence_hoje' | 'a_vencer' | 'parcial' | 'pago' | 'cancelado';

export interface Title {
  /** Omie's `nCodTitulo`; unique within one company only. */
  readonly id: number;
  readonly kind: TitleKind;
  readonly document: string | undefined;
  readonly instalment: string | undefined;
  readonly counterparty: { readonly id: number | undefined; readonly taxId: string | undefined };
  /** Document value. */
  readonly value: Centavos;
  readonly paid: Centavos;
  /** What is still owed; zero on paid and cancelled titles. */
  readonly open: Centavos;
  /** Omie gave one of these three, or interest, fine or discount, with more than two decimals. */
  readonly rounded: boolean;
  readonly due: PlainDate;
  readonly issued: PlainDate | undefined;
  readonly status: TitleStatus;
  /** Calendar days past due of an open title, else 0. */
  readonly daysOverdue: number;
  readonly categoryCode: string | undefined;
  readonly details: TitleDetails;
}

/** A row that should be a title but cannot be read as one: whoever sums without it must say so. */
export interface TitleProblem {
  readonly id: number | undefined;
  /** Omie's name of the field that is missing or contradicts another. */
  readonly field: string;
}

/** `other`: not a title of this kind at all (a settlement leg, a forecast, the other side), dropped by rule. */
export type TitleOrNot =
  | { readonly is: 'title'; readonly title: Title }
  | { readonly is: 'problem'; readonly problem: TitleProblem }
  | { readonly is: 'other' };

export function toTitle(wire: WireMovement, kind: TitleKind, today: PlainDate): TitleOrNot {
  const detalhes = wire.detalhes ?? {};
  const id = readId(detalhes.nCodTitulo);
  const problem = (field: string): TitleOrNot => ({ is: 'problem', problem: { id, field } });

  const group = normaliseCode(detalhes.cGrupo);
  if (group === '') return problem('cGrupo');
  // Settlement legs (CONTA_CORRENTE_*) repeat the title's id and values: counting them counts twice.
  if (group !== (kind === 'pagar' ? 'CONTAAPAGAR' : 'CONTAARECEBER')) return { is: 'other' };

  if (id === undefined) return problem('nCodTitulo');
  const due = parseDate(detalhes.dDtVenc);
  if (due === undefined) return problem('dDtVenc');
  const value = readCentavos(detalhes.nValorTitulo);
  // A title says by its kind who owes whom: one of less than nothing would lower every sum that it is in.
  if (value === undefined || value < 0) return problem('nValorTitulo');

  const omieStatus = normaliseCode(detalhes.cStatus);
  if (omieStatus === '') return problem('cStatus');
  const word = standingOf(omieStatus, wire.resumo?.cLiquidado);
  const amounts = readAmounts(wire, value, word, omieStatus);
  if (typeof amounts === 'string') return problem(amounts);
  const standing = word === 'aberto' && owesNothing(amounts.open, value) ? 'pago' : word;

  const overdueBy = standing === 'aberto' ? Math.max(0, daysBetween(due, today)) : 0;
  return {
    is: 'title',
    title: {
      id,
      kind,
      document: recordText(detalhes.cNumTitulo) ?? recordText(detalhes.cNumDocFiscal),
      instalment: recordText(detalhes.cNumParcela, 20),
      counterparty: { id: readId(detalhes.nCodCliente), taxId: recordText(detalhes.cCPFCNPJCliente, 20) },
      value,
      ...amounts,
      rounded: amountsIn(wire).some(hasMoreThanCentavos),
      due,
      issued: parseDate(detalhes.dDtEmissao),
      status: standing === 'aberto' ? openStatus(due, today, amounts.paid) : standing,
      daysOverdue: overdueBy,
      categoryCode: recordText(detalhes.cCodCateg, 20),
      details: readTitleDetails(wire),
    },
  };
}

/** Every amount that is shown of a title, as Omie gave it. */
function amountsIn({ detalhes, resumo }: WireMovement): (number | null | undefined)[] {
  const { nValPago, nValAberto, nJuros, nMulta, nDesconto } = resumo ?? {};
  return [detalhes?.nValorTitulo, nValPago, nValAberto, nJuros, nMulta, nDesconto];
}

/** Omie spells "A VENCER", "AVENCER", "PAGTO_PARCIAL", "PAGTOPARCIAL": case, spaces and underscores say nothing. */
function normaliseCode(code: string | null | undefined): string {
  return (code ?? '').toUpperCase().replace(/[\s_]/g, '');
}

type Standing = 'cancelado' | 'pago' | 'aberto';

/** Cancelled wins over paid: Omie's paid filters also bring titles that were paid and cancelled later. */
function standingOf(omieStatus: string, settled: string | null | undefined): Standing {
  if (omieStatus === 'CANCELADO') return 'cancelado';
  if (settled === 'S' || omieStatus === 'PAGO' || omieStatus === 'RECEBIDO' || omieStatus === 'LIQUIDADO')
    return 'pago';
  return 'aberto';
}

/**
 * By our own date, not by Omie's word: whether Omie calls a title due on a Sunday overdue on Monday is not established,
 * and its labels for half-paid titles differ from one account to another.
 */
function openStatus(due: PlainDate, today: PlainDate, paid: Centavos): TitleStatus {
  if (due < today) return 'atrasado';
  if (paid > 0) return 'parcial';
  return due === today ? 'vence_hoje' : 'a_vencer';
}

/** Paid and open, or the name of the field that forbids knowing them. */
function readAmounts(
  { resumo, detalhes }: WireMovement,
  value: Centavos,
  standing: Standing,
  omieStatus: string,
): { paid: Centavos; open: Centavos } | string {
  const paid = readCentavos(resumo?.nValPago);
  if (paid !== undefined && paid < 0) return 'nValPago';
  const open = readCentavos(resumo?.nValAberto);
  if (standing !== 'aberto') {
    // Omie says "settled" and "still open" at once: either may be true.
    if (standing === 'pago' && open !== undefined && open > 0) return 'nValAberto';
    return paid === undefined ? 'nValPago' : { paid, open: ZERO };
  }
  if (open === undefined) {
    // The balance may be derived only where nothing can have lowered it.
    const untouched = paid === 0 && omieStatus !== 'PAGTOPARCIAL' && !hasRetention(detalhes) && !hasAdjustment(resumo);
    return untouched ? { paid: ZERO, open: value } : 'nValAberto';
  }
  if (owesNothing(open, value)) return readNothingOwed(paid, readCentavos(resumo?.nDesconto), value);
  if (paid !== undefined) return { paid, open };
  return open === value && omieStatus !== 'PAGTOPARCIAL' ? { paid: ZERO, open } : 'nValPago';
}

/** Open by Omie's word, and yet with no balance: a document of value zero apart, one of the two is not so. */
function owesNothing(open: Centavos, value: Centavos): boolean {
  return open < 0 || (open === 0 && value > 0);
}

/**
 * A label that lags behind its payments, when paid and discount make up the whole value. Anything else would show as owing
 * nothing what may be owed in full: Omie's balance is the only one there is (the value less what was paid is not it:
 * taxes may be withheld), so the row is reported and left out (docs/adr/0017).
 */
function readNothingOwed(
  paid: Centavos | undefined,
  discount: Centavos | undefined,
  value: Centavos,
): { paid: Centavos; open: Centavos } | string {
  if (paid === undefined) return 'nValPago';
  return paid + Math.max(0, discount ?? 0) >= value ? { paid, open: ZERO } : 'nValAberto';
}

/** A withheld tax lowers what is owed without any payment. */
function hasRetention(detalhes: WireMovement['detalhes']): boolean {
  if (detalhes === null || detalhes === undefined) return false;
  const { cRetPIS, cRetCOFINS, cRetCSLL, cRetIR, cRetISS, cRetINSS } = detalhes;
  return [cRetPIS, cRetCOFINS, cRetCSLL, cRetIR, cRetISS, cRetINSS].includes('S');
}

/** Discount, interest and fine change what is owed, and a settlement may hold one of them and no payment. */
function hasAdjustment(resumo: WireMovement['resumo']): boolean {
  const { nDesconto, nJuros, nMulta } = resumo ?? {};
  return [nDesconto, nJuros, nMulta].some((amount) => (amount ?? 0) !== 0);
}

function readId(value: number | string | null | undefined): number | undefined {
  const id = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : undefined;
}
