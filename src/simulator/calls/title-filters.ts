/** Filters that several finance calls share. */
import type { Day } from '../dates.ts';
import type { Title } from '../model.ts';
import { invalidValue } from '../omie-fault.ts';
import { bareTaxId } from '../tax-ids.ts';
import { matchesStatus, type StatusFilter } from '../title-status.ts';
import { date, flag } from './complex-type.ts';
import type { CallContext } from './define-call.ts';

export const changeFilter = {
  apenas_importado_api: flag,
  filtrar_por_data_de: date,
  filtrar_por_data_ate: date,
  filtrar_apenas_inclusao: flag,
  filtrar_apenas_alteracao: flag,
};

interface ChangeFilter {
  apenas_importado_api?: 'S' | 'N' | undefined;
  filtrar_por_data_de?: Day | undefined;
  filtrar_por_data_ate?: Day | undefined;
  filtrar_apenas_inclusao?: 'S' | 'N' | undefined;
}

interface Changed {
  created: { day: Day };
  changed: { day: Day };
  viaApi: boolean;
}

/**
 * The window on dates of inclusion or change, never on due dates. Only "inclusions only" narrows it:
 * "changes only" behaves like no flag, since a new record counts as changed.
 */
export function inChangeWindow(record: Changed, filter: ChangeFilter): boolean {
  if (filter.apenas_importado_api === 'S' && !record.viaApi) return false;
  const day = filter.filtrar_apenas_inclusao === 'S' ? record.created.day : record.changed.day;
  return isBetween(day, filter.filtrar_por_data_de, filter.filtrar_por_data_ate);
}

export function isBetween(day: Day | undefined, from: Day | undefined, to: Day | undefined): boolean {
  if (from === undefined && to === undefined) return true;
  return day !== undefined && (from === undefined || day >= from) && (to === undefined || day <= to);
}

/** A test for the status filter; an unknown value is refused by naming those accepted. */
export function statusTest(
  tag: string,
  value: string | undefined,
  accepted: readonly StatusFilter[],
  { today, quirks }: CallContext,
): (title: Title) => boolean {
  if (value === undefined || value === '') return () => true;
  const wanted = (quirks.commaListInStatus ? value.split(',') : [value]).map((text) => {
    const filter = accepted.find((candidate) => candidate === text.trim());
    if (filter === undefined) throw invalidValue(tag, accepted);
    return filter;
  });
  return (title) => wanted.some((filter) => matchesStatus(title, filter, today, quirks));
}

export function hasTaxId(context: CallContext, clientId: number | undefined, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === '') return true;
  const client = clientId === undefined ? undefined : context.company.clients.get(clientId);
  if (client === undefined) return false;
  switch (context.quirks.taxIdFilter) {
    case 'either':
      return bareTaxId(client.taxId) === bareTaxId(wanted);
    case 'formatted':
      return client.taxId === wanted;
    case 'digits':
      return bareTaxId(client.taxId) === wanted;
  }
}
