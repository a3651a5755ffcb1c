/** A whole company from a seed, an index and an instant: same three, same company. */
import { Company } from '../company.ts';
import { type Day, dayInBrasilia, timeInBrasilia } from '../dates.ts';
import type { Changes, SimulatedCompany, Stamp } from '../model.ts';
import { Random } from '../random.ts';
import { seedAccounts, seedBankEntries } from './bank.ts';
import { categories, dreLines, payableCategories, receivableCategories } from './chart-of-accounts.ts';
import { idBase } from './companies.ts';
import { seedClients } from './counterparties.ts';
import { type SeedContext, seedTitles } from './titles.ts';

export interface SeedOptions {
  seed: number;
  titlesPerCompany: number;
  at: Date;
}

const projectNames = ['Obra Centro', 'Expansão Norte', 'Loja 2 & Depósito', 'Projeto Encerrado'];
/** structure | description | group | active */
const departmentTable = [
  ['001', 'Empresa', true, true],
  ['001.001', 'Administrativo', false, true],
  ['001.002', 'Comercial', false, true],
  ['001.003', 'Produção', false, true],
  ['001.004', 'Logística & Frota', false, true],
  ['001.005', 'Filial Extinta', false, false],
] as const;

export function seedCompany(profile: SimulatedCompany, { seed, titlesPerCompany, at }: SeedOptions): Company {
  const today = dayInBrasilia(at);
  const random = new Random(`${seed}/titles/${profile.index}`);
  const base = idBase(profile.index);
  const company = new Company(profile, base + 5_000_000);
  const stampOf = (day: Day): Stamp => ({
    day,
    time: timeInBrasilia(new Date(at.getTime() + day * 61_000)),
    user: 'P000000001',
  });
  // Seeded bank entries count as written the day before, so no statement lag hides them.
  const writtenAt = new Date(at.getTime() - 86_400_000);
  const first = stampOf(today - 430);
  const changes: Changes = { created: first, changed: first, viaApi: false };

  for (const client of seedClients(seed, profile.index, changes)) company.clients.set(client.id, client);
  for (const category of categories()) company.categories.set(category.code, category);
  company.dre.push(...dreLines());
  const accounts = seedAccounts(profile.index, today, changes);
  for (const account of accounts) company.accounts.set(account.id, account);
  seedDepartments(company, base);
  projectNames.forEach((name, position) => {
    const id = base + 20_001 + position;
    company.projects.set(id, { ...changes, id, integrationCode: '', name, active: position < 3 });
  });

  const clients = [...company.clients.values()].filter((client) => client.active);
  const context: SeedContext = {
    company,
    random,
    today,
    at: writtenAt,
    stamp: stampOf,
    payableClients: clients.filter((client) => client.tags.includes('Fornecedor')),
    receivableClients: clients.filter((client) => client.tags.includes('Cliente')),
    accounts: accounts.filter((account) => account.type === 'CC'),
    departmentCodes: [...company.departments.values()].filter((one) => one.active && !one.group).map((one) => one.code),
    projectIds: [...company.projects.values()].filter((project) => project.active).map((project) => project.id),
  };
  seedTitles(titlesPerCompany, context);
  seedBankEntries(company, accounts, random, today, stampOf, writtenAt);
  seedForecasts(context);
  for (const category of [...receivableCategories, ...payableCategories]) {
    company.budget.push({ category, planned: random.int(1, 40) * 100_000 });
  }
  company.touch();
  return company;
}

function seedDepartments(company: Company, base: number): void {
  departmentTable.forEach(([structure, description, group, active], position) => {
    const code = String(base + 30_001 + position);
    company.departments.set(code, { code, description, structure, group, active });
  });
}

/** Contract forecasts are no titles: they show only in movimentos, as PREVISAO rows. */
function seedForecasts({ company, random, today, receivableClients, accounts }: SeedContext): void {
  const base = idBase(company.profile.index) + 40_001;
  const account = accounts[0];
  if (!account) return;
  for (let position = 0; position < 6; position += 1) {
    company.forecasts.push({
      id: base + position,
      contractId: base + 100 + Math.floor(position / 3),
      contractNumber: String(1 + Math.floor(position / 3)).padStart(8, '0'),
      clientId: random.pick(receivableClients).id,
      due: today + 15 + 30 * position,
      amount: random.int(10_000, 200_000),
      category: '1.01.04',
      accountId: account.id,
    });
  }
}
