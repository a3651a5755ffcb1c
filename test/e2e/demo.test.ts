import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import { isInstalled } from '../support/installed-tool.ts';
import { call, entry, initialize, Program } from '../support/program.ts';

const run = promisify(execFile);
const hasCurl = isInstalled('curl');

let names: readonly string[];
beforeAll(async () => {
  const simulator = await startSimulator({ companies: 3 });
  names = simulator.companies.map(({ nome }) => nome);
  await simulator.close();
});

/** The table's first column is cut with an ellipsis. */
function expectEveryCompanyIn(report: string): void {
  const rows = report.split('\n').map((line) => /^(.+?)…? +\d+ +\d+ +R\$/.exec(line)?.[1]);
  const shown = rows.filter((row) => row !== undefined && row !== 'TOTAL');
  expect(shown).toHaveLength(3);
  for (const name of names) expect(shown.some((row) => row !== undefined && name.startsWith(row))).toBe(true);
}

it('demo --once reports every company and exits 0', async () => {
  const demo = new Program(['demo', '--once', '--port', '0'], {});
  expect((await demo.exit()).code).toBe(0);
  expectEveryCompanyIn(demo.stdout);
  for (const line of demo.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

describe('demo stays up, and what it says about itself holds:', () => {
  let demo: Program;
  beforeAll(async () => {
    demo = new Program(['demo', '--port', '0'], {});
    await vi.waitFor(() => expect(demo.stdout).toContain('Pergunte'), { timeout: 50_000 });
  });
  afterAll(() => demo.kill());

  const line = (start: string): string => {
    const found = demo.stdout.split('\n').find((one) => one.startsWith(start));
    return found?.slice(start.length).trim() ?? expect.fail(`no line for ${start} in ${demo.stdout}`);
  };
  const client = () => new Client({ name: 'test', version: '1.0.0' });

  it('the report of every company', () => expectEveryCompanyIn(demo.stdout));

  it('Claude Code', async () => {
    const [, url = ''] =
      /^claude mcp add --transport http omie (http:\/\/127\.0\.0\.1:\d+\/mcp)$/.exec(line('Claude Code:')) ?? [];
    const one = client();
    await one.connect(new StreamableHTTPClientTransport(new URL(url)));
    expect((await one.callTool({ name: 'listar_empresas' })).structuredContent).toMatchObject({ total: 3 });
    await one.close();
  });

  it('SSE clients', async () => {
    const one = client();
    await one.connect(new SSEClientTransport(new URL(line('Clientes SSE:'))));
    expect((await one.callTool({ name: 'listar_empresas' })).structuredContent).toMatchObject({ total: 3 });
    await one.close();
  });

  it.runIf(hasCurl)('curl', async () => {
    expect(line('curl:')).toMatch(/^curl /);
    const { stdout } = await run('sh', ['-c', line('curl:')]);
    expect(JSON.parse(stdout)).toMatchObject({ total: 3 });
  });

  it('the monitor', async () => {
    const [command, file, ...args] = line('Monitor:').split(' ');
    expect([command, file, args[0]]).toEqual(['node', entry, 'monitor']);
    const monitor = new Program([...args, '--json'], {});
    expect((await monitor.exit()).code).toBe(0);
    const { empresas, totais } = JSON.parse(monitor.stdout);
    expect([empresas.map(({ nome }: { nome: string }) => nome), totais.completo]).toEqual([[...names].sort(), true]);
  });

  it('the report, asked for again by its own command', async () => {
    const report = new Program(['report', '--url', line('Clientes SSE:').replace('/sse', '/mcp'), '--json'], {});
    expect((await report.exit()).code).toBe(0);
    const { empresas, totais } = JSON.parse(report.stdout);
    expect([empresas.map(({ nome }: { nome: string }) => nome), totais.completo]).toEqual([[...names].sort(), true]);
  });

  it('Claude Desktop', async () => {
    const json = /^\{\n[\s\S]*?^\}$/m.exec(demo.stdout)?.[0] ?? '';
    const { omie, ...others } = JSON.parse(json).mcpServers;
    expect(others).toEqual({});
    expect([omie.command, omie.args[0]]).toEqual(['node', entry]);
    expect(existsSync(omie.env.CREDENTIALS_FILE)).toBe(true);
    const desktop = new Program(omie.args.slice(1), omie.env);
    desktop.send(initialize);
    // Not what the report asked: Omie refuses the same question of another process for a minute.
    desktop.send(call(2, 'consultar_contas_pagar_empresa', { company_id: 'empresa_001', situacao: 'pago' }));
    expect((await desktop.answer(2)).result).toMatchObject({ structuredContent: { empresa: { nome: names[0] } } });
    desktop.child.stdin.end();
    expect((await desktop.exit()).code).toBe(0);
  });

  it('Ctrl+C ends it, and takes its files along', async () => {
    const credentials = /"CREDENTIALS_FILE": "(.*)"/.exec(demo.stdout)?.[1] ?? '';
    expect(existsSync(credentials)).toBe(true);
    demo.kill('SIGINT');
    expect((await demo.exit()).code).toBe(0);
    expect(existsSync(credentials)).toBe(false);
  });
});
