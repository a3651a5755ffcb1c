/** What the payable and the receivable list have in common. Neither has a due-date filter, a payment date or a balance. */
import { z } from 'zod';
import { wireNumber, wireText } from './wire.ts';

export const wireTitulo = z.object({
  codigo_lancamento_omie: wireNumber,
  codigo_lancamento_integracao: wireText,
  codigo_cliente_fornecedor: wireNumber,
  codigo_categoria: wireText,
  categorias: z.array(z.object({ codigo_categoria: wireText, percentual: wireNumber, valor: wireNumber })).optional(),
  codigo_tipo_documento: wireText,
  codigo_projeto: wireNumber,
  data_emissao: wireText,
  data_entrada: wireText,
  data_registro: wireText,
  data_previsao: wireText,
  data_vencimento: wireText,
  id_conta_corrente: wireNumber,
  id_origem: wireText,
  numero_documento: wireText,
  numero_documento_fiscal: wireText,
  numero_parcela: wireText,
  status_titulo: wireText,
  valor_documento: wireNumber,
  /** What is left to pay, on payables; read-only and often absent. */
  valor_pag: wireNumber,
});

export type WireTitulo = z.output<typeof wireTitulo>;
