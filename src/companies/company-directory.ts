import { CompanyNotFoundError } from '../errors.ts';
import { shorten } from '../shorten.ts';
import { bareCnpj } from './cnpj.ts';
import type { Company } from './company.ts';
import { type CredentialManager, disabledError } from './credential-manager.ts';
import { nameKey } from './name-key.ts';
import { nearestCompanies } from './nearest-companies.ts';
import type { Principal } from './principal.ts';

/** What the directory needs of the manager: the companies of the moment, and when they change. */
export type CompanyRoll = Pick<CredentialManager, 'companies' | 'disabledEntries' | 'onChange'>;

const MAX_NEAREST = 5;
const byNome = new Intl.Collator('pt-BR', { sensitivity: 'base', numeric: true });

/** Finds companies by what people call them, within what the asker may see. Follows reloads by itself. */
export class CompanyDirectory {
  readonly #roll: CompanyRoll;
  readonly #unsubscribe: () => void;
  #index: Index;

  constructor(roll: CompanyRoll) {
    this.#roll = roll;
    this.#index = new Index(roll);
    this.#unsubscribe = roll.onChange(() => {
      this.#index = new Index(this.#roll);
    });
  }

  /**
   * The one company that answers to an id (exact, then without regard to case), an exact nome (case, accents and
   * spaces apart) or a CNPJ in any spelling. Throws {@link CompanyNotFoundError} with the nearest visible ones when
   * none or several do, and `CredentialError` with the reason when the company is disabled. A company out of the
   * principal's scope takes no part: the answer is that of a company that does not exist.
   */
  resolve(reference: string, principal: Principal): Company {
    // The road of every tool call: one map lookup, nothing allocated.
    const exact = this.#index.byId.get(reference);
    if (exact !== undefined && principal.canSee(exact)) return exact;

    const visible = this.#index.candidates(reference, ({ company }) => principal.canSee(company));
    const usable = visible.filter((entry) => entry.motivo === undefined);
    const [first] = usable;
    if (first !== undefined && usable.length === 1) return first.company;
    if (usable.length > 1)
      throw ambiguous(
        reference,
        usable.map((entry) => entry.company),
      );
    const [out] = visible;
    if (out?.motivo !== undefined) throw disabledError({ company: out.company, motivo: out.motivo });
    throw unknown(reference, nearestCompanies(reference, this.list(principal), MAX_NEAREST));
  }

  /**
   * Every company that answers to the reference, disabled or not and whoever may see it: for records, never for an
   * answer. There is neither a shortcut for an id nor a search for what is near, so that a caller's stopwatch tells
   * nothing: what exists takes as long as what does not.
   */
  named(reference: string): readonly Company[] {
    return this.#index.candidates(reference, () => true).map(({ company }) => company);
  }

  /** Usable companies the principal may see, by nome. */
  list(principal: Principal): Company[] {
    return this.#index.sorted.filter((company) => principal.canSee(company));
  }

  /**
   * Ids for completion: those whose id or nome starts with the text, then those that contain it. All of them: who
   * answers a completion cuts at the protocol's 100 and says how many there were.
   */
  suggest(prefix: string, principal: Principal): string[] {
    const wanted = nameKey(prefix);
    const starting: string[] = [];
    const containing: string[] = [];
    for (const company of this.list(principal)) {
      const texts = [nameKey(company.id), nameKey(company.nome)];
      if (texts.some((text) => text.startsWith(wanted))) starting.push(company.id);
      else if (texts.some((text) => text.includes(wanted))) containing.push(company.id);
    }
    return [...starting, ...containing];
  }

  close(): void {
    this.#unsubscribe();
  }
}

interface Entry {
  readonly company: Company;
  /** Present when the company is disabled. */
  readonly motivo?: string;
}

/** Lookup tables over one state of the roll. */
class Index {
  readonly byId = new Map<string, Company>();
  readonly sorted: readonly Company[];
  readonly #byFoldedId = new Map<string, Entry[]>();
  readonly #byNome = new Map<string, Entry[]>();
  readonly #byCnpj = new Map<string, Entry[]>();

  constructor(roll: CompanyRoll) {
    const companies = roll.companies();
    for (const company of companies) {
      this.byId.set(company.id, company);
      this.#add({ company });
    }
    for (const { company, motivo } of roll.disabledEntries()) this.#add({ company, motivo });
    this.sorted = [...companies].sort((a, b) => byNome.compare(a.nome, b.nome) || byNome.compare(a.id, b.id));
  }

  /** Entries of the first way of naming that reaches any accepted one: id, then nome, then CNPJ. */
  candidates(reference: string, accept: (entry: Entry) => boolean): Entry[] {
    const key = nameKey(reference);
    const ways = [this.#byFoldedId.get(key), this.#byNome.get(key), this.#byCnpj.get(bareCnpj(reference) ?? '')];
    for (const way of ways) {
      const accepted = way?.filter(accept) ?? [];
      if (accepted.length > 0) return accepted;
    }
    return [];
  }

  #add(entry: Entry): void {
    const { id, nome, cnpj } = entry.company;
    append(this.#byFoldedId, nameKey(id), entry);
    append(this.#byNome, nameKey(nome), entry);
    const bare = bareCnpj(cnpj);
    if (bare !== undefined) append(this.#byCnpj, bare, entry);
  }
}

function append(map: Map<string, Entry[]>, key: string, entry: Entry): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [entry]);
  else list.push(entry);
}

function ambiguous(reference: string, companies: readonly Company[]): CompanyNotFoundError {
  return new CompanyNotFoundError(`Mais de uma empresa atende por "${shown(reference)}".`, {
    hint: `Use o id: ${naming(companies.slice(0, MAX_NEAREST))}.`,
  });
}

function unknown(reference: string, nearest: readonly Company[]): CompanyNotFoundError {
  const hint = nearest.length === 0 ? 'Nenhuma empresa está disponível.' : `As mais próximas: ${naming(nearest)}.`;
  return new CompanyNotFoundError(`Nenhuma empresa atende por "${shown(reference)}".`, { hint });
}

const naming = (companies: readonly Company[]): string => companies.map(({ id, nome }) => `${id} (${nome})`).join('; ');

/** The reference comes from the caller: one line, not too long. */
function shown(reference: string): string {
  return shorten(reference.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, ' ').trim(), 80);
}
