import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, call, initialize, type Program, startBench } from '../support/program.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

async function speak(args: readonly string[] = ['serve'], env: Record<string, string> = {}): Promise<Program> {
  const program = bench.run(args, { MCP_LOG_LEVEL: 'debug', ...env });
  program.send(initialize);
  await program.answer(1);
  program.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return program;
}

describe('the program over stdio', () => {
  it('writes nothing but JSON-RPC to stdout, with debug logs and broken input', async () => {
    const program = await speak();
    program.child.stdin.write('not json\n{"jsonrpc":"2.0"}\n\n[]\n');
    program.send(call(2, 'listar_empresas'));
    program.send(call(3, 'consultar_contas_pagar_empresa', { company_id: 'empresa_001', apenas_vencidas: true }));
    program.send(call(4, 'nao_existe'));
    program.send({ jsonrpc: '2.0', id: 5, method: 'tools/list' });
    expect((await program.answer(2)).result).toMatchObject({ structuredContent: { total: 3 } });
    expect((await program.answer(3)).result).toMatchObject({ structuredContent: { moeda: 'BRL' } });
    await program.answer(4);
    await program.answer(5);
    for (const message of program.messages()) expect(message['jsonrpc']).toBe('2.0');
    expect(program.stderr).not.toBe('');
  });

  it('ends with 0 before its calls do when stdin ends, also with calls in flight', async () => {
    bench.simulator.faults.clear();
    const program = await speak();
    const arrived = new Promise<void>((resolve) => {
      bench.simulator.faults.always('*', {
        kind: 'held',
        act: ({ sleep }) => {
          resolve();
          return sleep(60_000);
        },
      });
    });
    program.send(call(2, 'consultar_contas_pagar_empresa', { company_id: 'empresa_002' }));
    await arrived;
    program.child.stdin.end();
    const { code, ms } = await program.exit();
    bench.simulator.faults.clear();
    expect(code).toBe(0);
    // Less than calls in flight are given when a stop is asked for (10 s), with room for a busy machine.
    expect(ms).toBeLessThan(8_000);
  });

  it('ends with 0 on SIGTERM', async () => {
    const program = await speak();
    program.kill('SIGTERM');
    const { code, ms } = await program.exit();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(8_000);
  });

  it('ends when nobody reads its stdout any more', async () => {
    const program = await speak();
    program.child.stdout.destroy();
    for (let id = 10; id < 40; id += 1) program.send({ jsonrpc: '2.0', id, method: 'tools/list' });
    const { ms } = await program.exit();
    expect(ms).toBeLessThan(8_000);
    expect(program.stderr).not.toMatch(/EPIPE|at .*\.js:\d+/);
  });

  it('goes on over stdio with one warning when its port is taken', async () => {
    const first = bench.run(['serve', '--transports', 'http']);
    const port = await first.port();
    const second = await speak(['serve'], { MCP_PORT: String(port) });
    second.send(call(2, 'listar_empresas'));
    await second.answer(2);
    await second.until(({ stderr }) => stderr.includes('"level":40'));
    expect(second.stderr.split('\n').filter((line) => line.includes('"level":40'))).toHaveLength(1);
  });
});
