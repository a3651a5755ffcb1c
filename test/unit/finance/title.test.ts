import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Title, toTitle, type WireMovement } from '../../../src/finance/title.ts';
import { dayAt, facts, openOf, TODAY, toRow } from './title-model.ts';

type Fields = { detalhes?: Record<string, unknown>; resumo?: Record<string, unknown> };

function row({ detalhes, resumo }: Fields = {}): WireMovement {
  return {
    detalhes: {
      nCodTitulo: 7,
      cGrupo: 'CONTA_A_PAGAR',
      cStatus: 'A VENCER',
      dDtVenc: '25/11/2026',
      nValorTitulo: 1250.5,
      ...detalhes,
    },
    resumo: { cLiquidado: 'N', nValPago: 0, nValAberto: 1250.5, ...resumo },
  };
}

function titleOf(fields: Fields = {}): Title {
  const read = toTitle(row(fields), 'pagar', TODAY);
  if (read.is !== 'title') throw new Error(`not a title: ${JSON.stringify(read)}`);
  return read.title;
}

const fieldOf = (fields: Fields): string => {
  const read = toTitle(row(fields), 'pagar', TODAY);
  return read.is === 'problem' ? read.problem.field : read.is;
};

describe('toTitle', () => {
  it('reads a whole row', () => {
    const title = titleOf({
      detalhes: {
        cNumTitulo: ' NF\u202e 77 ',
        cNumDocFiscal: '00036328',
        cNumParcela: '001/003',
        nCodCliente: 4410002211,
        cCPFCNPJCliente: '12.345.678/0001-95',
        dDtEmissao: '01/11/2026',
        cCodCateg: '2.04.01',
      },
    });
    expect(title).toMatchObject({
      id: 7,
      document: 'NF 77',
      instalment: '001/003',
      counterparty: { id: 4410002211, taxId: '12.345.678/0001-95' },
      value: 125_050,
      paid: 0,
      open: 125_050,
      due: '2026-11-25',
      issued: '2026-11-01',
      status: 'a_vencer',
      daysOverdue: 0,
      categoryCode: '2.04.01',
    });
  });

  it.each([
    ['A VENCER', -1, 0, 'atrasado', 1],
    ['VENCE HOJE', -2, 0, 'atrasado', 2],
    ['ATRASADO', 0, 0, 'vence_hoje', 0],
    ['ATRASADO', 3, 0, 'a_vencer', 0],
    ['PAGTO_PARCIAL', -30, 50, 'atrasado', 30],
    ['PAGTOPARCIAL', 0, 50, 'parcial', 0],
    ['A VENCER', 5, 50, 'parcial', 0],
    ['algo novo', -1, 0, 'atrasado', 1],
  ])('%s due in %d days with %d paid is %s', (cStatus, dueIn, nValPago, status, daysOverdue) => {
    const dDtVenc = dayAt(dueIn).split('-').reverse().join('/');
    expect(titleOf({ detalhes: { cStatus, dDtVenc }, resumo: { nValPago } })).toMatchObject({ status, daysOverdue });
  });

  it.each([
    ['CANCELADO', 'S', 'cancelado'],
    ['cancelado', 'N', 'cancelado'],
    ['PAGO', 'N', 'pago'],
    ['RECEBIDO', 'S', 'pago'],
    ['LIQUIDADO', undefined, 'pago'],
    ['ATRASADO', 'S', 'pago'],
  ])('%s with cLiquidado %s is %s, owes nothing and is not late', (cStatus, cLiquidado, status) => {
    const resumo = { cLiquidado, nValPago: 1250.5, nValAberto: 0 };
    expect(titleOf({ detalhes: { cStatus, dDtVenc: '01/01/2026' }, resumo })).toMatchObject({
      status,
      open: 0,
      daysOverdue: 0,
    });
  });

  it('of an amount with more decimals is rounded and says so; below zero it is no amount of a title', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 9 }), fc.integer({ min: 0, max: 9 }), (cents, more) => {
        const reais = Number(`${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}${more}`);
        const whole = cents + (more >= 5 ? 1 : 0);
        const amounts = { detalhes: { nValorTitulo: reais }, resumo: { nValAberto: reais } };
        expect(titleOf(amounts)).toMatchObject({ value: whole, open: whole, rounded: more > 0 });
        expect(fieldOf({ detalhes: { nValorTitulo: -reais }, resumo: { nValAberto: -reais } })).toBe('nValorTitulo');
        expect(fieldOf({ resumo: { nValPago: -reais } })).toBe('nValPago');
        expect(fieldOf({ resumo: { nValAberto: -reais } })).toBe('nValAberto');
      }),
    );
  });

  it.each(['nJuros', 'nMulta', 'nDesconto'])('whose %s has more decimals says that it was rounded', (field) => {
    expect(titleOf({ resumo: { [field]: 1.25 } })).toMatchObject({ rounded: false });
    expect(titleOf({ resumo: { [field]: 1.255 } })).toMatchObject({ rounded: true });
  });

  it('owes nothing on a cancelled title, whatever the balance says', () => {
    expect(titleOf({ detalhes: { cStatus: 'CANCELADO' } })).toMatchObject({ open: 0, value: 125_050 });
  });

  it.each(['CONTA_CORRENTE_PAG', 'CONTA_CORRENTE_REC', 'PREVISAO_CONTRATO', 'CONTA_A_RECEBER'])(
    'drops %s',
    (cGrupo) => {
      expect(toTitle(row({ detalhes: { cGrupo } }), 'pagar', TODAY)).toEqual({ is: 'other' });
    },
  );

  it.each<[string, Fields]>([
    ['cGrupo', { detalhes: { cGrupo: undefined } }],
    ['nCodTitulo', { detalhes: { nCodTitulo: undefined } }],
    ['nCodTitulo', { detalhes: { nCodTitulo: 0 } }],
    ['nCodTitulo', { detalhes: { nCodTitulo: 1.5 } }],
    ['dDtVenc', { detalhes: { dDtVenc: '' } }],
    ['dDtVenc', { detalhes: { dDtVenc: '31/02/2026' } }],
    ['nValorTitulo', { detalhes: { nValorTitulo: undefined } }],
    ['nValorTitulo', { detalhes: { nValorTitulo: Number.POSITIVE_INFINITY } }],
    ['nValorTitulo', { detalhes: { nValorTitulo: -1250.5 }, resumo: { nValAberto: -1250.5 } }],
    ['nValorTitulo', { detalhes: { nValorTitulo: -10.005, cStatus: 'CANCELADO' } }],
    ['nValPago', { resumo: { nValPago: -10.005, nValAberto: 1250.5 } }],
    ['cStatus', { detalhes: { cStatus: '' } }],
    ['nValAberto', { resumo: { nValAberto: undefined, nValPago: 10 } }],
    ['nValAberto', { resumo: { nValAberto: Number.NaN, nValPago: 10 } }],
    ['nValAberto', { resumo: { nValAberto: undefined, nValPago: undefined } }],
    ['nValAberto', { detalhes: { cRetIR: 'S' }, resumo: { nValAberto: undefined } }],
    ['nValAberto', { detalhes: { cStatus: 'PAGTOPARCIAL' }, resumo: { nValAberto: undefined } }],
    ['nValAberto', { resumo: { nValAberto: undefined, nDesconto: 50.5 } }],
    ['nValAberto', { resumo: { nValAberto: undefined, nJuros: 0.01 } }],
    ['nValAberto', { resumo: { nValAberto: undefined, nMulta: 2 } }],
    ['nValAberto', { resumo: { cLiquidado: 'S', nValPago: 1250.5 } }],
    ['nValAberto', { detalhes: { cStatus: 'ATRASADO' }, resumo: { nValAberto: 0 } }],
    ['nValAberto', { resumo: { nValAberto: 0, nValPago: 1250.49 } }],
    ['nValAberto', { resumo: { nValAberto: -0.01 } }],
    ['nValAberto', { detalhes: { cRetIR: 'S', cStatus: 'PAGTO_PARCIAL' }, resumo: { nValAberto: 0, nValPago: 10 } }],
    ['nValPago', { resumo: { nValPago: undefined, nValAberto: 0 } }],
    ['nValPago', { resumo: { nValPago: undefined, nValAberto: 10 } }],
    ['nValPago', { detalhes: { cStatus: 'PAGO' }, resumo: { nValPago: undefined, nValAberto: 0 } }],
  ])('would rather report %s than guess: %j', (field, fields) => expect(fieldOf(fields)).toBe(field));

  it.each([
    ['paid', { nValPago: 1250.5 }],
    ['paid with a discount', { nValPago: 1200, nDesconto: 50.5 }],
    ['paid more than was owed', { nValPago: 1300, nValAberto: -49.5 }],
  ])('is paid, not late, when the label lags behind what was %s in full', (_how, resumo) => {
    const detalhes = { cStatus: 'ATRASADO', dDtVenc: '01/01/2026' };
    expect(titleOf({ detalhes, resumo: { nValAberto: 0, ...resumo } })).toMatchObject({
      status: 'pago',
      open: 0,
      daysOverdue: 0,
    });
  });

  it('a document of no value owes nothing, and that is no contradiction', () => {
    expect(titleOf({ detalhes: { nValorTitulo: 0 }, resumo: { nValAberto: 0 } })).toMatchObject({ open: 0 });
  });

  it('never counts as zero what is open by its label: it is reported, and the others keep their sum', () => {
    fc.assert(
      fc.property(facts, fc.infiniteStream(fc.boolean()), (list, blanks) => {
        let [reported, owed, wronged] = [0, 0, 0];
        let [expectedOwed, expectedReported] = [0, 0];
        for (const fact of list) {
          const row = toRow(fact);
          const blank = blanks.next().value === true;
          const read = toTitle(blank ? { ...row, resumo: { ...row.resumo, nValAberto: 0 } } : row, fact.kind, TODAY);
          // From the facts: something is still owed, and the row denies it.
          const wrong = blank && !fact.cancelled && fact.amount - fact.withheld > fact.paid;
          expectedReported += wrong ? 1 : 0;
          expectedOwed += wrong || fact.cancelled ? 0 : fact.amount - fact.withheld - fact.paid;
          if (read.is === 'problem') reported += 1;
          if (read.is === 'title') owed += read.title.open;
          if (wrong && read.is !== 'problem') wronged += 1;
        }
        expect({ reported, owed, wronged }).toEqual({ reported: expectedReported, owed: expectedOwed, wronged: 0 });
      }),
    );
  });

  it('derives the balance only where nothing lowered it', () => {
    expect(titleOf({ resumo: { nValAberto: undefined } }).open).toBe(125_050);
    expect(titleOf({ resumo: { nValPago: undefined } }).paid).toBe(0);
  });

  it('survives rows without any of it', () => {
    expect(toTitle({}, 'pagar', TODAY).is).toBe('problem');
    expect(toTitle({ detalhes: null, resumo: null }, 'receber', TODAY).is).toBe('problem');
  });

  it('keeps every centavo of every row', () => {
    fc.assert(
      fc.property(facts, (list) => {
        for (const fact of list) {
          const read = toTitle(toRow(fact), fact.kind, TODAY);
          if (read.is !== 'title') throw new Error('a whole row is a title');
          expect(read.title).toMatchObject({ id: fact.id, value: fact.amount, paid: fact.paid, open: openOf(fact) });
        }
      }),
    );
  });
});
