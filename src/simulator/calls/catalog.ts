/** Every call the simulator knows, by service path and method name. */
import { boletoCalls } from './boletos.ts';
import { budgetCalls } from './caixa.ts';
import { categoryCalls } from './categorias.ts';
import { clientWriteCalls } from './client-write.ts';
import { clientCalls } from './clientes.ts';
import { accountCalls } from './contas-correntes.ts';
import { payableCalls } from './contas-pagar.ts';
import { receivableCalls } from './contas-receber.ts';
import type { SimulatedCall } from './define-call.ts';
import { departmentCalls } from './departamentos.ts';
import { dreCalls } from './dre.ts';
import { companyCalls } from './empresas.ts';
import { statementCalls } from './extrato.ts';
import { bankEntryCalls } from './lancamentos-conta-corrente.ts';
import { movementCalls } from './movimentos.ts';
import { titleSearchCalls } from './pesquisar-titulos.ts';
import { pixCalls } from './pix.ts';
import { projectCalls } from './projetos.ts';
import { summaryCalls } from './resumo.ts';
import { documentTypeCalls } from './tipos-documento.ts';

const calls: readonly SimulatedCall[] = [
  ...accountCalls,
  ...bankEntryCalls,
  ...boletoCalls,
  ...budgetCalls,
  ...categoryCalls,
  ...clientCalls,
  ...clientWriteCalls,
  ...companyCalls,
  ...departmentCalls,
  ...documentTypeCalls,
  ...dreCalls,
  ...movementCalls,
  ...payableCalls,
  ...pixCalls,
  ...projectCalls,
  ...receivableCalls,
  ...statementCalls,
  ...summaryCalls,
  ...titleSearchCalls,
];

const services = new Map<string, Map<string, SimulatedCall>>();
for (const call of calls) {
  const methods = services.get(call.service) ?? new Map<string, SimulatedCall>();
  methods.set(call.name, call);
  services.set(call.service, methods);
}

/** Service path of each method, e.g. ListarMovimentos → financas/mf. Method names are unique across services. */
export const serviceOf: ReadonlyMap<string, string> = new Map(calls.map((call) => [call.name, call.service]));
export const isService = (path: string): boolean => services.has(path);
export const findCall = (service: string, name: string): SimulatedCall | undefined => services.get(service)?.get(name);
