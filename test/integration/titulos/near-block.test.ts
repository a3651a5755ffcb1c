// Ten error answers block a method for half an hour, and "no records" is one of them: mistyped tax ids must not get a
// company blocked for everybody.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHouse, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse({ limits: {} });
});
afterAll(() => house.close());

it('questions without any answer are held back before Omie blocks the method, and say until when', async () => {
  let held: { codigo?: string; espera_segundos?: number; mensagem?: string } | undefined;
  for (let digit = 10; digit < 30 && held === undefined; digit += 1) {
    const args = { company_id: 'empresa_001', contraparte: `11.222.333/0001-${digit}` };
    const { body } = await house.post('consultar_contas_pagar_empresa', args);
    held = body['erro'];
  }
  expect(held?.codigo).toBe('omie_limite');
  expect(held?.mensagem).toContain('meia hora');
  expect(held?.espera_segundos).toBeLessThanOrEqual(60);
  expect(JSON.stringify(house.simulator.journal.entries)).not.toContain('bloqueada');
  const others = await house.post('consultar_contas_pagar_empresa', { company_id: 'empresa_002' });
  expect(others.body['completo']).toBeDefined();
});
