/** Registering and changing clients. A CNPJ or CPF can be registered once; the refusal names the id that has it. */
import type { z } from 'zod';
import type { Client } from '../model.ts';
import { duplicateIntegrationCode, duplicateTaxId, refused, required } from '../omie-fault.ts';
import { formatTaxId, isTaxId, onlyDigits } from '../tax-ids.ts';
import type { WireObject } from '../wire.ts';
import { clientFields, clientKey } from './client-fields.ts';
import { findClient } from './client-lookup.ts';
import { type CallContext, defineCall, type SimulatedCall, stampOf } from './define-call.ts';

const service = 'geral/clientes';
type Fields = z.output<typeof clientFields>;

export const clientWriteCalls: readonly SimulatedCall[] = [
  defineCall({ service, name: 'IncluirCliente', input: clientFields, run: include }),
  defineCall({ service, name: 'AlterarCliente', input: clientFields, run: alter }),
  defineCall({
    service,
    name: 'UpsertCliente',
    input: clientFields,
    run: (fields, context) => {
      const known = [...context.company.clients.values()].some(
        (client) =>
          client.id === fields.codigo_cliente_omie ||
          (client.integrationCode !== '' && client.integrationCode === fields.codigo_cliente_integracao),
      );
      return known ? alter(fields, context) : include(fields, context);
    },
  }),
  defineCall({
    service,
    name: 'UpsertClienteCpfCnpj',
    input: clientFields,
    run: (fields, context) => {
      const known = withTaxId(fields.cnpj_cpf ?? '', context);
      return known ? alter({ ...fields, codigo_cliente_omie: known.id }, context) : include(fields, context);
    },
  }),
  defineCall({
    service,
    name: 'ExcluirCliente',
    input: clientKey,
    run: (request, context) => {
      const client = findClient(context, request.codigo_cliente_omie, request.codigo_cliente_integracao);
      for (const title of context.company.titles.values()) {
        if (title.clientId === client.id) throw refused('O cliente possui lançamentos e não pode ser excluído!');
      }
      context.company.clients.delete(client.id);
      return status(client, 'Cliente excluído com sucesso!');
    },
  }),
  defineCall({
    service,
    name: 'AssociarCodIntCliente',
    input: clientKey,
    run: (request, context) => {
      const client = findClient(context, request.codigo_cliente_omie, undefined);
      client.integrationCode = request.codigo_cliente_integracao ?? '';
      return status(client, 'Código de integração associado com sucesso!');
    },
  }),
];

function include(fields: Fields, context: CallContext): WireObject {
  const { company } = context;
  const { codigo_cliente_integracao: code, razao_social, cnpj_cpf, nome_fantasia } = fields;
  if (!code) throw required('codigo_cliente_integracao');
  if (!razao_social) throw required('razao_social');
  if (!cnpj_cpf) throw required('cnpj_cpf');
  if (!nome_fantasia) throw required('nome_fantasia');
  if (!isTaxId(cnpj_cpf)) throw refused('O CPF/CNPJ informado é inválido!', 206);
  for (const client of company.clients.values()) {
    if (client.integrationCode === code) throw duplicateIntegrationCode('Cliente já cadastrado', code);
  }
  const same = withTaxId(cnpj_cpf, context);
  if (same) throw duplicateTaxId(same.taxId, same.id, same.integrationCode);
  const stamp = stampOf(context);
  const client: Client = {
    id: company.newId(),
    integrationCode: code,
    legalName: razao_social,
    tradeName: nome_fantasia,
    taxId: formatTaxId(cnpj_cpf),
    person: onlyDigits(cnpj_cpf).length === 11,
    tags: [],
    active: true,
    created: stamp,
    changed: stamp,
    viaApi: true,
  };
  apply(client, fields);
  company.clients.set(client.id, client);
  return status(client, 'Cliente cadastrado com sucesso!');
}

function alter(fields: Fields, context: CallContext): WireObject {
  const client = findClient(context, fields.codigo_cliente_omie, fields.codigo_cliente_integracao);
  const same = fields.cnpj_cpf ? withTaxId(fields.cnpj_cpf, context) : undefined;
  if (same && same !== client) throw duplicateTaxId(same.taxId, same.id, same.integrationCode);
  apply(client, fields);
  client.changed = stampOf(context);
  return status(client, 'Cliente alterado com sucesso!');
}

function apply(client: Client, fields: Fields): void {
  client.legalName = fields.razao_social ?? client.legalName;
  client.tradeName = fields.nome_fantasia ?? client.tradeName;
  client.taxId = fields.cnpj_cpf ? formatTaxId(fields.cnpj_cpf) : client.taxId;
  client.tags = fields.tags?.map((one) => one.tag ?? '') ?? client.tags;
  if (fields.email !== undefined) client.email = fields.email;
  if (fields.observacao !== undefined) client.notes = fields.observacao;
  if (fields.inativo !== undefined) client.active = fields.inativo === 'N';
  if (fields.telefone1_numero !== undefined) {
    client.phone = { area: fields.telefone1_ddd ?? '', number: fields.telefone1_numero };
  }
}

function withTaxId(taxId: string, { company }: CallContext): Client | undefined {
  const digits = onlyDigits(taxId);
  return [...company.clients.values()].find((client) => onlyDigits(client.taxId) === digits);
}

const status = (client: Client, sentence: string): WireObject => ({
  codigo_cliente_integracao: client.integrationCode,
  codigo_cliente_omie: client.id,
  codigo_status: '0',
  descricao_status: sentence,
});
