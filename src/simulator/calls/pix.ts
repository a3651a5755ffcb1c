/** financas/pix */
import type { z } from 'zod';
import { omieDate } from '../dates.ts';
import type { PixCharge } from '../model.ts';
import { recordNotFound } from '../omie-fault.ts';
import { money, type WireObject } from '../wire.ts';
import { bool, complexType, date, dec, int, str } from './complex-type.ts';
import { type CallContext, defineCall, type SimulatedCall, stampOf } from './define-call.ts';
import { hungarianList, hungarianPage } from './paging.ts';
import { isBetween } from './title-filters.ts';
import { findTitle } from './title-lookup.ts';

const service = 'financas/pix';
const listFields = { ...hungarianPage, dEmissaoDe: date, dEmissaoAte: date, cStatus: str };
const keyFields = { nIdPix: int, cCodIntPix: str, nCodTitulo: int };
const listRequest = complexType('listarPixRequest', listFields);
const getRequest = complexType('obterPixRequest', keyFields);

export const pixCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ListarPix',
    input: listRequest,
    run: (request, context) => hungarianList('ListaPix', select(request, context), request, rowOf),
  }),
  defineCall({
    service,
    name: 'ListarStatusPix',
    input: complexType('listarStatusPixRequest', listFields),
    run: (request, context) => hungarianList('ListaStatusPix', select(request, context), request, statusRow),
  }),
  defineCall({
    service,
    name: 'ObterPix',
    input: getRequest,
    run: (request, context) => rowOf(find(request, context)),
  }),
  defineCall({
    service,
    name: 'ObterStatusPix',
    input: complexType('obterStatusPixRequest', keyFields),
    run: (request, context) => statusRow(find(request, context)),
  }),
  defineCall({
    service,
    name: 'GerarPix',
    input: complexType('gerarPixRequest', {
      cCodIntPix: str,
      nCodTitulo: int,
      vValor: dec,
      nIdConta: int,
      cUrlNotif: str,
      nIdCliente: int,
      cCnpjCpf: str,
    }),
    run: (request, context) => {
      const title = findTitle(context, 'receivable', request.nCodTitulo, undefined);
      const stamp = stampOf(context);
      const charge: PixCharge = {
        id: context.company.newId(),
        integrationCode: request.cCodIntPix ?? '',
        titleId: title.id,
        clientId: title.clientId,
        amount: request.vValor === undefined ? title.amount : Math.round(request.vValor * 100),
        issued: context.today,
        due: title.due,
        status: 'ATIVO',
        created: stamp,
        changed: stamp,
        viaApi: true,
      };
      context.company.pixCharges.set(charge.id, charge);
      return {
        ...linksOf(charge),
        cCliente: charge.clientId,
        cCodIntPix: charge.integrationCode,
        nCodTitulo: title.id,
        nIdPix: charge.id,
        ...done,
      };
    },
  }),
  defineCall({
    service,
    name: 'CancelarPix',
    input: complexType('cancelarPixRequest', { nIdPix: int, cCodIntPix: str, lDel: bool }),
    run: (request, context) => {
      find(request, context).status = 'CANCELADO';
      return done;
    },
  }),
  defineCall({
    service,
    name: 'GerarQrCodePix',
    input: complexType('gerarQrCodePixRequest', { nIdConta: int }),
    run: (request, { company }) => {
      const account = company.accounts.get(request.nIdConta ?? 0);
      // Refused in-band: HTTP 200 with a status of its own.
      if (!account?.takesPix) return { cCodStatus: '719', cDescStatus: 'Conta corrente não habilitada para Pix!' };
      return { cCopiaCola: `00020126${account.id}`, cQrCode: '', cUrlPix: '', ...done };
    },
  }),
];

const done = { cCodStatus: '0', cDescStatus: 'Operação realizada com sucesso!' };

function select(request: z.output<typeof listRequest>, { company }: CallContext): readonly PixCharge[] {
  return [...company.pixCharges.values()].filter(
    (charge) =>
      isBetween(charge.issued, request.dEmissaoDe, request.dEmissaoAte) &&
      (!request.cStatus || request.cStatus === charge.status),
  );
}

function find(request: Partial<z.output<typeof getRequest>>, { company }: CallContext): PixCharge {
  const charge = [...company.pixCharges.values()].find(
    (one) =>
      one.id === request.nIdPix ||
      one.titleId === request.nCodTitulo ||
      (one.integrationCode !== '' && one.integrationCode === request.cCodIntPix),
  );
  if (!charge) throw recordNotFound();
  return charge;
}

const linksOf = (charge: PixCharge): WireObject => ({
  cCopiaCola: `00020126${charge.id}`,
  cUrlPix: `https://pix.exemplo.com.br/${charge.id}`,
});

const statusRow = (charge: PixCharge): WireObject => ({
  cCodIntPix: charge.integrationCode,
  cStatus: charge.status,
  nCodTitulo: charge.titleId,
  nIdPix: charge.id,
  vValor: money(charge.amount),
});

const rowOf = (charge: PixCharge): WireObject => ({
  ...statusRow(charge),
  ...linksOf(charge),
  cCliente: charge.clientId,
  cInfo: {
    dAlt: omieDate(charge.changed.day),
    dInc: omieDate(charge.created.day),
    hAlt: charge.changed.time,
    hInc: charge.created.time,
    uAlt: charge.changed.user,
    uInc: charge.created.user,
  },
  dEmissao: omieDate(charge.issued),
  dVencimento: omieDate(charge.due),
});
