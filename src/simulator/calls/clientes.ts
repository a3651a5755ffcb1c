/** geral/clientes: customers and suppliers share one registry; tags tell the role. */
import type { z } from 'zod';
import type { Client } from '../model.ts';
import { onlyDigits } from '../tax-ids.ts';
import { flag, freeText, infoOf, type WireObject } from '../wire.ts';
import { clientKey, clientListRequest } from './client-fields.ts';
import { findClient } from './client-lookup.ts';
import { type CallContext, defineCall, type SimulatedCall } from './define-call.ts';
import { snakeList } from './paging.ts';
import { inChangeWindow } from './title-filters.ts';

const service = 'geral/clientes';
type ListRequest = z.output<typeof clientListRequest>;

export const clientCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ListarClientes',
    input: clientListRequest,
    run: (request, context) =>
      snakeList('clientes_cadastro', selectClients(request, context), request, context.quirks, (client) =>
        rowOf(client, request.exibir_obs === 'S'),
      ),
  }),
  defineCall({
    service,
    name: 'ListarClientesResumido',
    input: clientListRequest,
    run: (request, context) =>
      snakeList('clientes_cadastro_resumido', selectClients(request, context), request, context.quirks, shortRowOf),
  }),
  defineCall({
    service,
    name: 'ConsultarCliente',
    input: clientKey,
    run: (request, context) =>
      rowOf(findClient(context, request.codigo_cliente_omie, request.codigo_cliente_integracao), true),
  }),
];

function selectClients(request: ListRequest, { company }: CallContext): readonly Client[] {
  const byCode = request.clientesPorCodigo ?? [];
  const selected = [...company.clients.values()].filter(
    (client) =>
      inChangeWindow(client, request) &&
      passes(client, request.clientesFiltro) &&
      (byCode.length === 0 ||
        byCode.some(
          (key) =>
            key.codigo_cliente_omie === client.id ||
            (key.codigo_cliente_integracao !== undefined &&
              key.codigo_cliente_integracao !== '' &&
              key.codigo_cliente_integracao === client.integrationCode),
        )),
  );
  const descending = request.ordem_decrescente === 'S' || request.ordem_descrescente === 'S';
  return descending ? selected.toReversed() : selected;
}

/** Only these keys filter; addresses, e-mail and the rest are taken and ignored. */
function passes(client: Client, filter: ListRequest['clientesFiltro']): boolean {
  if (filter === undefined) return true;
  const tags = filter.tags?.map((one) => one.tag ?? '') ?? [];
  return (
    (filter.codigo_cliente_omie === undefined || filter.codigo_cliente_omie === client.id) &&
    (!filter.codigo_cliente_integracao || filter.codigo_cliente_integracao === client.integrationCode) &&
    (!filter.cnpj_cpf || onlyDigits(filter.cnpj_cpf) === onlyDigits(client.taxId)) &&
    contains(client.legalName, filter.razao_social) &&
    contains(client.tradeName, filter.nome_fantasia) &&
    (filter.inativo === undefined || (filter.inativo === 'S') !== client.active) &&
    // The match of a tag is literal, case included.
    tags.every((tag) => client.tags.includes(tag))
  );
}

const contains = (text: string, part: string | undefined): boolean =>
  part === undefined || text.toLowerCase().includes(part.toLowerCase());

/** The short list calls the id codigo_cliente, without the "_omie" of every other place. */
const shortRowOf = (client: Client): WireObject => ({
  cnpj_cpf: client.taxId,
  codigo_cliente: client.id,
  codigo_cliente_integracao: client.integrationCode,
  nome_fantasia: freeText(client.tradeName),
  razao_social: freeText(client.legalName),
});

function rowOf(client: Client, withNotes: boolean): WireObject {
  return {
    bloquear_faturamento: 'N',
    ...(client.address && {
      bairro: client.address.district,
      cep: client.address.zip,
      cidade: client.address.city,
      cidade_ibge: client.address.cityCode,
      endereco: freeText(client.address.street),
      endereco_numero: client.address.number,
      estado: client.address.state,
    }),
    cnpj_cpf: client.taxId,
    codigo_cliente_integracao: client.integrationCode,
    codigo_cliente_omie: client.id,
    codigo_pais: '1058',
    dadosBancarios: {
      agencia: '',
      cChavePix: '',
      codigo_banco: '',
      conta_corrente: '',
      doc_titular: '',
      nome_titular: '',
      transf_padrao: 'N',
    },
    email: client.email,
    exterior: 'N',
    inativo: flag(!client.active),
    info: infoOf(client),
    nome_fantasia: freeText(client.tradeName),
    ...(withNotes && client.notes !== undefined && { observacao: freeText(client.notes) }),
    pessoa_fisica: flag(client.person),
    razao_social: freeText(client.legalName),
    recomendacoes: { gerar_boletos: 'N' },
    tags: client.tags.map((tag) => ({ tag })),
    telefone1_ddd: client.phone?.area,
    telefone1_numero: client.phone?.number,
  };
}
