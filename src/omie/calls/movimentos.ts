/**
 * financas/mf: the only list with a due-date filter, the payment date and the open balance. Without `cTpLancamento` a
 * paid title comes twice, once as the title and once as the leg on the bank account.
 */
import { z } from 'zod';
import type { OmieCall } from '../omie-client.ts';
import { wireFlag, wireNumber, wireText } from './wire.ts';

const wireMovimento = z.object({
  detalhes: z
    .object({
      nCodTitulo: wireNumber,
      cCodIntTitulo: wireText,
      cNumTitulo: wireText,
      cNumDocFiscal: wireText,
      cNumParcela: wireText,
      dDtEmissao: wireText,
      dDtVenc: wireText,
      dDtPrevisao: wireText,
      dDtRegistro: wireText,
      dDtPagamento: wireText,
      nCodCliente: wireNumber,
      cCPFCNPJCliente: wireText,
      cStatus: wireText,
      cNatureza: wireText,
      cGrupo: wireText,
      cTipo: wireText,
      cOrigem: wireText,
      cCodCateg: wireText,
      cCodProjeto: wireNumber,
      nCodCC: wireNumber,
      nCodBaixa: wireNumber,
      nCodMovCC: wireNumber,
      nValorMovCC: wireNumber,
      nValorTitulo: wireNumber,
      cNumBoleto: wireText,
      // Withheld taxes: the balance of such a title cannot be told from its value.
      cRetPIS: wireText,
      cRetCOFINS: wireText,
      cRetCSLL: wireText,
      cRetIR: wireText,
      cRetISS: wireText,
      cRetINSS: wireText,
    })
    .optional(),
  resumo: z
    .object({
      cLiquidado: wireFlag,
      nValPago: wireNumber,
      nValAberto: wireNumber,
      nDesconto: wireNumber,
      nJuros: wireNumber,
      nMulta: wireNumber,
      nValLiquido: wireNumber,
    })
    .optional(),
  categorias: z
    .array(z.object({ cCodCateg: wireText, nDistrPercentual: wireNumber, nDistrValor: wireNumber }))
    .optional(),
});

export type WireMovimento = z.output<typeof wireMovimento>;

export const listarMovimentos: OmieCall<WireMovimento> = {
  name: 'ListarMovimentos',
  path: 'financas/mf/',
  dialect: 'hungarian',
  listKey: 'movimentos',
  row: wireMovimento,
  maxPageSize: 500,
  // A title and the settlements of it share nCodTitulo.
  idOf: ({ detalhes }) =>
    detalhes?.nCodTitulo === undefined
      ? undefined
      : `${detalhes.nCodTitulo} ${detalhes.cGrupo ?? ''} ${detalhes.nCodBaixa ?? ''} ${detalhes.nCodMovCC ?? ''}`,
};
