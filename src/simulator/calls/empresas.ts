/** geral/empresas: one row per application. */

import { notFoundById } from '../omie-fault.ts';
import { formatTaxId } from '../tax-ids.ts';
import { freeText, type WireObject } from '../wire.ts';
import { complexType, flag, int, str } from './complex-type.ts';
import { type CallContext, defineCall, type SimulatedCall } from './define-call.ts';
import { snakeList, snakePage } from './paging.ts';
import { changeFilter } from './title-filters.ts';

const service = 'geral/empresas';
const COMPANY_CODE_BASE = 2_000_000_000;

export const companyCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ListarEmpresas',
    input: complexType('empresas_list_request', {
      ...snakePage,
      ...changeFilter,
      ordenar_por: str,
      ordem_descrescente: flag,
    }),
    run: (request, context) => ({
      // Past the end it gives page 1 again: a client that reads "until empty" never stops.
      ...snakeList('empresas_cadastro', [context], request, context.quirks, rowOf, 'first page'),
      // A stray of another service, seen on the wire.
      produto_servico_resumido: [],
    }),
  }),
  defineCall({
    service,
    name: 'ConsultarEmpresa',
    input: complexType('empresas_consultar', { codigo_empresa: int }),
    run: (request, context) => {
      if (request.codigo_empresa !== codeOf(context))
        throw notFoundById('Empresa não cadastrada', request.codigo_empresa ?? 0);
      return rowOf(context);
    },
  }),
];

const codeOf = ({ company }: CallContext): number => COMPANY_CODE_BASE + company.profile.index;

function rowOf(context: CallContext): WireObject {
  const { profile } = context.company;
  const code = codeOf(context);
  return {
    bloqueado: 'N',
    cidade: 'SAO PAULO (SP)',
    cnpj: formatTaxId(profile.cnpj),
    codigo_empresa: context.quirks.companyCodeType === 'string' ? String(code) : code,
    codigo_empresa_integracao: '',
    codigo_pais: '1058',
    estado: 'SP',
    inativa: 'N',
    nome_fantasia: freeText(profile.nome),
    razao_social: freeText(profile.nome.toUpperCase()),
    regime_tributario: '3',
  };
}
