/** The same pages with nothing but undici and JSON.parse: what any client of this machine needs at least. */
import { Pool } from 'undici';
import { appKey } from '../credentials.ts';
import { isFields } from './check-answer.ts';

const IN_FLIGHT = 4;
const PATH = '/api/v1/geral/categorias/';
const HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

export async function readAllBare(origin: string, companies: number, pages: number): Promise<void> {
  const pool = new Pool(origin, { connections: 1_024, pipelining: 1 });
  await Promise.all(Array.from({ length: companies }, (_, index) => readCompany(pool, appKey(index, pages))));
  await pool.destroy();
}

async function readCompany(pool: Pool, key: string): Promise<void> {
  const pages = await readPage(pool, key, 1);
  let next = 2;
  const work = async (): Promise<void> => {
    while (next <= pages) {
      next += 1;
      await readPage(pool, key, next - 1);
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, pages - 1) }, work));
}

/** How many pages there are. */
async function readPage(pool: Pool, key: string, page: number): Promise<number> {
  const body = `{"call":"ListarCategorias","app_key":"${key}","app_secret":"x","param":[{"pagina":${page},"registros_por_pagina":50}]}`;
  const reply = await pool.request({ path: PATH, method: 'POST', headers: HEADERS, body });
  const parsed: unknown = JSON.parse(await reply.body.text());
  if (!isFields(parsed) || parsed['pagina'] !== page) throw new Error(`page ${page} is not what was asked for`);
  return Number(parsed['total_de_paginas']);
}
