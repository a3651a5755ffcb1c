import { categoriesAnswer, nothingLost, titlesAnswer } from './answers.ts';
import { type Ask, failed, type Outcome } from './call-tool.ts';
import type { ListedCompany } from './company-list.ts';

/** How many, and whether that is all of them (otherwise: at least that many). */
export interface Count {
  readonly quantidade: number;
  readonly completo: boolean;
}
/** Overdue titles of one side. `completo` says the figures cover the whole query; only then may they be summed. */
export interface Overdue extends Count {
  readonly saldoCentavos: number;
  readonly abrangencia: 'pagina' | 'consulta';
}
/** What one company answered; each of the three may have failed by itself. */
export interface CompanySnapshot {
  readonly id: string;
  readonly nome: string;
  readonly categorias: Outcome<Count>;
  readonly pagar: Outcome<Overdue>;
  readonly receber: Outcome<Overdue>;
}

/** Asks the three questions about one company, at once. Throws only when aborted. */
export async function snapshotCompany(ask: Ask, company: ListedCompany, signal: AbortSignal): Promise<CompanySnapshot> {
  const { id, nome } = company;
  if (!company.known) {
    const failure = {
      codigo: 'empresa_nao_encontrada',
      mensagem: 'não está entre as empresas deste servidor',
    };
    return { id, nome, categorias: failed(failure), pagar: failed(failure), receber: failed(failure) };
  }
  const [categorias, pagar, receber] = await Promise.all([
    countCategories(ask, id, signal),
    overdue(ask, 'consultar_contas_pagar_empresa', id, signal),
    overdue(ask, 'consultar_contas_receber_empresa', id, signal),
  ]);
  return { id, nome, categorias, pagar, receber };
}

async function countCategories(ask: Ask, id: string, signal: AbortSignal): Promise<Outcome<Count>> {
  const call = { name: 'consultar_categorias_empresa', arguments: { company_id: id } };
  const answer = await ask(call, categoriesAnswer, signal);
  if (!answer.ok) return answer;
  const { empresa, resultado } = answer.value;
  if (empresa.id !== id) return otherCompany(empresa.id);
  return { ok: true, value: { quantidade: resultado.total_de_registros, completo: nothingLost(answer.value) } };
}

async function overdue(ask: Ask, name: string, id: string, signal: AbortSignal): Promise<Outcome<Overdue>> {
  const call = { name, arguments: { company_id: id, apenas_vencidas: true } };
  const answer = await ask(call, titlesAnswer, signal);
  if (!answer.ok) return answer;
  const { empresa, resultado, totais } = answer.value;
  if (empresa.id !== id) return otherCompany(empresa.id);
  const { quantidade, saldo_em_aberto: saldoCentavos, abrangencia } = totais;
  // A total that counts fewer titles than the query found is short, whatever it says of itself.
  const coversQuery = abrangencia === 'consulta' && quantidade >= resultado.total_de_registros;
  return {
    ok: true,
    value: { quantidade, saldoCentavos, abrangencia, completo: coversQuery && nothingLost(answer.value) },
  };
}

/** One company's money under another's name is worse than no answer. */
function otherCompany(id: string): Outcome<never> {
  return failed({ codigo: 'resposta_invalida', mensagem: `a resposta é da empresa ${id}` });
}
