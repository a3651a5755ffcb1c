import { afterAll, expect, it } from 'vitest';
import { blocked } from '../../src/simulator/faults.ts';
import { startHouse, type TestHouse } from '../support/house.ts';

const houses: TestHouse[] = [];
afterAll(async () => {
  for (const house of houses.toReversed()) await house.close();
});

async function start(options: Parameters<typeof startHouse>[0]): Promise<TestHouse> {
  const house = await startHouse(options);
  houses.push(house);
  return house;
}

it('a restart without a database forgets what was asked: Omie refuses the same question, and it is said for how long', async () => {
  const question = { company_id: 'empresa_001' };
  const before = await start({ limits: {} });
  expect((await before.post('consultar_categorias_empresa', question)).status).toBe(200);
  // Without a restart it is answered from memory.
  expect((await before.post('consultar_categorias_empresa', question)).status).toBe(200);
  await before.app.stop();

  const { simulator, credentialsFile } = before;
  const after = await start({ variables: { OMIE_BASE_URL: simulator.url, CREDENTIALS_FILE: credentialsFile } });
  const { status, body, headers } = await after.post('consultar_categorias_empresa', question);
  expect(status).toBe(429);
  expect(body.erro).toMatchObject({ codigo: 'omie_limite', tente_novamente: true });
  expect(body.erro.espera_segundos).toBeGreaterThan(0);
  expect(body.erro.espera_segundos).toBeLessThanOrEqual(61);
  expect(headers.get('retry-after')).toBe(String(body.erro.espera_segundos));
  // Another question is another matter.
  const other = await after.post('consultar_contas_pagar_empresa', question);
  expect(other.status).toBe(200);
});

it('a company that leaves the file and comes back is answered as before: its question from memory, its block by the countdown', async () => {
  const { simulator, post, writeCredentials } = await start({ limits: {} });
  const question = { company_id: 'empresa_001' };
  const { empresa_001: _, ...others } = simulator.credentialsFile();
  simulator.faults.next('ListarMovimentos', blocked(1_678));
  const answered = await post('consultar_categorias_empresa', question);
  expect((await post('consultar_contas_pagar_empresa', question)).body.erro.codigo).toBe('omie_bloqueada');
  const requests = simulator.journal.count();

  await writeCredentials(others);
  await post('reload_credenciais', {});
  expect((await post('consultar_categorias_empresa', question)).status).toBe(404);
  await writeCredentials(simulator.credentialsFile());
  await post('reload_credenciais', {});
  expect((await post('consultar_categorias_empresa', question)).body).toEqual(answered.body);
  const { erro } = (await post('consultar_contas_pagar_empresa', question)).body;
  expect(erro).toMatchObject({ codigo: 'omie_bloqueada', espera_segundos: expect.any(Number) });
  expect(erro.espera_segundos).toBeGreaterThan(1_000);
  expect(simulator.journal.count()).toBe(requests);
});
