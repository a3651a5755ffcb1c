/** Every call the simulator knows, by service path and method name. */
import { categoryCalls } from './categorias.ts';
import { clientCalls } from './clientes.ts';
import { payableCalls } from './contas-pagar.ts';
import { receivableCalls } from './contas-receber.ts';
import type { SimulatedCall } from './define-call.ts';
import { companyCalls } from './empresas.ts';
import { movementCalls } from './movimentos.ts';

const calls: readonly SimulatedCall[] = [
  ...categoryCalls,
  ...clientCalls,
  ...companyCalls,
  ...movementCalls,
  ...payableCalls,
  ...receivableCalls,
];

const services = new Map<string, Map<string, SimulatedCall>>();
for (const call of calls) {
  const methods = services.get(call.service) ?? new Map<string, SimulatedCall>();
  methods.set(call.name, call);
  services.set(call.service, methods);
}

export const callNames: readonly string[] = calls.map((call) => call.name);
export const isService = (path: string): boolean => services.has(path);
export const findCall = (service: string, name: string): SimulatedCall | undefined => services.get(service)?.get(name);
