import type { z } from 'zod';
import type { CompanyCredentials } from '../companies/company.ts';
import type { StopSignal } from '../stop-signal.ts';
import type { BreakerStates } from './breaker.ts';

/** One read call of Omie's API: where it lives, how it pages, and the wire shapes in Omie's own names. */
export interface OmieCall<Row = unknown> {
  /** Method name as Omie spells it, e.g. `ListarMovimentos`. Must stand on the read list. */
  readonly name: string;
  /** Path below the base URL, with the trailing slash Omie insists on, e.g. `financas/mf/`. */
  readonly path: string;
  /** snake: `pagina/registros_por_pagina/total_de_paginas`; hungarian: `nPagina/nRegPorPagina/nTotPaginas`. */
  readonly dialect: 'snake' | 'hungarian';
  /** Key of the array of rows in the response. */
  readonly listKey: string;
  /** Every field optional; unknown fields dropped. */
  readonly row: z.ZodType<Row>;
  /** Largest page worth asking for: 100 on snake lists (silent cap), up to 500 on hungarian ones. */
  readonly maxPageSize: number;
  /** Identity of a row, for de-duplication across pages. */
  readonly idOf: (row: Row) => string | number | undefined;
}

export type OmieParams = Readonly<Record<string, unknown>>;

export interface ReadOptions {
  readonly signal?: StopSignal | undefined;
  /** Reported after each page, with the server's word for how many there are. */
  readonly onPage?: ((pagesRead: number, totalPages: number) => void) | undefined;
  /**
   * Pages of the usual size this read may cost at most; the rest is left and said. 1 is the first page and no more; else,
   * while pages have to be smaller than usual, it is up to four times as many.
   */
  readonly pageBudget?: number | undefined;
  /**
   * What is left of the question's time, in milliseconds; queue, pages and retries all fit in. 30 s when left out. Several
   * reads for one question share those.
   */
  readonly timeoutMs?: number | undefined;
}

/** Why a list is not whole. */
export type IncompleteReason =
  | 'orcamento_de_paginas'
  | 'pagina_vazia'
  | 'pagina_repetida'
  | 'lista_mudou'
  | 'contagem_divergente'
  | 'limite_de_paginas'
  | 'tempo_esgotado';

export interface ListReading<Row> {
  readonly rows: readonly Row[];
  /** Omie's own count of rows in the whole query (its word, not proof). */
  readonly totalRows: number;
  readonly totalPages: number;
  readonly pagesRead: number;
  /** Rows asked for a page; Omie may have given fewer. Absent where one page was the whole list. */
  readonly pageSize?: number;
  /** True only when every page was read, no id came twice in conflict and the count matched. */
  readonly complete: boolean;
  readonly reason?: IncompleteReason;
  /** When the oldest page in this reading left Omie. */
  readonly fetchedAt: Date;
}

/** The only door to Omie. Reads alone: a call whose name is not on the read list is refused before a socket opens. */
export interface OmieClient {
  /** Walks all pages of a list. Throws `AppError`s only; the no-records fault is an empty list. */
  readList<Row>(
    company: CompanyCredentials,
    call: OmieCall<Row>,
    params: OmieParams,
    options?: ReadOptions,
  ): Promise<ListReading<Row>>;
  /** One page of a list as the server cuts it (page ≥ 1, size ≤ `call.maxPageSize`). */
  readPage<Row>(
    company: CompanyCredentials,
    call: OmieCall<Row>,
    params: OmieParams,
    page: { number: number; size: number },
    options?: ReadOptions,
  ): Promise<ListReading<Row>>;
  /** One cheap call that proves the keys work. */
  check(company: CompanyCredentials, options?: ReadOptions): Promise<void>;
  /**
   * The company left, or has other keys: what failed or was refused with the old ones counts no more. What Omie itself goes
   * on counting for the application stays until its time is over, should it come back: the countdown of a block, error
   * answers of the last minute, pauses, serial methods, and that a question was asked a moment ago.
   */
  forget(companyId: string): void;
  stats(): OmieStats;
  /** Loads what the first read would else wait for; for a quiet moment. Asks Omie nothing. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

export interface OmieStats {
  readonly requests: number;
  readonly cache: { readonly hits: number; readonly misses: number; readonly shared: number };
  readonly queued: number;
  readonly inFlight: number;
  readonly retries: number;
  readonly openBreakers: number;
  readonly breakers: BreakerStates;
}
