import type { Client } from '../model.ts';
import { notFoundById, notFoundByIntegrationCode, required } from '../omie-fault.ts';
import type { CallContext } from './define-call.ts';

const UNKNOWN = 'Cliente não cadastrado';

/** By Omie's id, or by the integration code when no id is given. */
export function findClient(
  { company }: CallContext,
  id: number | undefined,
  integrationCode: string | undefined,
): Client {
  if (id !== undefined && id !== 0) {
    const client = company.clients.get(id);
    if (!client) throw notFoundById(UNKNOWN, id);
    return client;
  }
  if (integrationCode === undefined || integrationCode === '') throw required('codigo_cliente_omie');
  for (const client of company.clients.values()) if (client.integrationCode === integrationCode) return client;
  throw notFoundByIntegrationCode(UNKNOWN, integrationCode);
}
