import { expect, test } from 'vitest';
import { type MonitorOptions, runMonitor } from '../../../src/clients/sse-monitor.ts';
import { textWidth } from '../../../src/clients/text-width.ts';
import { type FakeCompany, FakeMcpServer, failure, titles } from '../../support/fake-mcp-server.ts';
import { freePort, startFake, Terminal, until } from './client-desk.ts';

const alpha: FakeCompany = { id: 'alpha', nome: 'Empresa Alpha LTDA', pagar: titles(3, 1234.56) };
const failing: FakeCompany = { id: 'beta', nome: 'Beta', pagar: failure('omie_limite', 'Limite da Omie atingido.') };

function desk(url: string, more: Partial<MonitorOptions> = {}) {
  const [out, err, controller] = [new Terminal(), new Terminal(), new AbortController()];
  const reconnect = { firstDelayMs: 50, maxDelayMs: 200 };
  const fixed = { url, intervalSeconds: 0.05, once: false, json: true, out, err, signal: controller.signal, reconnect };
  const run = () => runMonitor({ ...fixed, ...more });
  const rounds = () => out.lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  return { out, err, controller, run, rounds };
}

test('--once shows one round and exits 1 when a company failed', async () => {
  const fake = await startFake({ companies: [alpha, failing] });
  const { out, err, run } = desk(fake.sseUrl, { once: true, json: false });
  expect(await run()).toEqual({ exitCode: 1 });
  expect(out.text).toContain('falhou em contas a pagar: omie_limite: Limite da Omie atingido.');
  expect(out.text).toContain('TOTAL (parcial)');
  for (const line of out.lines) expect(textWidth(line)).toBeLessThanOrEqual(80);
  expect(err.text).toBe('');
  fake.companies = [alpha];
  expect(await desk(fake.sseUrl, { once: true }).run()).toEqual({ exitCode: 0 });
  await until('the stream to be closed', () => fake.openSessions === 0);
});

test('goes round and round, past a failing company, over the companies there are now', async () => {
  const fake = await startFake({ companies: [failing] });
  const { controller, run, rounds } = desk(fake.sseUrl);
  const running = run();
  await until('two rounds', () => rounds().length >= 2);
  fake.companies = [failing, alpha];
  await until('the new company', () => rounds().at(-1)?.empresas.length === 2);
  controller.abort();
  expect(await running).toEqual({ exitCode: 0 });
});

test('survives a server that is killed in the middle of a round and comes back', async () => {
  const fake = await startFake({ companies: [alpha, { ...alpha, id: 'lenta', delayMs: 60_000 }] });
  const { err, controller, run, rounds } = desk(fake.sseUrl);
  const running = run();
  await until('a call under way', () => fake.busy > 0);
  await fake.kill();
  await until('two attempts', () => err.text.split('Nova tentativa').length > 2);
  expect(err.text).toContain('A conexão com o servidor caiu.');
  expect(err.text).toContain('conexão recusada');
  expect(rounds()).toEqual([]);

  const reborn = await startFake({ companies: [alpha], port: fake.port });
  await until('a round of the new server', () => rounds().length > 0);
  expect(rounds()[0].totais).toMatchObject({ pagar: { saldo_em_aberto: 1234.56 }, completo: true });
  controller.abort();
  expect(await running).toEqual({ exitCode: 0 });
  await until('the stream to be closed', () => reborn.openSessions === 0);
});

test('reconnects when the server goes away between two rounds', async () => {
  const fake = await startFake({ companies: [alpha] });
  const { controller, run, rounds } = desk(fake.sseUrl, { intervalSeconds: 600 });
  const running = run();
  await until('a round', () => rounds().length === 1);
  await fake.kill();
  await startFake({ companies: [alpha], port: fake.port });
  await until('a round of the new server', () => rounds().length === 2);
  controller.abort();
  expect(await running).toEqual({ exitCode: 0 });
});

test('a change on the server brings the next round forward', async () => {
  const fake = await startFake({ companies: [alpha] });
  const { controller, run, rounds } = desk(fake.sseUrl, { intervalSeconds: 600 });
  const running = run();
  await until('a round', () => rounds().length === 1);
  fake.notifyToolsChanged();
  await until('an early round', () => rounds().length === 2);
  controller.abort();
  await running;
});

test('waits for a server that is not there yet, unless asked only once', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/sse`;
  const once = desk(url, { once: true });
  expect(await once.run()).toEqual({ exitCode: 1 });
  expect(once.err.text).toMatch(/^Não foi possível alcançar o servidor .*\(conexão recusada\)/);

  const { controller, err, run, rounds } = desk(url);
  const running = run();
  await until('an attempt', () => err.text.includes('Nova tentativa'));
  const fake = await FakeMcpServer.start({ companies: [alpha], port });
  await until('a round', () => rounds().length > 0);
  controller.abort();
  await running;
  await fake.kill();
});

test('does not insist on a refused token or a wrong path', async () => {
  const fake = await startFake({ companies: [alpha], token: 'segredo' });
  const refused = desk(fake.sseUrl, { token: 'errado' });
  expect(await refused.run()).toEqual({ exitCode: 1 });
  expect(refused.err.text).toContain('(401): informe um token válido');
  expect(refused.err.text).not.toContain('errado');
  expect(await desk(fake.sseUrl, { token: 'segredo', once: true }).run()).toEqual({ exitCode: 0 });
  const lost = desk(`http://127.0.0.1:${fake.port}/outro`, { token: 'segredo' });
  expect(await lost.run()).toEqual({ exitCode: 1 });
  expect(lost.err.text).toContain('confira o caminho');
});

test.each([
  ['in a round', 60_000],
  ['in the pause', 0],
])('an abort %s ends it promptly', async (_when, delayMs) => {
  const fake = await startFake({ companies: [{ ...alpha, delayMs }] });
  const { controller, run } = desk(fake.sseUrl, { intervalSeconds: 600 });
  const running = run();
  await until('the calls', () => fake.calls.length === 4);
  const start = Date.now();
  controller.abort();
  expect(await running).toEqual({ exitCode: 0 });
  expect(Date.now() - start).toBeLessThan(10_000);
  await until('the stream to be closed', () => fake.openSessions === 0);
});

test('an abort while waiting to reconnect ends it at once', async () => {
  const { controller, err, run } = desk(`http://127.0.0.1:${await freePort()}/sse`, {
    reconnect: { firstDelayMs: 60_000, maxDelayMs: 60_000 },
  });
  const running = run();
  await until('the wait', () => err.text.includes('Nova tentativa em'));
  controller.abort();
  expect(await running).toEqual({ exitCode: 0 });
});
