/** The request both title lists share, and the titles it selects. There is no due-date filter in either. */
import type { z } from 'zod';
import type { Title, TitleKind } from '../model.ts';
import { invalidValue, unknownProject } from '../omie-fault.ts';
import { filtersOfList } from '../title-status.ts';
import { complexType, date, flag, int, str } from './complex-type.ts';
import type { CallContext } from './define-call.ts';
import { snakePage } from './paging.ts';
import { changeFilter, hasTaxId, inChangeWindow, isBetween, statusTest } from './title-filters.ts';

const fields = {
  ...snakePage,
  ...changeFilter,
  ordenar_por: str,
  ordem_descrescente: flag,
  filtrar_por_emissao_de: date,
  filtrar_por_emissao_ate: date,
  filtrar_por_registro_de: date,
  filtrar_por_registro_ate: date,
  filtrar_conta_corrente: int,
  filtrar_cliente: int,
  filtrar_por_cpf_cnpj: str,
  filtrar_por_status: str,
  filtrar_por_projeto: int,
  filtrar_por_vendedor: int,
  filtrar_apenas_titulos_em_aberto: flag,
  exibir_obs: flag,
};

export const payableListRequest = complexType('lcpListarRequest', fields);
export const receivableListRequest = complexType('lcrListarRequest', fields);
type TitleListRequest = z.output<typeof payableListRequest>;

const byCode = ['CODIGO', 'CODIGO_INTEGRACAO'];
const sortKeys: Record<string, (title: Title) => number | string> = {
  CODIGO: (title) => title.id,
  CODIGO_INTEGRACAO: (title) => title.integrationCode,
  DATA_EMISSAO: (title) => title.issued,
  DATA_INCLUSAO: (title) => title.created.day,
  DATA_ALTERACAO: (title) => title.changed.day,
  DATA_VENCIMENTO: (title) => title.due,
  DATA_PAGAMENTO: (title) => title.payments.at(-1)?.day ?? 0,
};

export function selectTitles(kind: TitleKind, request: TitleListRequest, context: CallContext): readonly Title[] {
  const { company } = context;
  const hasStatus = statusTest('filtrar_por_status', request.filtrar_por_status, filtersOfList(kind), context);
  // The key is deprecated, and without effect, on the payable side.
  const onlyOpen = kind === 'receivable' && request.filtrar_apenas_titulos_em_aberto === 'S';
  const project = request.filtrar_por_projeto;
  if (project !== undefined && project !== 0 && !company.projects.has(project)) throw unknownProject();

  const selected = company
    .titlesOf(kind)
    .filter(
      (title) =>
        hasStatus(title) &&
        inChangeWindow(title, request) &&
        isBetween(title.issued, request.filtrar_por_emissao_de, request.filtrar_por_emissao_ate) &&
        isBetween(title.registered, request.filtrar_por_registro_de, request.filtrar_por_registro_ate) &&
        isAsked(request.filtrar_conta_corrente, title.accountId) &&
        isAsked(request.filtrar_cliente, title.clientId) &&
        isAsked(project, title.projectId) &&
        isAsked(request.filtrar_por_vendedor, title.sellerId) &&
        hasTaxId(context, title.clientId, request.filtrar_por_cpf_cnpj) &&
        (!onlyOpen || (title.cancelled === undefined && !company.isSettled(title))),
    );
  return inOrder(selected, kind, request);
}

const isAsked = (wanted: number | undefined, actual: number | undefined): boolean =>
  wanted === undefined || wanted === 0 || wanted === actual;

function inOrder(titles: readonly Title[], kind: TitleKind, request: TitleListRequest): readonly Title[] {
  const key = request.ordenar_por === undefined || request.ordenar_por === '' ? 'CODIGO' : request.ordenar_por;
  const accepted = kind === 'payable' ? byCode : Object.keys(sortKeys);
  const sortKey = accepted.includes(key) ? sortKeys[key] : undefined;
  if (!sortKey) throw invalidValue('ordenar_por', accepted);
  // The titles come in id order already.
  const sorted = key === 'CODIGO' ? titles : titles.toSorted((left, right) => compare(sortKey(left), sortKey(right)));
  return request.ordem_descrescente === 'S' ? sorted.toReversed() : sorted;
}

const compare = (left: number | string, right: number | string): number => (left < right ? -1 : left > right ? 1 : 0);
