import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failed, type Outcome } from '../../../src/clients/call-tool.ts';
import { chooseCompanies } from '../../../src/clients/company-list.ts';
import type { CompanySnapshot, Overdue } from '../../../src/clients/company-snapshot.ts';
import { mapBounded } from '../../../src/clients/map-bounded.ts';
import { reconnectDelayMs } from '../../../src/clients/reconnect-delay.ts';
import { toDocument } from '../../../src/clients/report-document.ts';
import { renderRound } from '../../../src/clients/report-view.ts';
import type { Round } from '../../../src/clients/take-round.ts';
import { textWidth } from '../../../src/clients/text-width.ts';
import { exitCodeOf, sumRound } from '../../../src/clients/totals.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 90 });
const failures = fc.record({ codigo: text, mensagem: text }).map(failed);
const overdue: fc.Arbitrary<Outcome<Overdue>> = fc.oneof(
  failures,
  fc
    .record({
      quantidade: fc.nat(9_999),
      saldoCentavos: fc.integer({ min: 0, max: 1e11 }),
      completo: fc.boolean(),
    })
    .map((value) => ({
      ok: true as const,
      value: { ...value, abrangencia: value.completo ? ('consulta' as const) : ('pagina' as const) },
    })),
);
const company: fc.Arbitrary<CompanySnapshot> = fc.record({
  id: text,
  nome: text,
  categorias: overdue,
  pagar: overdue,
  receber: overdue,
});
const rounds: fc.Arbitrary<Round> = fc.record({
  takenAt: fc.constant(new Date('2026-11-20T18:00:00Z')),
  companies: fc.array(company, { maxLength: 8 }),
  listComplete: fc.boolean(),
});

test('no line is wider than 80 columns, whatever the names and messages', () => {
  fc.assert(
    fc.property(rounds, (round) => {
      for (const line of renderRound(round).split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(80);
    }),
  );
});

test('sums are exact, hold complete answers only, and say when they are short', () => {
  fc.assert(
    fc.property(rounds, (round) => {
      const totals = sumRound(round);
      for (const side of ['pagar', 'receber'] as const) {
        const complete = round.companies.map((each) => each[side]).filter((each) => each.ok && each.value.completo);
        const exact = complete.reduce((sum, each) => sum + (each.ok ? BigInt(each.value.saldoCentavos) : 0n), 0n);
        expect(BigInt(totals[side].saldoCentavos)).toBe(exact);
        expect(totals[side].completo).toBe(round.listComplete && complete.length === round.companies.length);
      }
      expect(/^(TOTAL \(parcial\)|parcial) /m.test(renderRound(round))).toBe(!totals.completo);
      expect(toDocument(round).totais.completo).toBe(totals.completo);
      expect(exitCodeOf(round)).toBe(totals.completo ? 0 : 1);
    }),
  );
});

test('long names are cut, numbers never', () => {
  const side: Outcome<Overdue> = {
    ok: true,
    value: { quantidade: 12_345, saldoCentavos: 1e12, abrangencia: 'pagina', completo: false },
  };
  const long = { id: 'x', nome: 'Comércio e Indústria de Alimentos São João LTDA', categorias: side };
  const round = { takenAt: new Date(0), companies: [{ ...long, pagar: side, receber: side }], listComplete: true };
  const row = renderRound(round).split('\n')[4];
  expect(row).toMatch(/^Com.*… +≥ 12\.345 ≥ 12\.345 ≥ R\$ 10\.000\.000\.000,00 /);
  expect(textWidth(row ?? '')).toBeLessThanOrEqual(80);
  expect(exitCodeOf(round)).toBe(1);
});

test('nobody to look at is said', () => {
  expect(renderRound({ takenAt: new Date(0), companies: [], listComplete: true })).toContain('Nenhuma empresa visível');
});

test('an unknown id stays, marked; ids asked twice are asked once', () => {
  expect(chooseCompanies([{ id: 'a', nome: 'A' }], 1, ['z', 'a', 'z'])).toEqual({
    companies: [
      { id: 'z', nome: 'z', known: false },
      { id: 'a', nome: 'A', known: true },
    ],
    complete: true,
  });
});

test('the wait before reconnecting doubles up to its cap, with jitter in the upper half', () => {
  const policy = { firstDelayMs: 500, maxDelayMs: 30_000 };
  expect([0, 1, 2, 10, 5000].map((attempt) => reconnectDelayMs(attempt, 0, policy))).toEqual([
    250, 500, 1000, 15_000, 15_000,
  ]);
  expect(reconnectDelayMs(1, 0.999_999, policy)).toBe(1000);
});

test('bounded mapping keeps order and starts nothing after a failure', async () => {
  const tens = await mapBounded([3, 1, 2], 2, async (item) => {
    await new Promise((resolve) => setTimeout(resolve, item * 5));
    return item * 10;
  });
  expect(tens).toEqual([30, 10, 20]);
  const started: number[] = [];
  const failing = mapBounded([1, 2, 3, 4], 1, async (item) => {
    started.push(item);
    if (item === 2) throw new Error('stop');
  });
  await expect(failing).rejects.toThrow('stop');
  expect(started).toEqual([1, 2]);
});
