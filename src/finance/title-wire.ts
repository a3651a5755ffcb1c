/** The part of a ListarMovimentos row that titles are made of, in Omie's names. Any field may be absent, null or "". */
export type TitleKind = 'pagar' | 'receber';

type Text = string | null | undefined;
type Decimal = number | null | undefined;
/** Ids are integers in most services and strings in a few. */
type Id = number | string | null | undefined;

export interface WireMovement {
  readonly detalhes?:
    | {
        readonly nCodTitulo?: Id;
        readonly cCodIntTitulo?: Text;
        readonly cNumTitulo?: Text;
        readonly cNumDocFiscal?: Text;
        readonly cNumParcela?: Text;
        readonly cNumBoleto?: Text;
        readonly dDtEmissao?: Text;
        readonly dDtVenc?: Text;
        readonly dDtPrevisao?: Text;
        readonly dDtPagamento?: Text;
        readonly dDtRegistro?: Text;
        readonly nCodCliente?: Id;
        readonly cCPFCNPJCliente?: Text;
        readonly cStatus?: Text;
        readonly cNatureza?: Text;
        readonly cTipo?: Text;
        readonly cOrigem?: Text;
        readonly cGrupo?: Text;
        readonly cCodCateg?: Text;
        readonly nValorTitulo?: Decimal;
        readonly cRetPIS?: Text;
        readonly cRetCOFINS?: Text;
        readonly cRetCSLL?: Text;
        readonly cRetIR?: Text;
        readonly cRetISS?: Text;
        readonly cRetINSS?: Text;
      }
    | null
    | undefined;
  readonly resumo?:
    | {
        readonly cLiquidado?: Text;
        readonly nValPago?: Decimal;
        readonly nValAberto?: Decimal;
        readonly nDesconto?: Decimal;
        readonly nJuros?: Decimal;
        readonly nMulta?: Decimal;
      }
    | null
    | undefined;
}
