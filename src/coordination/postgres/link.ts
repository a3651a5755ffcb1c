/** The way to the database: a few connections for statements, one that listens, and what to do when they break. */
import type { Client, ClientConfig, Pool } from 'pg';
import { migrate } from './schema.ts';

/** All that the replicas tell each other goes through one channel; the first word says what it is about. */
export const CHANNEL = 'omie_mcp_hub';

/** A statement that takes longer finds the database too slow to wait for. */
const STATEMENT_MS = 2_000;
/** For a network that swallows bytes: the server's own limit above cannot be heard then. */
const ANSWER_MS = 3_000;
const CONNECT_MS = 3_000;
/** The migration waits for another replica's. */
const MIGRATION_MS = 15_000;
const CONNECTIONS = 4;
const FIRST_RETRY_MS = 250;
/** Also how long the last replica may take to come back: see `REJOIN_MS`. */
export const LONGEST_RETRY_MS = 4_000;
const BEAT_MS = 1_000;
/** Beats between two signs of life on the connection that only listens: a network may drop a silent one in silence. */
const EAR_EVERY = 30;

export interface LinkListener {
  /** The database answers; statements may be sent. Runs before anybody else learns of it. */
  up(first: boolean): Promise<void>;
  down(): void;
  /** Every second while up. A failure brings the link down. */
  beat(): Promise<void>;
  heard(message: string): void;
}

export interface LinkOptions {
  readonly url: string;
  /** Told once for each change; `reason` is Portuguese and names no address. */
  readonly report: (event: { state: 'up' | 'down'; reason?: string; code?: string }) => void;
}

export class LinkDown extends Error {}

export class PostgresLink {
  readonly #options: LinkOptions;
  readonly #listeners: LinkListener[] = [];
  #pool: Pool | undefined;
  #ear: Client | undefined;
  #state: 'starting' | 'up' | 'down' | 'closed' = 'starting';
  #reason = 'o banco de dados ainda não respondeu';
  #retryMs = FIRST_RETRY_MS;
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  listen(listener: LinkListener): void {
    this.#listeners.push(listener);
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Why statements cannot be sent; undefined when they can. */
  get problem(): string | undefined {
    return this.#state === 'up' || this.#state === 'closed' ? undefined : this.#reason;
  }

  /** One attempt, waited for; when it fails the link goes on trying by itself. Never throws. */
  async start(): Promise<void> {
    await this.#connect(true);
  }

  /** @throws LinkDown when the database does not answer; every listener has been told by then. */
  async query(text: string, values: unknown[] = []): Promise<unknown[]> {
    const pool = this.#pool;
    if (this.#state !== 'up' || pool === undefined) throw new LinkDown();
    try {
      return (await pool.query(text, values)).rows;
    } catch (error) {
      // Whatever it was: without its answer the replicas do not know of each other.
      if (pool === this.#pool) this.#break(error);
      throw new LinkDown('', { cause: error });
    }
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    await this.#hangUp();
  }

  async #connect(first = false): Promise<void> {
    const { Client, Pool } = (await import('pg')).default;
    const base: ClientConfig = {
      connectionString: this.#options.url,
      application_name: 'omie-mcp-hub',
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    };
    const ear = new Client({ ...base, statement_timeout: MIGRATION_MS, query_timeout: MIGRATION_MS });
    this.#ear = ear;
    const broke = (error: unknown): void => {
      if (this.#ear === ear) this.#break(error);
    };
    // Without a listener an idle connection that breaks would end the process.
    ear.on('error', broke);
    ear.on('end', () => broke(undefined));
    ear.on('notification', ({ payload = '' }) => {
      for (const listener of this.#listeners) listener.heard(payload);
    });
    try {
      await ear.connect();
      await migrate(ear);
      await ear.query(`LISTEN ${CHANNEL}`);
      if (this.#state === 'closed') return await this.#hangUp();
      this.#pool = new Pool({
        ...base,
        max: CONNECTIONS,
        statement_timeout: STATEMENT_MS,
        query_timeout: ANSWER_MS,
        idle_in_transaction_session_timeout: STATEMENT_MS,
      });
      this.#pool.on('error', broke);
      this.#state = 'up';
      for (const listener of this.#listeners) await listener.up(first);
      if (!this.isUp) return;
      this.#retryMs = FIRST_RETRY_MS;
      this.#options.report({ state: 'up' });
      this.#timer = setTimeout(this.#beat, BEAT_MS).unref();
    } catch (error) {
      broke(error);
    }
  }

  readonly #beat = async (): Promise<void> => {
    try {
      for (const listener of this.#listeners) await listener.beat();
      this.#beats += 1;
      // Said again it changes nothing.
      if (this.#beats % EAR_EVERY === 0) await this.#ear?.query(`LISTEN ${CHANNEL}`);
      if (this.isUp) this.#timer = setTimeout(this.#beat, BEAT_MS).unref();
    } catch (error) {
      // A failed statement has broken the link already; whatever else it was must not end the beat in silence.
      this.#break(error);
    }
  };

  #break(error: unknown): void {
    if (this.#state === 'closed' || this.#state === 'down') return;
    this.#state = 'down';
    const code = codeOf(error);
    this.#reason = reasonOf(code);
    clearTimeout(this.#timer);
    void this.#hangUp();
    for (const listener of this.#listeners) listener.down();
    this.#options.report({ state: 'down', reason: this.#reason, ...(code !== undefined && { code }) });
    this.#retry();
  }

  #retry(): void {
    // Half to whole, so that replicas that lost it together do not all come back in the same instant.
    const waitMs = this.#retryMs * (0.5 + Math.random() / 2);
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
    this.#timer = setTimeout(() => {
      this.#state = 'starting';
      void this.#connect();
    }, waitMs).unref();
  }

  async #hangUp(): Promise<void> {
    const [pool, ear] = [this.#pool, this.#ear];
    this.#pool = undefined;
    this.#ear = undefined;
    await Promise.allSettled([pool?.end(), ear?.end()]);
  }
}

/** PostgreSQL's (SQLSTATE) or the system's; undefined where nobody gave one. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}

/** Never the error's own words: they may hold a host name, a user or a part of the URL. */
export function reasonOf(code: string | undefined): string {
  if (code === undefined) return 'a conexão com o banco de dados caiu ou não respondeu a tempo';
  if (code === '28P01' || code === '28000') return 'o banco de dados recusou o usuário ou a senha';
  if (code === '3D000') return 'o banco de dados da DATABASE_URL não existe';
  if (code === '42501') return 'o usuário do banco de dados não tem as permissões necessárias';
  if (code === '53300') return 'o banco de dados não aceita mais conexões';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'o servidor da DATABASE_URL não foi encontrado';
  if (/CERT|TLS|SSL|SIGNED/.test(code)) return 'o certificado do banco de dados não é válido';
  if (/^E[A-Z]+$/.test(code)) return `o banco de dados não pôde ser alcançado (${code})`;
  return `o banco de dados falhou (${code})`;
}
