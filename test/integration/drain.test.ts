import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { slowHeaders } from '../../src/simulator/faults.ts';
import { startHouse } from '../support/house.ts';

it('a stop lets calls in flight end over REST and MCP, tells newcomers 503 and says "draining"', async () => {
  const house = await startHouse();
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${house.origin}/mcp`)));
  house.simulator.faults.next('ListarCategorias', slowHeaders(1_200), { times: 2 });
  const overRest = house.post('consultar_categorias_empresa', { company_id: 'empresa_001' });
  const overMcp = client.callTool({ name: 'consultar_categorias_empresa', arguments: { company_id: 'empresa_002' } });
  await expect.poll(() => house.simulator.faults.pending).toBe(0);

  const stopped = house.app.stop();
  const late = await house.post('listar_empresas', {});
  expect(late.status).toBe(503);
  expect(late.headers.get('retry-after')).toBe('5');
  expect(late.body.erro.codigo).toBe('sobrecarga');
  expect(await (await fetch(`${house.origin}/health`)).json()).toEqual({ status: 'draining' });
  expect((await fetch(`${house.origin}/health/ready`)).status).toBe(503);
  expect((await fetch(`${house.origin}/mcp`, { method: 'POST', body: '{}' })).status).toBe(503);

  expect((await overRest).body.resultado.total_de_registros).toBeGreaterThan(0);
  expect((await overMcp).isError).toBeFalsy();
  await stopped;
  await expect(fetch(`${house.origin}/health`)).rejects.toThrow();
  await client.close().catch(() => {});
  await house.close();
});

it('a call in flight is waited for ten seconds, then it is cut and the stop goes on', async () => {
  const house = await startHouse();
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  onTestFinished(() => letGo());
  house.simulator.faults.next('ListarCategorias', { kind: 'held', act: () => held });
  const call = house.post('consultar_categorias_empresa', { company_id: 'empresa_001' });
  const cut = expect(call).rejects.toThrow();
  await expect.poll(() => house.simulator.faults.pending).toBe(0);

  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const stopped = house.app.stop();
  await vi.advanceTimersByTimeAsync(9_999);
  expect(await (await fetch(`${house.origin}/health`)).json()).toEqual({ status: 'draining' });
  await vi.advanceTimersByTimeAsync(1);
  vi.useRealTimers();
  await stopped;
  await cut;
  await house.close();
}, 20_000);
