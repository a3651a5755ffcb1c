/** The simulated state, in our own words. Omie's names appear only where rows are written for the wire. */
import type { Day } from './dates.ts';

/** Money is integer centavos everywhere inside. */
export type Centavos = number;
export type TitleKind = 'payable' | 'receivable';

export interface Stamp {
  day: Day;
  time: string;
  user: string;
}

export interface Changes {
  created: Stamp;
  changed: Stamp;
  viaApi: boolean;
}

export interface Client extends Changes {
  id: number;
  integrationCode: string;
  legalName: string;
  tradeName: string;
  /** Formatted CNPJ or CPF. */
  taxId: string;
  person: boolean;
  tags: string[];
  email?: string;
  phone?: { area: string; number: string };
  address?: {
    street: string;
    number: string;
    district: string;
    city: string;
    cityCode: string;
    state: string;
    zip: string;
  };
  notes?: string;
  active: boolean;
}

export interface DreLine {
  code: string;
  description: string;
  level: number;
  sign: '+' | '-';
  total: boolean;
  hidden: boolean;
}

export interface Category {
  code: string;
  description: string;
  parent: string;
  group: boolean;
  side: 'revenue' | 'expense' | 'other';
  transfer: boolean;
  active: boolean;
  hidden: boolean;
  userDefined: boolean;
  dreCode: string;
}

export interface Account extends Changes {
  id: number;
  integrationCode: string;
  description: string;
  type: string;
  bank: string;
  branch: string;
  number: string;
  openingBalance: Centavos;
  openingDay: Day;
  limit: Centavos;
  active: boolean;
  issuesBoletos: boolean;
  takesPix: boolean;
}

export interface Department {
  code: string;
  description: string;
  structure: string;
  active: boolean;
  group: boolean;
}

export interface Project extends Changes {
  id: number;
  integrationCode: string;
  name: string;
  active: boolean;
}

export interface CategoryShare {
  code: string;
  amount: Centavos;
  percent: number;
}

export interface DepartmentShare {
  code: string;
  amount: Centavos;
  percent: number;
}

export const taxes = ['pis', 'cofins', 'csll', 'ir', 'iss', 'inss'] as const;
export type Tax = (typeof taxes)[number];

/** A tax shown on a title; only a withheld one lowers what is owed. */
export interface TaxLine {
  amount: Centavos;
  withheld: boolean;
}

export interface Payment {
  id: number;
  integrationCode: string;
  bankEntryId: number;
  day: Day;
  /** How much of the title this payment settles, discount included. */
  principal: Centavos;
  discount: Centavos;
  interest: Centavos;
  fine: Centavos;
  accountId: number;
  notes: string;
  reconciled: boolean;
}

export interface Boleto {
  number: string;
  bankNumber: string;
  barcode: string;
  issued: Day;
  interestPercent: number;
  finePercent: number;
}

export interface Title extends Changes {
  id: number;
  integrationCode: string;
  kind: TitleKind;
  clientId: number;
  amount: Centavos;
  issued: Day;
  registered: Day;
  due: Day;
  expected: Day;
  categories: CategoryShare[];
  departments: DepartmentShare[];
  taxes: Partial<Record<Tax, TaxLine>>;
  payments: Payment[];
  cancelled?: Day;
  projectId?: number;
  sellerId?: number;
  /** The planned account; payments may land on another. */
  accountId: number;
  documentType: string;
  documentNumber: string;
  fiscalNumber: string;
  invoiceKey?: string;
  orderNumber?: string;
  orderId?: number;
  installment: string;
  origin: string;
  operation: string;
  barcode: string;
  notes?: string;
  boleto?: Boleto;
}

export interface BankEntry extends Changes {
  id: number;
  integrationCode: string;
  accountId: number;
  day: Day;
  /** Signed: positive is money in. */
  amount: Centavos;
  categories: CategoryShare[];
  departments: DepartmentShare[];
  clientId?: number;
  projectId?: number;
  type: string;
  documentNumber: string;
  notes: string;
  origin: string;
  destinationAccountId?: number;
  reconciledOn?: Day;
  settlement?: { titleId: number; paymentId: number };
  /** Instant of creation, for the statement's lag. */
  writtenAtMs: number;
}

export interface ContractForecast {
  id: number;
  contractId: number;
  contractNumber: string;
  clientId: number;
  due: Day;
  amount: Centavos;
  category: string;
  accountId: number;
}

export interface PixCharge extends Changes {
  id: number;
  integrationCode: string;
  titleId: number;
  clientId: number;
  amount: Centavos;
  issued: Day;
  due: Day;
  status: string;
}

export interface DeletedTitle {
  id: number;
  day: Day;
  time: string;
  user: string;
}

export interface BudgetLine {
  category: string;
  planned: Centavos;
}

/** What a company is to the outside: enough to write a credentials file. */
export interface SimulatedCompany {
  readonly id: string;
  readonly index: number;
  readonly nome: string;
  readonly cnpj: string;
  readonly appKey: string;
  readonly appSecret: string;
  readonly ambiente: 'producao' | 'sandbox';
  readonly grupos: readonly string[];
}
