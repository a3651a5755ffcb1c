/** financas/contacorrentelancamentos: bank entries, settlements of titles included. No filter by account. */
import { z } from 'zod';
import type { Company } from '../company.ts';
import type { BankEntry } from '../model.ts';
import { notFoundById, notFoundByIntegrationCode, refused, required } from '../omie-fault.ts';
import { toCentavos, type WireObject } from '../wire.ts';
import { complexType, date, dec, flag, int, str } from './complex-type.ts';
import { type CallContext, defineCall, type SimulatedCall, stampOf } from './define-call.ts';
import { bankEntryRow } from './lancamento-row.ts';
import { hungarianList, hungarianPage } from './paging.ts';
import { isBetween } from './title-filters.ts';

const service = 'financas/contacorrentelancamentos';

const categoryShare = complexType('aCodCateg', { cCodCateg: str, nValor: dec, nPerc: dec });
const entryFields = {
  cCodIntLanc: str.max(20),
  cabecalho: complexType('cabecalho', { nCodCC: int, dDtLanc: date, nValorLanc: dec }),
  detalhes: complexType('detalhes', {
    cCodCateg: str,
    aCodCateg: z.array(categoryShare),
    cTipo: str,
    cNumDoc: str,
    nCodCliente: int,
    nCodProjeto: int,
    cObs: str,
  }),
  transferencia: complexType('transferencia', { nCodCCDestino: int }),
  departamentos: z.array(complexType('departamentos', { cCodDep: str, nValDep: dec, nPerDep: dec })),
};
const includeRequest = complexType('lanccIncluirRequest', entryFields);
const keyFields = { nCodLanc: int, cCodIntLanc: str };

export const bankEntryCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ListarLancCC',
    input: complexType('lanccListarRequest', {
      ...hungarianPage,
      cOrdenarPor: str,
      cOrdemDecrescente: flag,
      cOrigem: str,
      dDtIncDe: date,
      dDtIncAte: date,
      dDtAltDe: date,
      dDtAltAte: date,
      dtPagInicial: date,
      dtPagFinal: date,
    }),
    run: (request, context) => {
      const entries = context.company
        .listing(entriesById)
        .filter(
          (entry) =>
            (!request.cOrigem || request.cOrigem === entry.origin) &&
            isBetween(entry.created.day, request.dDtIncDe, request.dDtIncAte) &&
            isBetween(entry.changed.day, request.dDtAltDe, request.dDtAltAte) &&
            isBetween(entry.day, request.dtPagInicial, request.dtPagFinal),
        );
      const ordered = request.cOrdemDecrescente === 'S' ? entries.toReversed() : entries;
      return hungarianList('listaLancamentos', ordered, request, (entry) => bankEntryRow(entry, context), 'zero');
    },
  }),
  // The method's name lacks its "r".
  defineCall({
    service,
    name: 'ConsultaLancCC',
    input: complexType('lanccConsultarRequest', keyFields),
    run: (request, context) => bankEntryRow(findEntry(request, context), context),
  }),
  defineCall({ service, name: 'IncluirLancCC', input: includeRequest, run: include }),
  defineCall({
    service,
    name: 'AlterarLancCC',
    input: complexType('lanccAlterarRequest', { ...entryFields, nCodLanc: int }),
    run: (request, context) => {
      const entry = loose(findEntry(request, context));
      const { cabecalho, detalhes } = request;
      entry.day = cabecalho?.dDtLanc ?? entry.day;
      entry.accountId = cabecalho?.nCodCC ?? entry.accountId;
      entry.amount = cabecalho?.nValorLanc === undefined ? entry.amount : toCentavos(cabecalho.nValorLanc);
      entry.notes = detalhes?.cObs ?? entry.notes;
      entry.changed = stampOf(context);
      const code = detalhes?.cCodCateg ?? entry.categories[0]?.code ?? '';
      entry.categories = [{ code, amount: entry.amount, percent: 100 }];
      context.company.touch();
      return written(entry, 'Lançamento alterado com sucesso!');
    },
  }),
  defineCall({
    service,
    name: 'ExcluirLancCC',
    input: complexType('lanccExcluirRequest', keyFields),
    run: (request, context) => {
      const entry = loose(findEntry(request, context));
      context.company.bankEntries.delete(entry.id);
      context.company.touch();
      return written(entry, 'Lançamento excluído com sucesso!');
    },
  }),
];

const entriesById = (company: Company): readonly BankEntry[] =>
  [...company.bankEntries.values()].sort((left, right) => left.id - right.id);

/** The sign of nValorLanc tells the direction. Reconciliation cannot be written. */
function include(request: z.output<typeof includeRequest>, context: CallContext): WireObject {
  const { company, today, now } = context;
  const { cabecalho, detalhes } = request;
  if (!request.cCodIntLanc) throw required('cCodIntLanc');
  if (cabecalho?.nCodCC === undefined) throw required('nCodCC');
  if (cabecalho.nValorLanc === undefined) throw required('nValorLanc');
  if (!company.accounts.has(cabecalho.nCodCC)) throw notFoundById('Conta corrente não cadastrada', cabecalho.nCodCC);
  if (!detalhes?.cCodCateg) throw required('cCodCateg');
  const amount = toCentavos(cabecalho.nValorLanc);
  const stamp = stampOf(context);
  const entry: BankEntry = {
    id: company.newId(),
    integrationCode: request.cCodIntLanc,
    accountId: cabecalho.nCodCC,
    day: cabecalho.dDtLanc ?? today,
    amount,
    categories: [{ code: detalhes.cCodCateg, amount, percent: 100 }],
    departments: [],
    ...(detalhes.nCodCliente !== undefined && { clientId: detalhes.nCodCliente }),
    ...(detalhes.nCodProjeto !== undefined && { projectId: detalhes.nCodProjeto }),
    type: detalhes.cTipo ?? '99999',
    documentNumber: detalhes.cNumDoc ?? '',
    notes: detalhes.cObs ?? '',
    origin: amount < 0 ? 'APEP' : 'APER',
    ...(request.transferencia?.nCodCCDestino && { destinationAccountId: request.transferencia.nCodCCDestino }),
    created: stamp,
    changed: stamp,
    viaApi: true,
    writtenAtMs: now.getTime(),
  };
  company.bankEntries.set(entry.id, entry);
  company.touch();
  return written(entry, 'Lançamento cadastrado com sucesso!');
}

function findEntry(
  request: { nCodLanc?: number | undefined; cCodIntLanc?: string | undefined },
  { company }: CallContext,
): BankEntry {
  const { nCodLanc: id, cCodIntLanc: code } = request;
  if (id) {
    const entry = company.bankEntries.get(id);
    if (!entry) throw notFoundById('Lançamento não cadastrado', id);
    return entry;
  }
  if (!code) throw required('nCodLanc');
  for (const entry of company.bankEntries.values()) if (entry.integrationCode === code) return entry;
  throw notFoundByIntegrationCode('Lançamento não cadastrado', code);
}

/** Settlements belong to their titles and are taken back there. */
function loose(entry: BankEntry): BankEntry {
  if (entry.settlement) throw refused('O lançamento é uma baixa e deve ser cancelado pelo título!');
  return entry;
}

const written = (entry: BankEntry, sentence: string): WireObject => ({
  cCodIntLanc: entry.integrationCode,
  cCodStatus: '0',
  cDesStatus: sentence,
  nCodLanc: entry.id,
});
