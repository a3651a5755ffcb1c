import type { Title, TitleKind } from '../model.ts';
import { notFoundById, notFoundByIntegrationCode, required } from '../omie-fault.ts';
import type { CallContext } from './define-call.ts';

const UNKNOWN = 'Lançamento não cadastrado';

/** By Omie's id, or by the integration code when no id is given; each miss has its own faultcode. */
export function findTitle(
  { company }: CallContext,
  kind: TitleKind,
  id: number | undefined,
  integrationCode: string | undefined,
): Title {
  if (id !== undefined && id !== 0) {
    const title = company.titles.get(id);
    if (title?.kind !== kind) throw notFoundById(UNKNOWN, id);
    return title;
  }
  if (integrationCode === undefined || integrationCode === '') throw required('codigo_lancamento_omie');
  const title = company.titleByIntegrationCode(kind, integrationCode);
  if (!title) throw notFoundByIntegrationCode(UNKNOWN, integrationCode);
  return title;
}

export function findTitleOfAnyKind(
  context: CallContext,
  id: number | undefined,
  integrationCode: string | undefined,
): Title {
  const byId = id === undefined ? undefined : context.company.titles.get(id);
  if (byId) return byId;
  const payable = integrationCode ? context.company.titleByIntegrationCode('payable', integrationCode) : undefined;
  return payable ?? findTitle(context, 'receivable', id, integrationCode);
}
