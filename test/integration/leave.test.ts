import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { slowHeaders } from '../../src/simulator/faults.ts';
import { startHouse } from '../support/house.ts';

/** One request over an agent's kept connections, as a proxy makes it. */
async function ask(agent: Agent, url: string): Promise<{ status: number | undefined; connection: string | undefined }> {
  const sent = request(url, { agent }).end();
  const [response]: IncomingMessage[] = await once(sent, 'response');
  for await (const _ of response ?? []);
  return { status: response?.statusCode, connection: response?.headers.connection };
}

it('a named replica that stops refuses new connections, serves those it has once more, and ends what it began', async () => {
  const house = await startHouse({ variables: { MCP_REPLICA_NAME: 'hub-a' } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await ask(agent, `${house.origin}/tools`)).toEqual({ status: 200, connection: 'keep-alive' });
  house.simulator.faults.next('ListarCategorias', slowHeaders(1_800));
  const slow = house.post('consultar_categorias_empresa', { company_id: 'empresa_001' });
  await expect.poll(() => house.simulator.faults.pending, { timeout: 5_000 }).toBe(0);

  const stopped = house.app.stop();
  // Not the connections fetch keeps: another agent's, which has none yet.
  await expect(ask(new Agent(), `${house.origin}/tools`)).rejects.toThrow(/ECONNREFUSED/);
  expect(await ask(agent, `${house.origin}/tools`)).toEqual({ status: 200, connection: 'close' });
  await expect(ask(agent, `${house.origin}/tools`)).rejects.toThrow(/ECONNREFUSED/);
  expect((await slow).status).toBe(200);
  await stopped;
  await house.close();
});

it.each(['Hub', 'hub a', 'hub.a', 'hub_a', 'x'.repeat(33)])('%j is no name for a replica', (name) => {
  const load = () => loadConfig({ variables: { MCP_REPLICA_NAME: name }, dotenvPath: '' });
  expect(load).toThrow(/MCP_REPLICA_NAME: deve ter até 32/);
});
