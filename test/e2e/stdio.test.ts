import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, call, initialize, type Program, startBench } from '../support/program.ts';
import { isAlive, script } from '../support/upstreams.ts';

let bench: Bench;
let folder: string;
/** The environment of a program with a child that does not end when its stdin does. */
let stubborn: Record<string, string>;
beforeAll(async () => {
  bench = await startBench();
  folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-stdio-'));
  const keepPid = "require('fs').writeFileSync(process.argv[1]+'/'+process.ppid,String(process.pid))";
  const child = script(`hear(greet); setInterval(()=>{},1000); ${keepPid};`, [folder]);
  const file = join(folder, 'gateway.json');
  writeFileSync(file, JSON.stringify({ mcp_servers: { child: { name: 'child', ...child, domains: ['child'] } } }));
  stubborn = { GATEWAY_CONFIG: file };
});
afterEach(() => bench.simulator.faults.clear());
afterAll(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

/** Keeps Omie from answering. */
function hold(): { arrived: Promise<void>; letGo: () => void } {
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    bench.simulator.faults.next('*', {
      kind: 'held',
      act: async ({ answer, response }) => {
        resolve();
        await held;
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer()));
      },
    });
  });
  return { arrived, letGo };
}

/** Processor time of a running program so far, in milliseconds; undefined when it has ended, and where there is no /proc. */
function usedMs(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    // utime and stime, in hundredths of a second (proc(5)).
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

/** Has the program end: its child must be there before and gone afterwards, and it must not spin in between. */
async function end(program: Program, how: (program: Program) => void): Promise<{ code: number | null; ms: number }> {
  const { pid = 0 } = program.child;
  const pidFile = join(folder, String(pid));
  await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8'), { timeout: 15_000 }).toMatch(/\d/);
  const child = Number(readFileSync(pidFile, 'utf8'));
  expect(isAlive(child)).toBe(true);
  const before = usedMs(pid) ?? 0;
  let used = before;
  const watch = setInterval(() => {
    used = usedMs(pid) ?? used;
  }, 20);
  how(program);
  const exit = await program.exit();
  clearInterval(watch);
  await expect.poll(() => isAlive(child), { timeout: 10_000 }).toBe(false);
  // An end takes some tenths of it; a loop that turns while calls are waited for takes all there is for 1.5 s.
  expect(used - before).toBeLessThan(1_000);
  return exit;
}

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
    const program = await speak(['serve'], stubborn);
    const { arrived } = hold();
    program.send(call(2, 'consultar_contas_pagar_empresa', { company_id: 'empresa_002' }));
    await arrived;
    const { code, ms } = await end(program, ({ child }) => child.stdin.end());
    expect(code).toBe(0);
    // Less than calls in flight are given when a stop is asked for (10 s), with room for a busy machine.
    expect(ms).toBeLessThan(8_000);
  });

  it('ends with 0 on SIGTERM', async () => {
    const program = await speak(['serve'], stubborn);
    const { code, ms } = await end(program, (one) => one.kill('SIGTERM'));
    expect(code).toBe(0);
    expect(ms).toBeLessThan(8_000);
  });

  it('lets a call in flight end on SIGTERM, and answers it', async () => {
    const program = await speak();
    const { arrived, letGo } = hold();
    program.send(call(2, 'consultar_categorias_empresa', { company_id: 'empresa_001' }));
    await arrived;
    program.kill('SIGTERM');
    // Refused from now on: the stop has begun.
    const health = `http://127.0.0.1:${await program.port()}/health`;
    await expect.poll(async () => (await fetch(health)).json(), { timeout: 10_000 }).toEqual({ status: 'draining' });
    letGo();
    expect((await program.answer(2)).result).toMatchObject({ structuredContent: { completo: expect.any(Boolean) } });
    expect((await program.exit()).code).toBe(0);
  });

  it('ends with 0 on SIGTERM also when a call outlasts the time it is given', async () => {
    // Ten seconds are the default (test/integration/drain.test.ts); here they pass sooner.
    const hurry = `const set=setTimeout;globalThis.setTimeout=(f,ms,...a)=>set(f,ms>9e3&&ms<=1e4?200:ms,...a)`;
    const program = await speak(['serve'], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hurry)}`,
    });
    const { arrived } = hold();
    program.send(call(2, 'consultar_categorias_empresa', { company_id: 'empresa_001' }));
    await arrived;
    program.kill('SIGTERM');
    const { code, ms } = await program.exit();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(8_000);
    expect(program.messages().some(({ id }) => id === 2)).toBe(false);
  });

  it('ends when nobody reads its stdout any more', async () => {
    const program = await speak(['serve'], stubborn);
    const { ms } = await end(program, ({ child }) => {
      child.stdout.destroy();
      for (let id = 10; id < 40; id += 1) program.send({ jsonrpc: '2.0', id, method: 'tools/list' });
    });
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
