/** Which titles a company has: first one specimen of every trait worth testing, then a deterministic crowd. */
import type { Centavos, TitleKind } from '../model.ts';
import type { Random } from '../random.ts';
import { collidingIds } from './companies.ts';
import { oddNames } from './counterparties.ts';

export interface PaymentPlan {
  /** Share of what is owed; the last payment of a fully paid title takes the rest. */
  percent: number;
  /** Days after the due date; never later than today. */
  after: number;
  discountPercent?: number;
  interestPercent?: number;
  finePercent?: number;
}

export interface TitlePlan {
  kind: TitleKind;
  /** Days from today to the due date. */
  dueIn: number;
  amount: Centavos;
  payments?: readonly PaymentPlan[];
  cancelled?: boolean;
  withheld?: boolean;
  categoryShares?: readonly number[];
  departmentShares?: readonly number[];
  boleto?: boolean;
  pix?: boolean;
  viaApi?: boolean;
  id?: number;
  clientName?: string;
  notes?: string;
}

const payInFull: readonly PaymentPlan[] = [{ percent: 100, after: 0 }];

/** The same traits for each side, so that payables and receivables are tested alike. */
const traits: readonly Omit<TitlePlan, 'kind'>[] = [
  { dueIn: -1, amount: 125_050, departmentShares: [100] },
  { dueIn: 0, amount: 83_040, boleto: true },
  { dueIn: 1, amount: 99_999 },
  { dueIn: -400, amount: 1_234_567 },
  { dueIn: -30, amount: 100_000, payments: [{ percent: 50, after: 2, interestPercent: 1, finePercent: 2 }] },
  { dueIn: 20, amount: 98_010, payments: [{ percent: 51.02, after: -25 }] },
  { dueIn: 0, amount: 64_321, payments: [{ percent: 30, after: -3, discountPercent: 5 }] },
  {
    dueIn: -60,
    amount: 250_075,
    payments: [
      { percent: 40, after: 1 },
      { percent: 100, after: 30, interestPercent: 2.5, finePercent: 2 },
    ],
  },
  { dueIn: -15, amount: 180_000, payments: [{ percent: 100, after: -4, discountPercent: 3 }] },
  { dueIn: -10, amount: 1_000_000, withheld: true },
  { dueIn: -45, amount: 777_777, withheld: true, payments: payInFull },
  { dueIn: 12, amount: 333_333, categoryShares: [33.33, 33.33, 33.34], departmentShares: [60, 40] },
  { dueIn: -8, amount: 100_001, categoryShares: [70, 30], departmentShares: [33.33, 66.67], boleto: true },
  { dueIn: -20, amount: 45_000, cancelled: true },
  { dueIn: -25, amount: 55_000, cancelled: true, payments: payInFull },
  { dueIn: -5, amount: 66_600, clientName: oddNames.injection },
  { dueIn: -7, amount: 13_013, clientName: oddNames.weird, notes: oddNames.weird },
  { dueIn: 30, amount: 20_000, viaApi: true, notes: 'Pedido "especial" & urgente' },
  { dueIn: 3, amount: 150_000, pix: true },
];

export function planTitles(count: number, random: Random): TitlePlan[] {
  const plans: TitlePlan[] = [{ kind: 'payable', dueIn: -3, amount: 314_159, id: collidingIds.title }];
  for (const trait of traits) plans.push({ kind: 'payable', ...trait }, { kind: 'receivable', ...trait });
  for (let position = plans.length; position < count; position += 1) plans.push(planOne(position, random));
  return plans.slice(0, count);
}

function planOne(position: number, random: Random): TitlePlan {
  const plan: TitlePlan = {
    kind: position % 2 === 0 ? 'payable' : 'receivable',
    amount: random.chance(0.15) ? random.int(500_000, 4_500_000) : random.int(5_000, 499_999),
    dueIn: 0,
    boleto: random.chance(0.3),
    viaApi: random.chance(0.1),
    ...(random.chance(0.08) && { categoryShares: [55, 45] }),
    ...(random.chance(0.4) && { departmentShares: random.chance(0.3) ? [50, 30, 20] : [100] }),
    ...(random.chance(0.05) && { withheld: true }),
  };
  // Twenty-five slots in a stride that mixes them evenly along the ids.
  const slot = (Math.floor(position / 2) * 7) % 25;
  const past = -random.int(1, 400);
  if (slot <= 4) return { ...plan, dueIn: past };
  if (slot === 5) return { ...plan, dueIn: 0 };
  if (slot <= 12) return { ...plan, dueIn: random.int(1, 180) };
  if (slot <= 20) return { ...plan, dueIn: past, payments: paymentsOf(random) };
  if (slot <= 22) {
    const dueIn = slot === 21 ? past : random.int(0, 60);
    return {
      ...plan,
      dueIn,
      payments: [{ percent: random.int(10, 80), after: dueIn < 0 ? random.int(0, 10) : -dueIn }],
    };
  }
  return slot === 23 ? { ...plan, dueIn: past, cancelled: true } : { ...plan, dueIn: past, payments: payInFull };
}

function paymentsOf(random: Random): PaymentPlan[] {
  const late = random.int(1, 20);
  switch (random.int(0, 5)) {
    case 0:
      return [{ percent: 100, after: late, interestPercent: 1.37, finePercent: 2 }];
    case 1:
      return [{ percent: 100, after: -random.int(1, 5), discountPercent: 4.5 }];
    case 2:
      return [
        { percent: 33.3, after: 0 },
        { percent: 33.3, after: late },
        { percent: 100, after: late + 5 },
      ];
    default:
      return [{ percent: 100, after: 0 }];
  }
}
