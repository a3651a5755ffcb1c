/** What `formato: detalhado` adds to a title. Nothing here enters a sum, so a field that cannot be read is just absent. */
import { type PlainDate, parseDate } from './dates.ts';
import { type Centavos, readCentavos } from './money.ts';
import { recordText } from './record-text.ts';
import type { WireMovement } from './title-wire.ts';

export interface TitleDetails {
  /** Omie's own word, as written: it may lag behind ours on weekends. */
  readonly omieStatus: string | undefined;
  readonly interest: Centavos | undefined;
  readonly fine: Centavos | undefined;
  readonly discount: Centavos | undefined;
  /** When the company expects to pay or receive; not the due date. */
  readonly expected: PlainDate | undefined;
  /** Of the last payment. */
  readonly paidOn: PlainDate | undefined;
  readonly registered: PlainDate | undefined;
  readonly documentType: string | undefined;
  readonly fiscalDocument: string | undefined;
  readonly nature: string | undefined;
  readonly origin: string | undefined;
  readonly integrationCode: string | undefined;
}

export function readTitleDetails({ detalhes, resumo }: WireMovement): TitleDetails {
  return {
    omieStatus: recordText(detalhes?.cStatus, 40),
    interest: readCentavos(resumo?.nJuros),
    fine: readCentavos(resumo?.nMulta),
    discount: readCentavos(resumo?.nDesconto),
    expected: parseDate(detalhes?.dDtPrevisao),
    paidOn: parseDate(detalhes?.dDtPagamento),
    registered: parseDate(detalhes?.dDtRegistro),
    documentType: recordText(detalhes?.cTipo, 20),
    fiscalDocument: recordText(detalhes?.cNumDocFiscal, 40),
    nature: recordText(detalhes?.cNatureza, 20),
    origin: recordText(detalhes?.cOrigem, 20),
    integrationCode: recordText(detalhes?.cCodIntTitulo, 60),
  };
}
