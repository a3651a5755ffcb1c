import { describe, expect, it } from 'vitest';
import { settlementOf } from '../../../src/simulator/balance.ts';
import { createClock } from '../../../src/simulator/clock.ts';
import type { Company } from '../../../src/simulator/company.ts';
import {
  dayInBrasilia,
  isoDate,
  nextBusinessDay,
  parseIsoDate,
  parseOmieDate,
  weekday,
} from '../../../src/simulator/dates.ts';
import { daysOverdue, type Situation } from '../../../src/simulator/oracle.ts';
import { collidingIds } from '../../../src/simulator/seed/companies.ts';
import { oddNames } from '../../../src/simulator/seed/counterparties.ts';
import { Store } from '../../../src/simulator/store.ts';
import { cnpjFrom, cpfFrom, isTaxId } from '../../../src/simulator/tax-ids.ts';
import { TODAY } from './open-omie.ts';

const open = (options: Partial<ConstructorParameters<typeof Store>[0]> = {}): Store =>
  new Store({
    seed: 1,
    companies: 3,
    titlesPerCompany: 400,
    clock: createClock({ at: TODAY, frozen: true }),
    ...options,
  });
const stateOf = (company: Company): string =>
  JSON.stringify([
    company.profile,
    [...company.clients.values()],
    [...company.titles.values()],
    [...company.bankEntries.values()],
    [...company.accounts.values()],
    company.forecasts,
    company.budget,
  ]);

describe('the seed', () => {
  it('gives the same company for the same seed, index and instant', () => {
    const state = stateOf(open().company('empresa_002'));
    expect(stateOf(open().company('empresa_002'))).toBe(state);
    // The number of companies and the order of first use change nothing.
    const other = open({ companies: 9 });
    other.company('empresa_001');
    expect(stateOf(other.company('empresa_002'))).toBe(state);
    expect(stateOf(open({ seed: 2 }).company('empresa_002'))).not.toBe(state);
  });

  it('follows the clock: the same situations on another day', () => {
    const counts = (at: string) => {
      const store = open({ clock: createClock({ at, frozen: true }) });
      return (['overdue', 'dueToday', 'notDue', 'paid', 'partial', 'cancelled'] as const).map(
        (situation) => store.totals('empresa_001', { situation }).count,
      );
    };
    expect(counts('2027-03-03T09:00:00-03:00')).toEqual(counts(TODAY));
  });

  it('keeps dates of a company seeded late relative to the start', () => {
    const clock = createClock({ at: TODAY, frozen: true });
    const store = open({ clock });
    clock.advance(10 * 86_400_000);
    expect(isoDate(store.seededOn)).toBe('2026-11-20');
    const early = store.totals('empresa_003', { kind: 'payable', dueFrom: '2026-11-20', dueTo: '2026-11-20' });
    expect(early.count).toBeGreaterThan(0);
    store.reset();
    expect(isoDate(store.seededOn)).toBe('2026-11-30');
  });

  it('has titles in every status and age, on both sides', () => {
    const store = open();
    for (const kind of ['payable', 'receivable'] as const) {
      const situations: Situation[] = ['open', 'overdue', 'dueToday', 'notDue', 'paid', 'partial', 'cancelled'];
      for (const situation of situations)
        expect(store.totals('empresa_001', { kind, situation }).count, situation).toBeGreaterThanOrEqual(5);
      const titles = store.company('empresa_001').titlesOf(kind);
      const ages = titles.map((title) => daysOverdue(title, store.today())).filter((age) => age > 0);
      expect(Math.min(...ages)).toBe(1);
      expect(Math.max(...ages)).toBe(400);
      expect(titles.some((title) => title.cancelled !== undefined && title.payments.length > 0)).toBe(true);
      for (const trait of ['discount', 'interest', 'fine'] as const) {
        expect(
          titles.some((title) => title.payments.some((payment) => payment[trait] > 0)),
          trait,
        ).toBe(true);
      }
    }
    expect(store.company('empresa_001').titles.size).toBe(400);
  });

  it('keeps money whole: shares add up, nothing is overpaid, no payment lies in the future', () => {
    const store = open({ companies: 5 });
    for (const { id } of store.companies) {
      const company = store.company(id);
      for (const title of company.titles.values()) {
        expect(Number.isInteger(title.amount)).toBe(true);
        expect(title.categories.reduce((sum, share) => sum + share.amount, 0)).toBe(title.amount);
        if (title.departments.length > 0) {
          expect(title.departments.reduce((sum, share) => sum + share.amount, 0)).toBe(title.amount);
        }
        const { open: balance, owed, settled } = settlementOf(title);
        expect(settled).toBeLessThanOrEqual(owed);
        expect(balance).toBeGreaterThanOrEqual(0);
        expect(title.payments.every((payment) => payment.day <= store.today() && payment.principal > 0)).toBe(true);
        expect(company.clients.has(title.clientId)).toBe(true);
        expect(title.categories.every((share) => company.categories.has(share.code))).toBe(true);
        expect(company.accounts.has(title.accountId)).toBe(true);
      }
    }
  });

  it('shares counterparties between companies under other ids, and makes two ids collide', () => {
    const store = open();
    const [first, second] = ['empresa_001', 'empresa_002'].map((id) => store.company(id));
    const byTaxId = new Map([...first!.clients.values()].map((client) => [client.taxId, client]));
    const shared = [...second!.clients.values()].filter((client) => byTaxId.has(client.taxId));
    expect(shared.length).toBeGreaterThanOrEqual(10);
    expect(shared.every((client) => byTaxId.get(client.taxId)?.id !== client.id)).toBe(true);
    for (const company of [first!, second!]) {
      expect(company.clients.has(collidingIds.client)).toBe(true);
      expect(company.titles.has(collidingIds.title)).toBe(true);
    }
    expect(first!.clients.get(collidingIds.client)?.taxId).not.toBe(second!.clients.get(collidingIds.client)?.taxId);
    const common = [...first!.titles.keys()].filter((id) => second!.titles.has(id));
    expect(common).toEqual([collidingIds.title]);
    // Companies of the group trade with one another.
    expect(byTaxId.has(store.companies[1]!.cnpj)).toBe(true);
  });

  it('has valid, unique tax ids and credentials', () => {
    const store = open({ companies: 200, titlesPerCompany: 0 });
    for (const key of ['id', 'cnpj', 'appKey', 'appSecret', 'nome'] as const) {
      expect(new Set(store.companies.map((company) => company[key])).size, key).toBe(200);
    }
    for (const company of store.companies) {
      expect(isTaxId(company.cnpj)).toBe(true);
      expect(company.appKey).toMatch(/^\d{13}$/);
      expect(company.appSecret).toMatch(/^[0-9a-f]{32}$/);
    }
    const clients = [...store.company('empresa_042').clients.values()];
    expect(clients.every((client) => isTaxId(client.taxId))).toBe(true);
    expect(new Set(clients.map((client) => client.taxId)).size).toBe(clients.length);
    expect(clients.some((client) => client.person)).toBe(true);
  });

  it('has records named to deceive, with money on them', () => {
    const store = open();
    for (const name of [oddNames.injection, oddNames.weird]) {
      const client = [...store.company('empresa_003').clients.values()].find((one) => one.legalName === name)!;
      expect(store.totals('empresa_003', { counterpartyId: client.id, situation: 'overdue' }).count).toBeGreaterThan(0);
      expect(store.totals('empresa_003', { counterpartyTaxId: client.taxId }).ids).toEqual(
        store.totals('empresa_003', { counterpartyId: client.id }).ids,
      );
    }
  });

  it('seeds two hundred companies of four hundred titles lazily', { timeout: 20_000 }, () => {
    const store = open({ companies: 200 });
    for (let index = 1; index <= 20; index += 1) store.company(`empresa_${String(index).padStart(3, '0')}`);
    expect(() => store.company('empresa_999')).toThrow('no such simulated company: empresa_999');
  });
});

describe('tax ids and dates', () => {
  it('computes the known check digits', () => {
    expect(cnpjFrom(11_222_333, 1)).toBe('11.222.333/0001-81');
    expect(cpfFrom(111_444_777)).toBe('111.444.777-35');
    expect(isTaxId('11.222.333/0001-80')).toBe(false);
    expect(isTaxId('123')).toBe(false);
  });

  it('turns instants into days of Brasília, and text into days that exist', () => {
    expect(isoDate(dayInBrasilia(new Date('2026-01-01T02:59:59Z')))).toBe('2025-12-31');
    expect(isoDate(dayInBrasilia(new Date('2026-01-01T03:00:00Z')))).toBe('2026-01-01');
    expect(parseOmieDate('29/02/2028')).toBe(parseIsoDate('2028-02-29'));
    for (const text of ['29/02/2027', '2026-01-01', '1/1/2026', '']) expect(parseOmieDate(text)).toBeUndefined();
    const saturday = parseIsoDate('2026-11-21')!;
    expect([
      weekday(saturday),
      isoDate(nextBusinessDay(saturday)),
      isoDate(nextBusinessDay(saturday + 1)),
      isoDate(nextBusinessDay(saturday + 2)),
    ]).toEqual([6, '2026-11-23', '2026-11-23', '2026-11-23']);
  });

  it('keeps a clock that ticks, jumps and freezes', async () => {
    const clock = createClock({ at: TODAY });
    const start = clock.now().getTime();
    await new Promise((resolve) => setTimeout(resolve, 15));
    expect(clock.now().getTime()).toBeGreaterThan(start);
    clock.freeze();
    const frozen = clock.now().getTime();
    clock.advance(60_000);
    expect(clock.now().getTime()).toBe(frozen + 60_000);
    clock.set('2030-01-01T00:00:00Z');
    expect(clock.now().toISOString()).toBe('2030-01-01T00:00:00.000Z');
    clock.unfreeze();
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(Date.parse('2030-01-01T00:00:00Z'));
  });
});
