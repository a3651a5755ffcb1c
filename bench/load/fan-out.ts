/** Reads every page of many companies through our Omie client and, in turn, bare; prints the seconds of both for each shape. */
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import type { CompanyCredentials } from '../../src/companies/company.ts';
import { Secret } from '../../src/logging/secret.ts';
import { listarCategorias } from '../../src/omie/calls/categorias.ts';
import { createOmieClient } from '../../src/omie/client.ts';
import { appKey } from '../credentials.ts';
import { readAllBare } from './bare-fan-out.ts';

const shapeSchema = z.object({ companies: z.number().int(), pages: z.number().int() });
const planSchema = z.object({ baseUrl: z.string(), rounds: z.number().int(), shapes: z.array(shapeSchema) });
type Shape = z.output<typeof shapeSchema>;

const plan = planSchema.parse(JSON.parse(process.argv[2] ?? ''));
const { origin } = new URL(plan.baseUrl);
const walls = plan.shapes.map(() => ({ ours: [] as number[], bare: [] as number[] }));
// The first reading is for the JIT: a server has long been running when somebody asks for fifty companies.
await readAll({ companies: 10, pages: 10 });
await readBare({ companies: 10, pages: 10 });
for (let round = 0; round < plan.rounds; round += 1) {
  for (const [index, shape] of plan.shapes.entries()) {
    walls[index]?.ours.push(await readAll(shape));
    walls[index]?.bare.push(await readBare(shape));
  }
}
process.stdout.write(`${JSON.stringify(walls)}\n`, () => process.exit(0));

/** A new client has its minute's budget whole and no open socket. */
async function readAll({ companies, pages }: Shape): Promise<number> {
  const omie = createOmieClient({ baseUrl: plan.baseUrl });
  const startedAt = performance.now();
  const readings = await Promise.all(
    Array.from({ length: companies }, (_, index) => omie.readList(company(index, pages), listarCategorias, {})),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  await omie.close();
  for (const reading of readings) {
    if (!reading.complete || reading.pagesRead !== pages || reading.rows.length !== reading.totalRows) {
      throw new Error(`read ${reading.pagesRead} of ${pages} pages, ${reading.rows.length} rows: ${reading.reason}`);
    }
  }
  return seconds;
}

/** With a new pool, whose sockets are not open either. */
async function readBare({ companies, pages }: Shape): Promise<number> {
  const startedAt = performance.now();
  await readAllBare(origin, companies, pages);
  return (performance.now() - startedAt) / 1_000;
}

function company(index: number, pages: number): CompanyCredentials {
  const id = `empresa_${index}`;
  return {
    company: { id, nome: id, cnpj: '00.000.000/0001-91', ambiente: 'producao', grupos: [] },
    appKey: new Secret(appKey(index, pages)),
    appSecret: new Secret('segredo-de-bancada'),
  };
}
