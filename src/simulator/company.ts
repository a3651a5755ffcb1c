/** The state of one company, with the few operations that keep titles and bank entries in step. */
import { settlementOf, splitAmount } from './balance.ts';
import { type Day, timeInBrasilia } from './dates.ts';
import type {
  Account,
  BankEntry,
  BudgetLine,
  Category,
  Client,
  ContractForecast,
  DeletedTitle,
  Department,
  DreLine,
  Payment,
  PixCharge,
  Project,
  SimulatedCompany,
  Stamp,
  Title,
  TitleKind,
} from './model.ts';

export type NewPayment = Omit<Payment, 'bankEntryId'>;

export class Company {
  readonly clients = new Map<number, Client>();
  readonly categories = new Map<string, Category>();
  readonly accounts = new Map<number, Account>();
  readonly departments = new Map<string, Department>();
  readonly projects = new Map<number, Project>();
  readonly titles = new Map<number, Title>();
  readonly bankEntries = new Map<number, BankEntry>();
  readonly pixCharges = new Map<number, PixCharge>();
  readonly dre: DreLine[] = [];
  readonly forecasts: ContractForecast[] = [];
  readonly budget: BudgetLine[] = [];
  readonly deletedTitles: DeletedTitle[] = [];
  #nextId: number;
  #listings = new Map<object, unknown>();
  readonly profile: SimulatedCompany;

  /** `firstFreeId`: where ids of records made by writes start. */
  constructor(profile: SimulatedCompany, firstFreeId: number) {
    this.profile = profile;
    this.#nextId = firstFreeId;
  }

  newId(): number {
    this.#nextId += 1;
    return this.#nextId;
  }

  /** A list derived from the state, kept until the state changes: pages of one query should not re-sort it. */
  listing<T>(build: (company: Company) => T): T;
  listing(build: (company: Company) => unknown): unknown {
    if (!this.#listings.has(build)) this.#listings.set(build, build(this));
    return this.#listings.get(build);
  }

  /** Call after changing the state by hand; every method below does. */
  touch(): void {
    this.#listings = new Map();
  }

  titlesOf(kind: TitleKind): readonly Title[] {
    return this.listing(kind === 'payable' ? payablesById : receivablesById);
  }

  titleByIntegrationCode(kind: TitleKind, code: string): Title | undefined {
    return this.titlesOf(kind).find((title) => title.integrationCode === code);
  }

  addTitle(title: Title): void {
    this.titles.set(title.id, title);
    this.touch();
  }

  removeTitle(title: Title, stamp: Stamp): void {
    for (const payment of title.payments) this.bankEntries.delete(payment.bankEntryId);
    this.titles.delete(title.id);
    this.deletedTitles.push({ id: title.id, day: stamp.day, time: stamp.time, user: stamp.user });
    this.touch();
  }

  /** Money of a cancelled title goes back: its bank entries vanish, the payments stay on record. */
  cancelTitle(title: Title, day: Day): void {
    title.cancelled = day;
    for (const payment of title.payments) this.bankEntries.delete(payment.bankEntryId);
    this.touch();
  }

  /** Records a payment and the bank entry that goes with it. */
  settle(title: Title, payment: NewPayment, at: Date): Payment {
    const bankEntryId = this.newId();
    const recorded: Payment = { ...payment, bankEntryId };
    title.payments.push(recorded);
    this.bankEntries.set(bankEntryId, bankLeg(title, recorded, at));
    this.touch();
    return recorded;
  }

  undoPayment(title: Title, payment: Payment): void {
    title.payments = title.payments.filter((other) => other !== payment);
    this.bankEntries.delete(payment.bankEntryId);
    this.touch();
  }

  findPayment(kind: TitleKind, matches: (payment: Payment) => boolean): { title: Title; payment: Payment } | undefined {
    for (const title of this.titlesOf(kind)) {
      const payment = title.payments.find(matches);
      if (payment) return { title, payment };
    }
    return undefined;
  }

  isSettled(title: Title): boolean {
    return settlementOf(title).open <= 0;
  }
}

const byId = (left: { id: number }, right: { id: number }): number => left.id - right.id;
const titlesById = (company: Company, kind: TitleKind): readonly Title[] =>
  [...company.titles.values()].filter((title) => title.kind === kind).sort(byId);
const payablesById = (company: Company): readonly Title[] => titlesById(company, 'payable');
const receivablesById = (company: Company): readonly Title[] => titlesById(company, 'receivable');

function bankLeg(title: Title, payment: Payment, at: Date): BankEntry {
  const cash = payment.principal - payment.discount + payment.interest + payment.fine;
  const signed = title.kind === 'payable' ? -cash : cash;
  const stamp: Stamp = { day: payment.day, time: timeInBrasilia(at), user: title.changed.user };
  const percents = title.categories.map((share) => share.percent);
  const amounts = splitAmount(signed, percents);
  return {
    id: payment.bankEntryId,
    integrationCode: '',
    accountId: payment.accountId,
    day: payment.day,
    amount: signed,
    categories: title.categories.map((share, index) => ({ ...share, amount: amounts[index] ?? 0 })),
    departments: title.departments.map((share) => ({ ...share, amount: Math.round((signed * share.percent) / 100) })),
    clientId: title.clientId,
    ...(title.projectId !== undefined && { projectId: title.projectId }),
    type: title.documentType,
    documentNumber: title.documentNumber,
    notes: payment.notes,
    origin: title.kind === 'payable' ? 'BAXP' : 'BAXR',
    ...(payment.reconciled && { reconciledOn: payment.day }),
    settlement: { titleId: title.id, paymentId: payment.id },
    created: stamp,
    changed: stamp,
    viaApi: payment.integrationCode !== '',
    writtenAtMs: at.getTime(),
  };
}
