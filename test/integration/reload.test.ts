import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slowHeaders } from '../../src/simulator/faults.ts';
import { startHouse, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await startHouse();
});
afterEach(() => house.close());

const ids = async (): Promise<string[]> =>
  (await house.post('listar_empresas', {})).body.empresas.map(({ id }: { id: string }) => id).sort();

async function until(holds: () => Promise<boolean> | boolean, ms: number): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`still not so after ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

describe('a change of the credentials file', () => {
  it('shows within 2 s and is told to a session that listens', async () => {
    const client = new Client({ name: 'watcher', version: '1.0.0' });
    let told = 0;
    client.setNotificationHandler('notifications/resources/list_changed', () => {
      told += 1;
    });
    let updated = '';
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      updated = params.uri;
    });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${house.origin}/mcp`)));
    await client.subscribeResource({ uri: 'omie://companies' });
    await new Promise((resolve) => setTimeout(resolve, 100));

    const { empresa_002: _gone, ...rest } = house.simulator.credentialsFile();
    await house.writeCredentials(rest);
    await until(async () => (await ids()).join() === 'empresa_001,empresa_003', 2_000);
    await until(() => told > 0 && updated === 'omie://companies', 2_000);
    expect((await house.post('consultar_categorias_empresa', { company_id: 'empresa_002' })).body.erro.codigo).toBe(
      'empresa_nao_encontrada',
    );
    await client.close();
  });

  it('keeps the last good set when the new one is bad, says so once, and tells it in /health', async () => {
    await house.writeCredentials('{"empresa_001": {"app_key": "canario-');
    await until(async () => (await (await fetch(`${house.origin}/health`)).text()).includes('degraded'), 2_000);
    expect(await ids()).toEqual(['empresa_001', 'empresa_002', 'empresa_003']);
    const { body } = await house.post('reload_credenciais', {});
    expect(body.erro.codigo).toBe('configuracao_invalida');
    expect(JSON.stringify(body)).not.toContain('canario');
    expect(house.log.filter((line) => line.includes('refused'))).toHaveLength(1);
    expect(house.log.join('')).not.toContain('canario');

    await house.writeCredentials(house.simulator.credentialsFile());
    await until(async () => (await (await fetch(`${house.origin}/health`)).text()).includes('"ok"'), 2_000);
    expect((await house.post('reload_credenciais', {})).body).toMatchObject({
      status: 'sucesso',
      empresas_disponiveis: expect.arrayContaining(['empresa_001', 'empresa_002', 'empresa_003']),
      empresas_desativadas: [],
    });
  });

  it('lets a call in flight finish with the keys it began with', async () => {
    house.simulator.faults.next('ListarMovimentos', slowHeaders(1_500), { company: 'empresa_002' });
    const call = house.post('consultar_contas_pagar_empresa', { company_id: 'empresa_002', apenas_vencidas: true });
    await until(() => house.simulator.journal.count('ListarMovimentos') > 0, 2_000);
    const { empresa_002: _gone, ...rest } = house.simulator.credentialsFile();
    await house.writeCredentials(rest);
    expect((await house.post('reload_credenciais', {})).status).toBe(200);
    const { status, body } = await call;
    expect(status).toBe(200);
    expect(body.empresa.id).toBe('empresa_002');
  });

  it('disables a company whose variable is missing and says why, and only that one', async () => {
    const file = house.simulator.credentialsFile();
    await house.writeCredentials({
      ...file,
      empresa_003: { ...file['empresa_003'], app_secret: '${SEGREDO_QUE_FALTA}' },
    });
    const { body } = await house.post('reload_credenciais', {});
    expect(body.empresas_disponiveis.sort()).toEqual(['empresa_001', 'empresa_002']);
    expect(body.empresas_desativadas).toEqual([
      { id: 'empresa_003', motivo: expect.stringContaining('SEGREDO_QUE_FALTA') },
    ]);
    const refused = await house.post('consultar_categorias_empresa', { company_id: 'empresa_003' });
    expect(refused.body.erro).toMatchObject({ codigo: 'credencial_invalida', empresa: 'empresa_003' });
  });
});
