/** Bank accounts and the entries that belong to no title: fees and transfers between accounts. */
import type { Company } from '../company.ts';
import type { Day } from '../dates.ts';
import type { Account, BankEntry, Changes, Stamp } from '../model.ts';
import type { Random } from '../random.ts';
import { idBase } from './companies.ts';

/** type | description | bank | active | opening balance | limit */
const accountTable = [
  ['CC', 'Itaú Conta Movimento', '341', true, 5_000_000, 1_000_000],
  ['CC', 'Banco do Brasil', '001', true, 1_234_567, 0],
  ['CX', 'Caixinha', '999', true, 50_000, 0],
  ['CA', 'Aplicação CDB', '341', true, 10_000_000, 0],
  ['CR', 'Cartão Corporativo (encerrado)', '341', false, 0, 500_000],
] as const;

const HISTORY_DAYS = 430;

export function seedAccounts(index: number, today: Day, stamp: Changes): Account[] {
  return accountTable.map(([type, description, bank, active, openingBalance, limit], position) => ({
    ...stamp,
    id: idBase(index) + 10_001 + position,
    integrationCode: position === 0 ? 'CONTA-PRINCIPAL' : '',
    description,
    type,
    bank,
    branch: '0001',
    number: `${12_345 + index * 10 + position}-${position}`,
    openingBalance,
    openingDay: today - HISTORY_DAYS,
    limit,
    active,
    issuesBoletos: position === 0,
    takesPix: position < 2,
  }));
}

export function seedBankEntries(
  company: Company,
  accounts: readonly Account[],
  random: Random,
  today: Day,
  stampOf: (day: Day) => Stamp,
  at: Date,
): void {
  const [main, , , savings] = accounts;
  if (!main || !savings) return;
  const add = (
    entry: Pick<BankEntry, 'accountId' | 'day' | 'amount' | 'origin' | 'type' | 'notes'> & Partial<BankEntry>,
    category: string,
  ): void => {
    const id = company.newId();
    const stamp = stampOf(entry.day);
    company.bankEntries.set(id, {
      id,
      integrationCode: '',
      categories: [{ code: category, amount: entry.amount, percent: 100 }],
      departments: [],
      documentNumber: '',
      created: stamp,
      changed: stamp,
      viaApi: false,
      writtenAtMs: at.getTime(),
      ...entry,
    });
  };
  for (let day = today - 400; day <= today; day += 30) {
    const fee = random.int(1_500, 9_900);
    add(
      {
        accountId: main.id,
        day,
        amount: -fee,
        origin: 'EXTP',
        type: 'DEB',
        notes: 'Tarifa "pacote" & avulsas',
        reconciledOn: day,
      },
      '2.07.01',
    );
    const yieldAmount = random.int(20_000, 90_000);
    add(
      {
        accountId: savings.id,
        day: day + 3 > today ? today : day + 3,
        amount: yieldAmount,
        origin: 'EXTR',
        type: 'CRE',
        notes: 'Rendimento',
      },
      '1.02.01',
    );
  }
  for (let day = today - 390; day <= today; day += 90) {
    const amount = random.int(50_000, 300_000);
    const transfer = { day, type: 'TRA', notes: 'Transferência entre contas' };
    add(
      { ...transfer, accountId: main.id, amount: -amount, origin: 'TRAP', destinationAccountId: savings.id },
      '0.01.01',
    );
    add({ ...transfer, accountId: savings.id, amount, origin: 'TRAR', destinationAccountId: main.id }, '0.01.02');
  }
  company.touch();
}
