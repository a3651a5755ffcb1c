/** geral/tiposdoc: a fixed table. */
import { notFoundById } from '../omie-fault.ts';
import { complexType, str } from './complex-type.ts';
import { defineCall, type SimulatedCall } from './define-call.ts';

const service = 'geral/tiposdoc';
const documentTypes: readonly (readonly [string, string])[] = [
  ['99999', 'Outros'],
  ['ADI', 'Adiantamento'],
  ['BOL', 'Boleto'],
  ['CHQ', 'Cheque'],
  ['CON', 'Contrato'],
  ['CRE', 'Crédito'],
  ['CRT', 'Cartão'],
  ['DAS', 'DAS - Simples Nacional'],
  ['DEB', 'Débito Automático'],
  ['DIN', 'Dinheiro'],
  ['DOC', 'DOC'],
  ['DRF', 'DARF'],
  ['GUIA', 'Guia'],
  ['NFE', 'Nota Fiscal Eletrônica'],
  ['NFS', 'Nota Fiscal de Serviço'],
  ['PROT', 'Protesto'],
  ['REC', 'Recibo'],
  ['RPA', 'RPA'],
  ['TED', 'TED'],
  ['TRA', 'Transferência'],
];
const rowOf = ([codigo, descricao]: readonly [string, string]) => ({ codigo, descricao });

export const documentTypeCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'PesquisarTipoDocumento',
    input: complexType('tipo_documento_pesquisa_request', { codigo: str }),
    run: ({ codigo }) => ({
      tipo_documento_cadastro: documentTypes.filter(([code]) => !codigo || code === codigo).map(rowOf),
    }),
  }),
  defineCall({
    service,
    name: 'ConsultarTipoDocumento',
    input: complexType('tipo_documento_consultar', { codigo: str }),
    run: ({ codigo }) => {
      const type = documentTypes.find(([code]) => code === codigo);
      if (!type) throw notFoundById('Tipo de documento não cadastrado', codigo ?? '');
      return rowOf(type);
    },
  }),
];
