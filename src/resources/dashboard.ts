import type { Company } from '../companies/company.ts';
import type { Principal } from '../companies/principal.ts';
import { type Aging, type Amount, agingBuckets, agingOf } from '../finance/aging.ts';
import { dueSoon } from '../finance/cash.ts';
import { toBrasiliaTimestamp } from '../finance/dates.ts';
import { minus, toReais } from '../finance/money.ts';
import type { CompanyServices } from '../tools/company-services.ts';
import { toolRef } from '../tools/define-tool.ts';
import { consultarContasPagar } from '../tools/titulos/consultar-contas-pagar.ts';
import { consultarContasReceber } from '../tools/titulos/consultar-contas-receber.ts';
import type { TitleReading } from '../tools/titulos/list-titles.ts';
import { roundingNotes } from '../tools/titulos/rounding-note.ts';
import type { CallContext, JsonObject } from '../tools/tool-source.ts';

/** How many days ahead the panel looks, today included. */
const daysAhead = 7;

/** Whether a principal may call the tools whose numbers a panel shows. */
export function mayOpenDashboards(principal: Principal): boolean {
  return [consultarContasPagar, consultarContasReceber].every((tool) => principal.canCall(toolRef(tool)));
}

/**
 * The panel of one company: what is open and how late it is, to pay and to receive, and the coming week day by day.
 * Both sides come from the same readings as the tools; a side that is not whole says so and is called partial.
 */
export async function dashboardOf(
  company: Company,
  services: CompanyServices,
  context: CallContext,
): Promise<JsonObject> {
  const open = { situation: 'em_aberto', overdueOnly: false } as const;
  const [receivables, payables] = await Promise.all([
    services.receivables.read(open, context),
    services.payables.read(open, context),
  ]);
  const oldest = Math.min(receivables.fetchedAt.getTime(), payables.fetchedAt.getTime());
  return {
    empresa: { id: company.id, nome: company.nome, ambiente: company.ambiente },
    a_receber: side(receivables),
    a_pagar: side(payables),
    moeda: 'BRL',
    posicao_em: toBrasiliaTimestamp(new Date(oldest)),
    completo: receivables.complete && payables.complete,
  };
}

function side({ titles, today, complete, reason }: TitleReading): JsonObject {
  const aging = agingOf(titles);
  const week = dueSoon(titles, today, daysAhead);
  const avisos = roundingNotes(titles);
  return {
    em_aberto: amount(aging.total),
    vencido: amount(overdue(aging)),
    por_idade: Object.fromEntries(agingBuckets.map((bucket) => [bucket, amount(aging[bucket])])),
    proximos_7_dias: {
      ...amount(week.total),
      por_dia: week.days.map((day) => ({ data: day.date, ...amount(day) })),
    },
    completo: complete,
    ...(reason === undefined ? {} : { motivo_incompleto: reason }),
    ...(avisos.length === 0 ? {} : { avisos }),
  };
}

function overdue({ total, a_vencer }: Aging): Amount {
  return { open: minus(total.open, a_vencer.open), count: total.count - a_vencer.count };
}

function amount(value: Amount): JsonObject {
  return { saldo_em_aberto: toReais(value.open), quantidade: value.count };
}
