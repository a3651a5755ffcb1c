// Clients that nobody here wrote, over every transport each of them can do.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createMCPClient } from '@ai-sdk/mcp';
import { Experimental_StdioMCPTransport } from '@ai-sdk/mcp/mcp-stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, entry, startBench } from '../support/program.ts';

const run = promisify(execFile);
const bin = (name: string): string => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));

let bench: Bench;
let origin: string;
let env: Record<string, string>;
let folder: string;
const serveArgs = [entry, 'serve', '--transports', 'stdio'];

beforeAll(async () => {
  bench = await startBench();
  origin = `http://127.0.0.1:${await bench.run(['serve', '--transports', 'sse,http']).port()}`;
  env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...bench.env };
  folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-clients-'));
});
afterAll(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the SDK of the first line', () => {
  const transports = {
    stdio: () => new StdioClientTransport({ command: process.execPath, args: serveArgs, env, stderr: 'ignore' }),
    sse: () => new SSEClientTransport(new URL(`${origin}/sse`)),
    http: () => new StreamableHTTPClientTransport(new URL(`${origin}/mcp`)),
  };
  it.each(Object.keys(transports) as (keyof typeof transports)[])(
    'works over %s, checking structured output',
    async (name) => {
      const client = new OldClient({ name: 'old', version: '1.0.0' });
      await client.connect(transports[name]());
      expect((await client.listTools()).tools).toHaveLength(5);
      const answer = await client.callTool({
        name: 'consultar_contas_pagar_empresa',
        arguments: { company_id: 'empresa_001' },
      });
      expect(answer.structuredContent).toMatchObject({ moeda: 'BRL', empresa: { id: 'empresa_001' } });
      const failure = await client.callTool({
        name: 'consultar_contas_pagar_empresa',
        arguments: { company_id: 'ninguem' },
      });
      expect(failure).toMatchObject({
        isError: true,
        structuredContent: { erro: { codigo: 'empresa_nao_encontrada' } },
      });
      const completion = await client.complete({
        ref: { type: 'ref/prompt', name: 'financial-analysis' },
        argument: { name: 'company_id', value: 'empresa_00' },
      });
      expect([...completion.completion.values].sort()).toEqual(['empresa_001', 'empresa_002', 'empresa_003']);
      expect((await client.readResource({ uri: 'omie://dashboard/empresa_002' })).contents[0]?.mimeType).toBe(
        'application/json',
      );
      await client.close();
    },
  );
});

describe('@ai-sdk/mcp', () => {
  const transports = {
    stdio: () =>
      new Experimental_StdioMCPTransport({ command: process.execPath, args: serveArgs, env, stderr: 'ignore' }),
    sse: () => ({ type: 'sse' as const, url: `${origin}/sse` }),
    http: () => ({ type: 'http' as const, url: `${origin}/mcp` }),
  };
  it.each(Object.keys(transports) as (keyof typeof transports)[])('works over %s', async (name) => {
    const client = await createMCPClient({ transport: transports[name]() });
    const tools = await client.tools();
    const answer = await tools['listar_empresas']?.execute?.({}, { toolCallId: '1', messages: [] });
    expect(JSON.stringify(answer)).toContain('empresa_003');
    await client.close();
  });
});

describe('the inspector', () => {
  const targets = {
    stdio: () => [
      ...Object.entries(bench.env).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
      process.execPath,
      ...serveArgs,
    ],
    sse: () => [`${origin}/sse`, '--transport', 'sse'],
    http: () => [`${origin}/mcp`, '--transport', 'http'],
  };
  it.each(Object.keys(targets) as (keyof typeof targets)[])('works over %s', async (name) => {
    const { stdout } = await run(
      bin('mcp-inspector'),
      [
        '--cli',
        ...targets[name](),
        '--method',
        'tools/call',
        '--tool-name',
        'consultar_categorias_empresa',
        '--tool-arg',
        'company_id=empresa_001',
      ],
      { env, timeout: 60_000 },
    );
    expect(stdout).toContain('total_de_registros');
  });
});

describe('mcporter', () => {
  it.each(['stdio', 'sse', 'http'] as const)('works over %s', async (name) => {
    const config = join(folder, `${name}.json`);
    const server = {
      stdio: { command: process.execPath, args: serveArgs, env },
      sse: { url: `${origin}/sse`, transport: 'sse' },
      http: { url: `${origin}/mcp` },
    }[name];
    await writeFile(config, JSON.stringify({ mcpServers: { omie: server } }));
    const args = ['--config', config, 'call', 'omie.consultar_contas_receber_empresa', 'company_id=empresa_003'];
    const { stdout } = await run(bin('mcporter'), args, { env, timeout: 60_000, cwd: folder });
    expect(stdout).toContain('saldo_em_aberto');
  });
});
