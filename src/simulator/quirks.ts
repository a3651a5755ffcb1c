/**
 * What public sources disagree about, or what nobody could settle without a live account.
 * Each doubt is a switch; the default is the reading with more evidence, or the harsher one where evidence is even,
 * so that a client that survives the defaults survives the kinder Omie too.
 */
export interface Quirks {
  /** What the "already running" lock (1880) covers: any call of the method beyond the allowance, or only an identical query. */
  lockScope: 'method' | 'query';
  /** The help centre says 500 rows a page; measured lists stop silently at 100. */
  snakePageCap: number;
  /** Business faults come with HTTP 500 for most sources, with 200 for two of them. */
  faultHttpStatus: 500 | 200;
  /** Whether an empty list (5113) counts toward the block for ten errors. */
  emptyCountsAsError: boolean;
  /** Whether a redundant call (6) counts toward the block. */
  redundantCountsAsError: boolean;
  /** Span in which ten errors lead to a block: milliseconds, or "consecutive" (any success starts over). */
  errorWindow: number | 'consecutive';
  /** How much a call during the block prolongs it, up to the full half hour again. */
  blockExtensionMs: number;
  /** Whether insisting on a redundant call starts its 60 seconds again. */
  redundancyRestartsWindow: boolean;
  /** Whether a call that ran but whose answer got lost on the way makes its retry a repeat. */
  lostAnswerIsConsumed: boolean;
  /** The fault for a wrong secret. */
  wrongSecretFault: 'Server-403' | 'Client-101';
  /** Whether unknown request keys are refused (5001) or, as old posts say, ignored. */
  unknownKeys: 'rejected' | 'ignored';
  /** Row spelling of a partly paid title. */
  statusPartialSpelling: 'PAGTO_PARCIAL' | 'PAGTOPARCIAL';
  /** Row spelling of fully paid titles: PAGO/RECEBIDO by side, LIQUIDADO for all, or some of each. */
  settledSpelling: 'by-side' | 'LIQUIDADO' | 'mixed';
  /** Row spelling in movimentos and pesquisartitulos: "A VENCER" as in the two lists, or "AVENCER". */
  hungarianStatusSpelling: 'spaced' | 'compact';
  /** Which filter finds a partly paid title that is past due. */
  partialOverdueMatches: 'both' | 'ATRASADO' | 'PAGTO_PARCIAL';
  /** Which status that title's row shows. */
  partialOverdueShows: 'ATRASADO' | 'PAGTO_PARCIAL';
  /** Whether a title due on a weekend is overdue on the next day or only after the next business day. */
  weekendRule: 'immediate' | 'nextBusinessDay';
  /** nValLiquido of a title with no payment. */
  unpaidNetValue: 'zero' | 'value';
  /** nValAberto of a title with no payment: what is owed (seen), or nothing as long as Omie has not summed it up. */
  unpaidOpenValue: 'owed' | 'zero';
  /** Whether the paid value contains the discount (documented: net = paid − discount + interest + fine). */
  discountInsidePaid: boolean;
  /** Where PesquisarLancamentos puts departamentos: inside cabecTitulo (documented) or beside it (seen). */
  departamentosLocation: 'inside' | 'sibling';
  /** Whether a status filter takes a comma list. */
  commaListInStatus: boolean;
  /** Whether ListarMovimentos and PesquisarLancamentos take EMABERTO. */
  emAbertoInMovimentos: 'accepted' | 'rejected';
  /** Which spelling of a CNPJ/CPF the filter cCPFCNPJCliente finds: any, only as in the rows, or only bare. */
  taxIdFilter: 'either' | 'formatted' | 'digits';
  /** For how many days after the due date the label still says that a title is not overdue. */
  labelLagDays: number;
  /** Whether the filters for paid titles also bring those paid and cancelled later. */
  paidFilterIncludesCancelled: boolean;
  /** Whether an unfiltered ListarMovimentos with more than 200 rows a page breaks the application server. */
  heavyPageBreaks: boolean;
  /** How often payable rows carry valor_pag. */
  valorPag: 'never' | 'sometimes' | 'always';
  /** Whether PesquisarLancamentos insists on cNatureza. */
  pesquisarNeedsNatureza: boolean;
  /** Sign of nValorLanc on outflow rows of ListarLancCC. */
  bankEntrySign: 'absolute' | 'signed';
  /** How long a new bank entry stays out of the statement. */
  statementLagMs: number;
  /** nAno and nMes in budget answers: numbers, or strings as documented. */
  budgetPeriodType: 'number' | 'string';
  /** codigo_empresa: number as documented, string in some answers. */
  companyCodeType: 'number' | 'string';
}

export const defaultQuirks: Quirks = {
  lockScope: 'method',
  snakePageCap: 100,
  faultHttpStatus: 500,
  emptyCountsAsError: true,
  redundantCountsAsError: true,
  errorWindow: 60_000,
  blockExtensionMs: 60_000,
  redundancyRestartsWindow: true,
  lostAnswerIsConsumed: false,
  wrongSecretFault: 'Server-403',
  unknownKeys: 'rejected',
  statusPartialSpelling: 'PAGTO_PARCIAL',
  settledSpelling: 'by-side',
  hungarianStatusSpelling: 'compact',
  partialOverdueMatches: 'both',
  partialOverdueShows: 'PAGTO_PARCIAL',
  weekendRule: 'immediate',
  unpaidNetValue: 'zero',
  unpaidOpenValue: 'owed',
  discountInsidePaid: true,
  departamentosLocation: 'sibling',
  commaListInStatus: false,
  emAbertoInMovimentos: 'accepted',
  taxIdFilter: 'either',
  labelLagDays: 0,
  paidFilterIncludesCancelled: true,
  heavyPageBreaks: true,
  valorPag: 'sometimes',
  pesquisarNeedsNatureza: false,
  bankEntrySign: 'absolute',
  statementLagMs: 0,
  budgetPeriodType: 'number',
  companyCodeType: 'string',
};
