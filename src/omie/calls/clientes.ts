/** geral/clientes: customers and suppliers share one registry. Title rows carry only ids; names come from here. */
import { z } from 'zod';
import type { OmieCall } from '../omie-client.ts';
import { wireFlag, wireNumber, wireText } from './wire.ts';

const wireCliente = z.object({
  codigo_cliente_omie: wireNumber,
  codigo_cliente_integracao: wireText,
  razao_social: wireText,
  nome_fantasia: wireText,
  cnpj_cpf: wireText,
  pessoa_fisica: wireFlag,
  inativo: wireFlag,
  cidade: wireText,
  estado: wireText,
  email: wireText,
  tags: z.array(z.object({ tag: wireText })).optional(),
});

export type WireCliente = z.output<typeof wireCliente>;

export const listarClientes: OmieCall<WireCliente> = {
  name: 'ListarClientes',
  path: 'geral/clientes/',
  dialect: 'snake',
  listKey: 'clientes_cadastro',
  row: wireCliente,
  maxPageSize: 100,
  idOf: ({ codigo_cliente_omie }) => codigo_cliente_omie,
};

const wireClienteResumido = z.object({
  /** The same id that every other place calls `codigo_cliente_omie`. */
  codigo_cliente: wireNumber,
  codigo_cliente_integracao: wireText,
  razao_social: wireText,
  nome_fantasia: wireText,
  cnpj_cpf: wireText,
});

export type WireClienteResumido = z.output<typeof wireClienteResumido>;

/** The cheap list; takes `clientesPorCodigo: [{ codigo_cliente_omie }]` to name just the clients of some titles. */
export const listarClientesResumido: OmieCall<WireClienteResumido> = {
  name: 'ListarClientesResumido',
  path: 'geral/clientes/',
  dialect: 'snake',
  listKey: 'clientes_cadastro_resumido',
  row: wireClienteResumido,
  maxPageSize: 100,
  idOf: ({ codigo_cliente }) => codigo_cliente,
};
