import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { slowHeaders } from '../../src/simulator/faults.ts';
import { startHouse, type TestHouse } from '../support/house.ts';
import { streamOpened } from '../support/stream-opened.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await startHouse();
});
afterEach(() => house.close());

const ids = async (): Promise<string[]> =>
  (await house.post('listar_empresas', {})).body.empresas.map(({ id }: { id: string }) => id).sort();

const until = (holds: () => Promise<boolean> | boolean): Promise<void> =>
  vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: 15_000, interval: 25 });
const healthSays = async (word: string): Promise<boolean> =>
  (await (await fetch(`${house.origin}/health`)).text()).includes(word);

describe('a change of the credentials file', () => {
  it('shows by itself and is told to a session that listens', async () => {
    const client = new Client({ name: 'watcher', version: '1.0.0' });
    let told = 0;
    client.setNotificationHandler('notifications/resources/list_changed', () => {
      told += 1;
    });
    let updated = '';
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      updated = params.uri;
    });
    const { fetch, opened } = streamOpened();
    await client.connect(new StreamableHTTPClientTransport(new URL(`${house.origin}/mcp`), { fetch }));
    await client.subscribeResource({ uri: 'omie://companies' });
    await opened;

    const { empresa_002: _gone, ...rest } = house.simulator.credentialsFile();
    await house.writeCredentials(rest);
    await until(async () => (await ids()).join() === 'empresa_001,empresa_003');
    await until(() => told > 0 && updated === 'omie://companies');
    expect((await house.post('consultar_categorias_empresa', { company_id: 'empresa_002' })).body.erro.codigo).toBe(
      'empresa_nao_encontrada',
    );
    await client.close();
  });

  it('keeps the last good set when the new one is bad, says so once, and tells it in /health', async () => {
    await house.writeCredentials('{"empresa_001": {"app_key": "canario-');
    await until(() => healthSays('degraded'));
    expect(await ids()).toEqual(['empresa_001', 'empresa_002', 'empresa_003']);
    const { body } = await house.post('reload_credenciais', {});
    expect(body.erro.codigo).toBe('configuracao_invalida');
    expect(JSON.stringify(body)).not.toContain('canario');
    expect(house.log.filter((line) => line.includes('refused'))).toHaveLength(1);
    expect(house.log.join('')).not.toContain('canario');

    await house.writeCredentials(house.simulator.credentialsFile());
    await until(() => healthSays('"ok"'));
    expect((await house.post('reload_credenciais', {})).body).toMatchObject({
      status: 'sucesso',
      empresas_disponiveis: expect.arrayContaining(['empresa_001', 'empresa_002', 'empresa_003']),
      empresas_desativadas: [],
    });
  });

  it('lets a call in flight finish with the keys it began with', async () => {
    house.simulator.faults.next('ListarMovimentos', slowHeaders(1_500), { company: 'empresa_002' });
    const call = house.post('consultar_contas_pagar_empresa', { company_id: 'empresa_002', apenas_vencidas: true });
    await until(() => house.simulator.journal.count('ListarMovimentos') > 0);
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
