/** Turns title plans into titles with payments, bank entries, boletos and pix charges. */
import { settlementOf, splitAmount, withheldFrom } from '../balance.ts';
import type { Company } from '../company.ts';
import type { Day } from '../dates.ts';
import type { Account, Client, DepartmentShare, Stamp, Tax, TaxLine, Title } from '../model.ts';
import type { Random } from '../random.ts';
import { payableCategories, receivableCategories } from './chart-of-accounts.ts';
import { collidingIds, idBase } from './companies.ts';
import { type PaymentPlan, planTitles, type TitlePlan } from './title-plans.ts';

export interface SeedContext {
  company: Company;
  random: Random;
  today: Day;
  at: Date;
  stamp: (day: Day) => Stamp;
  payableClients: readonly Client[];
  receivableClients: readonly Client[];
  accounts: readonly Account[];
  departmentCodes: readonly string[];
  projectIds: readonly number[];
}

const documentTypes = ['BOL', 'BOL', 'NFE', 'TED', 'DIN', '99999'] as const;
const taxPercents: readonly (readonly [Tax, number])[] = [
  ['pis', 0.65],
  ['cofins', 3],
  ['csll', 1],
  ['ir', 1.5],
];

export function seedTitles(count: number, context: SeedContext): void {
  const base = idBase(context.company.profile.index) + 100_001;
  planTitles(count, context.random).forEach((plan, position) => {
    const title = titleFrom(plan, plan.id ?? base + position, position, context);
    context.company.addTitle(title);
    payTitle(title, plan, context);
    if (plan.cancelled) context.company.cancelTitle(title, Math.min(context.today, title.due + 1));
    if (plan.pix) chargeByPix(title, position, context);
  });
}

function titleFrom(plan: TitlePlan, id: number, position: number, context: SeedContext): Title {
  const { random, today } = context;
  const payable = plan.kind === 'payable';
  const due = today + plan.dueIn;
  const issued = Math.min(today, due - random.int(5, 45));
  const account = random.pick(context.accounts);
  const stamp = context.stamp(issued);
  const installments = random.pick([1, 1, 1, 3, 6, 12]);
  return {
    id,
    integrationCode: plan.viaApi ? `INT-${plan.kind === 'payable' ? 'P' : 'R'}-${position}` : '',
    kind: plan.kind,
    clientId: clientFor(plan, context).id,
    amount: plan.amount,
    issued,
    registered: issued,
    due,
    expected: random.chance(0.8) ? due : due + random.int(1, 7),
    categories: categoryShares(plan, random),
    departments: departmentShares(plan, context.departmentCodes, random),
    taxes: plan.withheld ? withheldTaxes(plan.amount) : {},
    payments: [],
    ...(random.chance(0.3) && { projectId: random.pick(context.projectIds) }),
    accountId: account.id,
    documentType: random.pick(documentTypes),
    documentNumber: random.chance(0.3) ? `DOC ${position}` : '',
    fiscalNumber: random.chance(0.7) ? String(1_000 + position).padStart(8, '0') : '',
    ...(!payable &&
      random.chance(0.5) && { orderNumber: String(position).padStart(15, '0'), orderId: id + 50_000_000 }),
    installment: `${String(random.int(1, installments)).padStart(3, '0')}/${String(installments).padStart(3, '0')}`,
    origin: plan.viaApi ? (payable ? 'APIP' : 'APIR') : payable ? 'MANP' : random.pick(['MANR', 'VENR', 'NFER']),
    operation: payable ? '21' : '11',
    barcode: '',
    ...(plan.notes !== undefined && { notes: plan.notes }),
    ...(!payable && plan.boleto && { boleto: boletoOf(id, issued) }),
    created: stamp,
    changed: stamp,
    viaApi: plan.viaApi ?? false,
  };
}

function clientFor(plan: TitlePlan, context: SeedContext): Client {
  const candidates = plan.kind === 'payable' ? context.payableClients : context.receivableClients;
  if (plan.id === collidingIds.title)
    return candidates.find((client) => client.id === collidingIds.client) ?? context.random.pick(candidates);
  const named =
    plan.clientName === undefined ? undefined : candidates.find((client) => client.legalName === plan.clientName);
  return named ?? context.random.pick(candidates);
}

function categoryShares(plan: TitlePlan, random: Random): Title['categories'] {
  const codes = plan.kind === 'payable' ? payableCategories : receivableCategories;
  const percents = plan.categoryShares ?? [100];
  const first = random.int(0, codes.length - 1);
  const amounts = splitAmount(plan.amount, percents);
  return percents.map((percent, index) => ({
    code: codes[(first + index) % codes.length] ?? '',
    percent,
    amount: amounts[index] ?? 0,
  }));
}

function departmentShares(plan: TitlePlan, codes: readonly string[], random: Random): DepartmentShare[] {
  const percents = plan.departmentShares ?? [];
  const first = random.int(0, codes.length - 1);
  const amounts = splitAmount(plan.amount, percents);
  return percents.map((percent, index) => ({
    code: codes[(first + index) % codes.length] ?? '',
    percent,
    amount: amounts[index] ?? 0,
  }));
}

function withheldTaxes(amount: number): Partial<Record<Tax, TaxLine>> {
  const lines: Partial<Record<Tax, TaxLine>> = {};
  for (const [tax, percent] of taxPercents)
    lines[tax] = { amount: Math.round((amount * percent) / 100), withheld: true };
  // Shown on the document but not withheld: lowers nothing.
  lines.iss = { amount: Math.round(amount * 0.05), withheld: false };
  return lines;
}

function payTitle(title: Title, plan: TitlePlan, context: SeedContext): void {
  const owed = title.amount - withheldFrom(title);
  for (const payment of plan.payments ?? []) {
    const { open } = settlementOf(title);
    const principal = Math.min(open, payment.percent === 100 ? open : Math.round((owed * payment.percent) / 100));
    const day = Math.max(title.issued, Math.min(context.today, title.due + payment.after));
    context.company.settle(
      title,
      { ...adjustments(principal, payment), ...paymentBase(title, day, context) },
      context.at,
    );
  }
}

function adjustments(
  principal: number,
  plan: PaymentPlan,
): { principal: number; discount: number; interest: number; fine: number } {
  const share = (percent: number | undefined): number => Math.round((principal * (percent ?? 0)) / 100);
  return {
    principal,
    discount: share(plan.discountPercent),
    interest: share(plan.interestPercent),
    fine: share(plan.finePercent),
  };
}

function paymentBase(title: Title, day: Day, { company, random, today }: SeedContext) {
  return {
    id: company.newId(),
    integrationCode: '',
    day,
    accountId: title.accountId,
    notes: '',
    // Recent entries wait for the bank's file before they are reconciled.
    reconciled: day < today - 10 || random.chance(0.2),
  };
}

function boletoOf(id: number, issued: Day): NonNullable<Title['boleto']> {
  const number = String(id % 1_000_000_000).padStart(9, '0');
  return {
    number,
    bankNumber: `109${number}`,
    barcode: `34191090${number.padEnd(36, '0')}`,
    issued,
    interestPercent: 1,
    finePercent: 2,
  };
}

function chargeByPix(title: Title, position: number, { company, stamp, today }: SeedContext): void {
  if (title.kind !== 'receivable') return;
  const id = idBase(company.profile.index) + 50_001 + position;
  const when = stamp(title.issued);
  company.pixCharges.set(id, {
    id,
    integrationCode: '',
    titleId: title.id,
    clientId: title.clientId,
    amount: title.amount,
    issued: Math.min(today, title.issued),
    due: title.due,
    status: 'ATIVO',
    created: when,
    changed: when,
    viaApi: false,
  });
}
