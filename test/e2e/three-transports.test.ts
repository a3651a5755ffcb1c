import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slowHeaders } from '../../src/simulator/faults.ts';
import { type Bench, call, initialize, type Program, startBench } from '../support/program.ts';

let bench: Bench;
let program: Program;
let origin: string;
beforeAll(async () => {
  // Enough titles for several pages, slowly answered: progress has something to say and a cancel something to stop.
  bench = await startBench({ titlesPerCompany: 2_500, latencyMs: 150 });
  program = bench.run(['serve']);
  program.send(initialize);
  await program.answer(1);
  program.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  origin = `http://127.0.0.1:${await program.port()}`;
}, 60_000);
afterAll(() => bench.close());

type Door = 'sse' | 'http' | 'http 2026-07-28';
const doors: readonly Door[] = ['sse', 'http', 'http 2026-07-28'];

async function connect(door: Door): Promise<Client> {
  const options = door === 'http 2026-07-28' ? { versionNegotiation: { mode: 'auto' as const } } : {};
  const client = new Client({ name: 'test', version: '1.0.0' }, options);
  await client.connect(
    door === 'sse'
      ? new SSEClientTransport(new URL(`${origin}/sse`))
      : new StreamableHTTPClientTransport(new URL(`${origin}/mcp`)),
  );
  return client;
}

describe('one process, every transport at once', () => {
  it('answers stdio while SSE and both eras of HTTP are open, all with the same numbers', async () => {
    const clients = await Promise.all(doors.map(connect));
    const args = { company_id: 'empresa_001', apenas_vencidas: true, registros_por_pagina: 5 };
    program.send({
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: { name: 'consultar_contas_pagar_empresa', arguments: args },
    });
    const answers = await Promise.all(
      clients.map((client) => client.callTool({ name: 'consultar_contas_pagar_empresa', arguments: args })),
    );
    const { structuredContent } = (await program.answer(2)).result ?? {};
    const books = bench.simulator.store.totals('empresa_001', { kind: 'payable', situation: 'overdue' });
    expect(structuredContent).toMatchObject({ totais: { quantidade: books.count, abrangencia: 'consulta' } });
    for (const answer of answers) expect(answer.structuredContent).toEqual(structuredContent);
    await Promise.all(clients.map((client) => client.close()));
  });

  it.each(doors)('tells progress page by page over %s', async (door) => {
    const client = await connect(door);
    const seen: number[] = [];
    await client.callTool(
      {
        name: 'consultar_contas_receber_empresa',
        arguments: { company_id: `empresa_00${doors.indexOf(door) + 1}`, situacao: 'pago' },
      },
      { onprogress: ({ progress }) => seen.push(progress) },
    );
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    await client.close();
  });

  it.each(doors)('a cancelled call over %s stops at the socket', async (door) => {
    const client = await connect(door);
    const abort = new AbortController();
    bench.simulator.journal.clear();
    bench.simulator.faults.next('ListarMovimentos', slowHeaders(10_000));
    const vencimento_de = `2024-0${doors.indexOf(door) + 1}-01`;
    const asked = client.callTool(
      { name: 'consultar_contas_pagar_empresa', arguments: { company_id: 'empresa_003', vencimento_de } },
      { signal: abort.signal },
    );
    await expect.poll(() => bench.simulator.faults.pending, { timeout: 3_000 }).toBe(0);
    abort.abort();
    await expect(asked).rejects.toThrow();
    await expect
      .poll(() => bench.simulator.journal.entries.filter(({ abandoned }) => abandoned).length, { timeout: 3_000 })
      .toBe(1);
    await client.close();
  });

  it('a cancelled call over stdio stops at the socket', async () => {
    bench.simulator.journal.clear();
    bench.simulator.faults.next('ListarMovimentos', slowHeaders(10_000));
    program.send(call(7, 'consultar_contas_pagar_empresa', { company_id: 'empresa_003', vencimento_de: '2024-04-01' }));
    await expect.poll(() => bench.simulator.faults.pending, { timeout: 10_000 }).toBe(0);
    program.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } });
    await expect
      .poll(() => bench.simulator.journal.entries.filter(({ abandoned }) => abandoned).length, { timeout: 10_000 })
      .toBe(1);
  });
});
