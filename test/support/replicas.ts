import { rm } from 'node:fs/promises';
import { z } from 'zod';
import type { JournalEntry } from '../../src/simulator/journal.ts';
import type { SimulatorOptions } from '../../src/simulator/server.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { type Bench, type Program, startBench } from './program.ts';

export const headers = { authorization: 'Bearer a-token-of-this-test-alone' };

export interface Replica {
  readonly program: Program;
  readonly origin: string;
}

export interface Answer {
  readonly status: number;
  /** Of the error, when it is one. */
  readonly code: string | undefined;
  readonly text: string;
}

export interface SharedBench {
  readonly postgres: TestPostgres;
  readonly bench: Bench;
  /** A real server process on the one database. */
  start(extra?: Record<string, string>): Promise<Replica>;
  /** Everything Omie was asked so far. */
  journal(): readonly JournalEntry[];
  close(): Promise<void>;
}

/** A simulator with Omie's limits, a PostgreSQL, and as many servers as are started. */
export async function startSharedBench(bin: string, options: SimulatorOptions): Promise<SharedBench> {
  const postgres = await startPostgres(bin);
  const bench = await startBench({
    titlesPerCompany: 400,
    rateLimit: 960,
    limits: {},
    // Too narrow a question finds nothing, and that is no matter of these tests.
    quirks: { emptyCountsAsError: false },
    ...options,
  });
  return {
    postgres,
    bench,
    async start(extra = {}) {
      const MCP_AUTH_TOKEN = headers.authorization.slice('Bearer '.length);
      const program = bench.run(['serve', '--transports', 'http'], {
        DATABASE_URL: postgres.url,
        MCP_REPLICAS: '3',
        MCP_AUTH_TOKEN,
        ...extra,
      });
      return { program, origin: `http://127.0.0.1:${await program.port()}` };
    },
    journal: () => bench.simulator.journal.entries,
    async close() {
      await bench.close();
      await postgres.close();
      await rm(`${bench.credentialsFile}.a`, { force: true });
    },
  };
}

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

export interface DueDates {
  readonly vencimento_de: string;
  readonly vencimento_ate: string;
}

/** One of 1,280 questions of one page: 60 to 91 days of due dates. */
export function question(serial: number): DueDates {
  const from = -90 + (serial % 40);
  return { vencimento_de: day(from), vencimento_ate: day(from + 60 + (Math.floor(serial / 40) % 32)) };
}

export async function ask({ origin }: Replica, company_id: string, dates: DueDates): Promise<Answer> {
  const body = JSON.stringify({ company_id, registros_por_pagina: 1, ...dates });
  const url = `${origin}/tools/consultar_contas_pagar_empresa`;
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  return { status: response.status, code: /"codigo":"(\w+)"/.exec(text)?.[1], text };
}

const healthBody = z.object({ status: z.string(), motivo: z.string().optional() });

export async function health({ origin }: Replica, withToken = true): Promise<z.output<typeof healthBody>> {
  return healthBody.parse(await (await fetch(`${origin}/health`, withToken ? { headers } : {})).json());
}

export async function until(seen: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await seen()); tries += 1) {
    if (tries > 500) throw new Error('not seen');
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
