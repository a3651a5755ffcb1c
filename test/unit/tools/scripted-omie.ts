/** An Omie client that answers from a script, for trouble that is easier to write down than to provoke. */
import type { CompanyCredentials } from '../../../src/companies/company.ts';
import { fullAccess } from '../../../src/companies/principal.ts';
import { Secret } from '../../../src/logging/secret.ts';
import type { ListReading, OmieCall, OmieClient, OmieParams, ReadOptions } from '../../../src/omie/omie-client.ts';

export interface Asked {
  call: string;
  params: OmieParams;
  company: string;
  page?: { number: number; size: number };
  pageBudget?: number | undefined;
}

/** Raw rows of a whole list, or a reading with trouble in it, or a throw. */
export type Script = (
  asked: Asked,
) => readonly unknown[] | (Partial<ListReading<unknown>> & { rows: readonly unknown[] });

export const FETCHED = new Date('2026-11-20T17:59:00Z');

export class ScriptedOmie implements OmieClient {
  readonly asked: Asked[] = [];
  readonly #script: Script;
  readonly #pageSize: number;

  constructor(script: Script, pageSize = 500) {
    this.#script = script;
    this.#pageSize = pageSize;
  }

  async readList<Row>(
    company: CompanyCredentials,
    call: OmieCall<Row>,
    params: OmieParams,
    options: ReadOptions = {},
  ): Promise<ListReading<Row>> {
    const asked = { call: call.name, params, company: company.company.id, pageBudget: options.pageBudget };
    this.asked.push(asked);
    const given = this.#script(asked);
    if (!isRows(given))
      return { ...this.#whole(given.rows), ...given, rows: given.rows.map((row) => call.row.parse(row)) };
    const totalPages = Math.ceil(given.length / this.#pageSize);
    const pagesRead = Math.min(totalPages, options.pageBudget ?? totalPages);
    options.onPage?.(pagesRead, totalPages);
    return {
      ...this.#whole(given),
      rows: given.slice(0, pagesRead * this.#pageSize).map((row) => call.row.parse(row)),
      totalPages,
      pagesRead,
      pageSize: 500,
      complete: pagesRead === totalPages,
      ...(pagesRead < totalPages && { reason: 'orcamento_de_paginas' }),
    };
  }

  async readPage<Row>(
    company: CompanyCredentials,
    call: OmieCall<Row>,
    params: OmieParams,
    page: { number: number; size: number },
  ): Promise<ListReading<Row>> {
    const asked = { call: call.name, params, company: company.company.id, page };
    this.asked.push(asked);
    const given = this.#script(asked);
    const all = isRows(given) ? given : given.rows;
    const rows = all.slice((page.number - 1) * page.size, page.number * page.size).map((row) => call.row.parse(row));
    return { ...this.#whole(all), rows, totalPages: Math.ceil(all.length / page.size) };
  }

  #whole(rows: readonly unknown[]): Omit<ListReading<never>, 'rows'> {
    return { totalRows: rows.length, totalPages: 1, pagesRead: 1, complete: true, fetchedAt: FETCHED };
  }

  async check(): Promise<void> {}
  async warmUp(): Promise<void> {}
  forget(): void {}
  stats(): never {
    throw new Error('not scripted');
  }
  async close(): Promise<void> {}
}

const isRows = (given: ReturnType<Script>): given is readonly unknown[] => Array.isArray(given);

export function company(id = 'empresa_001', appKey = `key-of-${id}`): CompanyCredentials {
  return {
    company: { id, nome: `Nome ${id}`, cnpj: '12.345.678/0001-95', ambiente: 'sandbox', grupos: [] },
    appKey: new Secret(appKey),
    appSecret: new Secret('s'),
  };
}

export const silent = {
  principal: fullAccess('local'),
  signal: new AbortController().signal,
  progress: (): void => {},
};
export const clock = { now: (): Date => new Date('2026-11-20T18:00:00Z') };
