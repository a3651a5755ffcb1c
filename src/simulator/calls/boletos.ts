/** financas/contareceberboleto: some refusals come in-band, with HTTP 200 and a non-zero cCodStatus. */
import type { z } from 'zod';
import { omieDate } from '../dates.ts';
import type { Boleto, Title } from '../model.ts';
import { required } from '../omie-fault.ts';
import type { WireObject } from '../wire.ts';
import { complexType, date, int, str } from './complex-type.ts';
import { type CallContext, defineCall, type SimulatedCall, stampOf } from './define-call.ts';
import { findTitle } from './title-lookup.ts';

const service = 'financas/contareceberboleto';
const keyFields = { nCodTitulo: int, cCodIntTitulo: str };
const getKey = complexType('boletoObterRequest', keyFields);

export const boletoCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ObterBoleto',
    input: getKey,
    run: (request, context) => {
      const title = titleOf(request, context);
      if (!title.boleto || context.company.isSettled(title))
        return inBand('103', 'Boleto não registrado ou título já liquidado!');
      // A read that says "generated": the sentence is the same as for writing.
      return boletoRow(title.boleto);
    },
  }),
  defineCall({
    service,
    name: 'GerarBoleto',
    input: complexType('boletoGerarRequest', keyFields),
    run: (request, context) => {
      const title = titleOf(request, context);
      if (context.company.isSettled(title)) return inBand('103', 'Título já liquidado!');
      title.boleto ??= newBoleto(title, context);
      context.company.touch();
      return boletoRow(title.boleto);
    },
  }),
  defineCall({
    service,
    name: 'ProrrogarBoleto',
    input: complexType('boletoProrrogarRequest', { ...keyFields, dDtVenc: date }),
    run: (request, context) => {
      const title = titleOf(request, context);
      if (request.dDtVenc === undefined) throw required('dDtVenc');
      if (!title.boleto) return inBand('103', 'Boleto não registrado!');
      title.due = request.dDtVenc;
      title.changed = stampOf(context);
      context.company.touch();
      return boletoRow(title.boleto);
    },
  }),
  defineCall({
    service,
    name: 'CancelarBoleto',
    input: complexType('boletoCancelarRequest', keyFields),
    run: (request, context) => {
      const title = titleOf(request, context);
      if (!title.boleto) return inBand('103', 'Boleto não registrado!');
      delete title.boleto;
      context.company.touch();
      return { cCodStatus: '0', cDesStatus: 'Boleto cancelado com sucesso!' };
    },
  }),
];

const titleOf = (request: z.output<typeof getKey>, context: CallContext): Title =>
  findTitle(context, 'receivable', request.nCodTitulo, request.cCodIntTitulo);

const inBand = (cCodStatus: string, cDesStatus: string): WireObject => ({ cCodStatus, cDesStatus });

function newBoleto(title: Title, { today }: CallContext): Boleto {
  const number = String(title.id % 1_000_000_000).padStart(9, '0');
  return {
    number,
    bankNumber: `109${number}`,
    barcode: `34191090${number.padEnd(36, '0')}`,
    issued: today,
    interestPercent: 1,
    finePercent: 2,
  };
}

const boletoRow = (boleto: Boleto): WireObject => ({
  cCodBarras: boleto.barcode,
  cCodStatus: '0',
  cDesStatus: 'Boleto gerado com sucesso!',
  cLinkBoleto: `https://boleto.exemplo.com.br/${boleto.bankNumber}`,
  cNumBancario: boleto.bankNumber,
  cNumBoleto: boleto.number,
  dDtEmBol: omieDate(boleto.issued),
  nPerJuros: boleto.interestPercent,
  nPerMulta: boleto.finePercent,
});
