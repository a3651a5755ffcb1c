/** Companies of one simulated Omie. Each is seeded on first use, so two hundred of them cost nothing until asked for. */
import type { SimulatorClock } from './clock.ts';
import type { Company } from './company.ts';
import { type Day, dayInBrasilia } from './dates.ts';
import type { SimulatedCompany } from './model.ts';
import { type TitleFilter, type TitleTotals, totalsOf } from './oracle.ts';
import { describeCompany } from './seed/companies.ts';
import { seedCompany } from './seed/seed-company.ts';

export interface StoreOptions {
  seed: number;
  companies: number;
  titlesPerCompany: number;
  clock: SimulatorClock;
}

export class Store {
  #profiles: readonly SimulatedCompany[] = [];
  #byId = new Map<string, SimulatedCompany>();
  #byKey = new Map<string, SimulatedCompany>();
  #seeded = new Map<string, Company>();
  #seededAt: Date;
  readonly #options: StoreOptions;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#seededAt = options.clock.now();
    const profiles: SimulatedCompany[] = [];
    for (let index = 0; index < options.companies; index += 1) profiles.push(describeCompany(options.seed, index));
    this.#profiles = profiles;
    this.#byId = new Map(profiles.map((profile) => [profile.id, profile]));
    this.#byKey = new Map(profiles.map((profile) => [profile.appKey, profile]));
  }

  get companies(): readonly SimulatedCompany[] {
    return this.#profiles;
  }

  /** The date seeds are relative to: the clock's date when the store was made or last reset. */
  get seededOn(): Day {
    return dayInBrasilia(this.#seededAt);
  }

  today(): Day {
    return dayInBrasilia(this.#options.clock.now());
  }

  findByKey(appKey: string): SimulatedCompany | undefined {
    return this.#byKey.get(appKey);
  }

  company(id: string): Company {
    const seeded = this.#seeded.get(id);
    if (seeded) return seeded;
    const profile = this.#byId.get(id);
    if (!profile) throw new RangeError(`no such simulated company: ${id}`);
    const company = seedCompany(profile, { ...this.#options, at: this.#seededAt });
    this.#seeded.set(id, company);
    return company;
  }

  /** Sums straight from the state, in centavos: a judge for whatever was computed from the wire. */
  totals(companyId: string, filter: TitleFilter = {}): TitleTotals {
    return totalsOf(this.company(companyId), this.today(), filter);
  }

  reset(): void {
    this.#seeded = new Map();
    this.#seededAt = this.#options.clock.now();
  }
}
