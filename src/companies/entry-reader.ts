import { jsonPath } from '../files/json-path.ts';
import { isRecord } from '../files/read-json.ts';
import type { Variables } from '../files/variables.ts';
import { Secret } from '../logging/secret.ts';
import { bareCnpj, formatCnpj, hasValidCheckDigits } from './cnpj.ts';
import type { Company, CompanyCredentials } from './company.ts';
import type { DisabledEntry } from './credential-set.ts';
import { companyEntrySchema, type DisabledCompanyEntry, disabledEntrySchema, knownKeys } from './credentials-schema.ts';
import { replaceVariables } from './entry-variables.ts';

const ID = /^[a-z0-9][a-z0-9_.-]{0,63}$/i;
const ID_RULE = 'id inválido: use até 64 letras sem acento, números, "_", "." e "-", começando por letra ou número';
const RESERVED_IDS: ReadonlySet<string> = new Set(
  Object.getOwnPropertyNames(Object.prototype).map((n) => n.toLowerCase()),
);

/** Collects companies and complaints, one entry of the file at a time. */
export class EntryReader {
  readonly companies = new Map<string, CompanyCredentials>();
  readonly disabled = new Map<string, DisabledEntry>();
  readonly problems: string[] = [];
  readonly warnings: string[] = [];
  readonly #variables: Variables;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  problem(path: readonly string[], message: string): void {
    this.problems.push(path.length === 0 ? message : `${jsonPath(path)}: ${message}`);
  }

  warn(path: readonly string[], message: string): void {
    this.warnings.push(`${jsonPath(path)}: ${message}`);
  }

  read(id: string, value: unknown): void {
    if (RESERVED_IDS.has(id.toLowerCase())) this.problem([id], 'id reservado: escolha outro');
    else if (!ID.test(id)) this.problem([id], ID_RULE);
    if (!isRecord(value)) {
      this.problem([id], 'deve ser um objeto com app_key, app_secret, nome e cnpj');
      return;
    }
    for (const key of Object.keys(value)) if (!knownKeys.has(key)) this.warn([id, key], 'chave desconhecida, ignorada');

    const { fields, reasons, malformed } = replaceVariables(value, this.#variables);
    for (const path of malformed)
      this.problem([id, ...path], `referência de variável malformada: use \${NOME} ou \${NOME:-padrão}`);
    if (malformed.length > 0) return;
    if (reasons.length > 0) this.#readDisabled(id, fields, reasons);
    else this.#readCompany(id, fields);
  }

  #readCompany(id: string, fields: Readonly<Record<string, unknown>>): void {
    const parsed = companyEntrySchema.safeParse(fields);
    if (!parsed.success) {
      this.#report(id, parsed.error.issues);
      return;
    }
    const { app_key: appKey, app_secret: appSecret } = parsed.data;
    const company = this.#describe(id, parsed.data);
    this.companies.set(id, Object.freeze({ company, appKey: new Secret(appKey), appSecret: new Secret(appSecret) }));
  }

  #readDisabled(id: string, fields: Readonly<Record<string, unknown>>, reasons: readonly string[]): void {
    const parsed = disabledEntrySchema.safeParse(fields);
    if (!parsed.success) this.#report(id, parsed.error.issues);
    else this.disabled.set(id, { company: this.#describe(id, parsed.data), motivo: reasons.join('; ') });
  }

  #report(id: string, issues: readonly { path: readonly PropertyKey[]; message: string }[]): void {
    for (const { path, message } of issues) this.problem([id, ...path.map(pathStep)], message);
  }

  #describe(id: string, entry: DisabledCompanyEntry): Company {
    const { nome = id, cnpj = '', ambiente = 'producao', grupos = [], rate_limit: rateLimitPerMinute } = entry;
    const bare = bareCnpj(cnpj);
    if (bare !== undefined && !hasValidCheckDigits(bare)) {
      this.warn([id, 'cnpj'], 'os dígitos verificadores não conferem');
    }
    return Object.freeze({
      id,
      nome,
      cnpj: bare === undefined ? '' : formatCnpj(bare),
      ambiente,
      grupos: Object.freeze([...new Set(grupos)]),
      ...(rateLimitPerMinute === undefined ? {} : { rateLimitPerMinute }),
    });
  }
}

const pathStep = (step: PropertyKey): string => (typeof step === 'number' ? `[${step}]` : String(step));
