import { CompanyNotFoundError, CredentialError } from '../errors.ts';
import type { LoadOutcome, SourceStatus } from '../files/file-source.ts';
import { watchFile } from '../files/watch-file.ts';
import type { SecretScrubber } from '../logging/redact.ts';
import type { Company, CompanyCredentials, DisabledCompany } from './company.ts';
import { type CacheStats, CredentialCache } from './credential-cache.ts';
import { type CredentialSet, compareSets, type DisabledEntry, type SetDifference } from './credential-set.ts';
import { badFile, type CredentialsSource } from './credentials-source.ts';

export interface CredentialManagerOptions {
  readonly source: CredentialsSource;
  /** Companies whose resolved keys are kept at once. */
  readonly maxEntries: number;
  /** How long resolved keys are kept, milliseconds. */
  readonly ttlMs: number;
  /** Follow changes of the file. Default false. */
  readonly watch?: boolean;
  /** Learns every key as soon as a set is taken in use. */
  readonly scrubber?: Pick<SecretScrubber, 'register'>;
  /** Told once per distinct matter; lines are Portuguese and hold no values. */
  readonly report?: (event: CredentialEvent) => void;
  /** A steady clock, milliseconds, for the TTL. */
  readonly monotonic?: () => number;
}

export type CredentialEvent =
  | { readonly kind: 'loaded'; readonly result: ReloadResult; readonly warnings: readonly string[] }
  | { readonly kind: 'rejected'; readonly problems: readonly string[] };

export interface ReloadResult extends SetDifference {
  readonly companies: readonly Company[];
  readonly disabled: readonly DisabledCompany[];
}

export type ChangeListener = (result: ReloadResult) => void;

const NOTHING: CredentialSet = { companies: new Map(), disabled: new Map() };

/** The companies in use and their keys: a true LRU with a TTL over the last good set of the credentials file. */
export class CredentialManager {
  readonly #options: CredentialManagerOptions;
  readonly #cache: CredentialCache;
  readonly #listeners = new Set<ChangeListener>();
  #set = NOTHING;
  #companies: readonly Company[] = [];
  #stopWatching: (() => void) | undefined;

  /** Loads the file. Throws `ConfigurationError` with every problem when it is bad. */
  constructor(options: CredentialManagerOptions) {
    this.#options = options;
    const { maxEntries, ttlMs, monotonic } = options;
    this.#cache = new CredentialCache({ maxEntries, ttlMs, monotonic, resolve: (id) => this.#set.companies.get(id) });
    this.#take(options.source.load());
    if (options.watch === true) {
      const { path } = options.source;
      const seen = () => options.source.fingerprint;
      this.#stopWatching = watchFile({ path, seen, onChange: () => this.#take(options.source.load()) });
    }
  }

  /**
   * The keys of one company. Throws {@link CompanyNotFoundError} for an unknown id and {@link CredentialError}, with
   * the reason, for a disabled one. What was handed out stays valid for the call that asked, whatever is reloaded.
   */
  async get(companyId: string): Promise<CompanyCredentials> {
    if (!this.#set.companies.has(companyId)) throw this.#unavailable(companyId);
    const credentials = this.#cache.get(companyId);
    if (credentials === undefined) throw this.#unavailable(companyId);
    return credentials;
  }

  /** Reads the file now. Throws `ConfigurationError` when it is bad; the last good set stays in use. */
  async reload(): Promise<ReloadResult> {
    const outcome = this.#options.source.load();
    const result = this.#take(outcome);
    if (outcome.kind === 'rejected') throw badFile(outcome.problems);
    return result;
  }

  /** Usable companies in file order; the same array until a reload changes something. */
  companies(): readonly Company[] {
    return this.#companies;
  }

  /** Companies out of use and why, whoever asks: filter by scope with {@link disabledEntries} before showing. */
  disabled(): readonly DisabledCompany[] {
    return [...this.#set.disabled].map(([id, { motivo }]) => ({ id, motivo }));
  }

  /** The same with all that is known of them, for questions of scope. */
  disabledEntries(): readonly DisabledEntry[] {
    return [...this.#set.disabled.values()];
  }

  stats(): CacheStats {
    return this.#cache.stats();
  }

  status(): SourceStatus {
    return this.#options.source.status();
  }

  /** Called after each reload that changed anything, the new set already in use. Returns the unsubscription. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    this.#listeners.clear();
    this.#cache.clear();
  }

  #take(outcome: LoadOutcome<CredentialSet>): ReloadResult {
    if (outcome.kind === 'rejected') {
      if (!outcome.repeated) this.#options.report?.({ kind: 'rejected', problems: outcome.problems });
      return this.#result(compareSets(this.#set, this.#set));
    }
    const difference = compareSets(this.#set, outcome.content);
    this.#set = outcome.content;
    if (difference.changed) this.#companies = [...outcome.content.companies.values()].map(({ company }) => company);
    for (const id of [...difference.removed, ...difference.rekeyed, ...difference.updated]) this.#cache.drop(id);
    for (const { appKey, appSecret } of outcome.content.companies.values()) {
      this.#options.scrubber?.register(appKey, appSecret);
    }
    const result = this.#result(difference);
    if (outcome.kind === 'loaded') this.#options.report?.({ kind: 'loaded', result, warnings: outcome.warnings });
    if (difference.changed) for (const listener of this.#listeners) listener(result);
    return result;
  }

  #result(difference: SetDifference): ReloadResult {
    return { ...difference, companies: this.#companies, disabled: this.disabled() };
  }

  #unavailable(id: string): CompanyNotFoundError | CredentialError {
    const entry = this.#set.disabled.get(id);
    return entry === undefined ? new CompanyNotFoundError('Empresa não encontrada.') : disabledError(entry);
  }
}

/** The failure of a call to a company that the file names but cannot be used. */
export function disabledError({ company, motivo }: DisabledEntry): CredentialError {
  return new CredentialError(`Empresa desativada: ${motivo}.`, {
    company: company.id,
    hint: 'Corrija o arquivo de credenciais ou a variável e use reload_credenciais.',
  });
}
