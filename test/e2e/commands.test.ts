import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import { type Bench, entry, startBench } from '../support/program.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

describe('the commands', () => {
  it('serve without credentials exits 1 and says what to do', async () => {
    const program = bench.run(['serve'], { CREDENTIALS_FILE: '/nao/existe/credentials.json' });
    expect((await program.exit()).code).toBe(1);
    expect(program.stderr).toMatch(/credentials/);
    expect(program.stderr).not.toMatch(/\n\s+at /);
  });

  it('serve refuses to listen beyond loopback without a token', async () => {
    const program = bench.run(['serve', '--host', '0.0.0.0']);
    expect((await program.exit()).code).toBe(1);
    expect(program.stderr).toMatch(/MCP_AUTH_TOKEN/);
  });

  it('serve reports every bad setting at once, by name and not by value', async () => {
    const program = bench.run(['serve'], { MCP_PORT: 'canario-porta', CREDENTIAL_TIMEOUT_MINUTES: '-1' });
    expect((await program.exit()).code).toBe(1);
    expect(program.stderr).toMatch(/MCP_PORT/);
    expect(program.stderr).toMatch(/CREDENTIAL_TIMEOUT_MINUTES/);
    expect(program.stderr).not.toMatch(/canario/);
  });

  it('serve exits 1 when the port is taken and nobody speaks over stdio', async () => {
    const first = bench.run(['serve', '--transports', 'http']);
    const second = bench.run(['serve', '--transports', 'http'], { MCP_PORT: String(await first.port()) });
    expect((await second.exit()).code).toBe(1);
    expect(second.stderr).toMatch(/porta/);
  });

  it('serve goes on over HTTP when there is no stdin, as in a container', async () => {
    const child = spawn(process.execPath, [entry, 'serve'], {
      env: { ...process.env, ...bench.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    child.stderr.on('data', (chunk) => {
      log += chunk;
    });
    while (!/"port":(\d+)/.test(log)) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const health = await fetch(`http://127.0.0.1:${/"port":(\d+)/.exec(log)?.[1]}/health`);
    expect(await health.json()).toEqual({ status: 'ok' });
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  it.each([
    [['--help'], 0],
    [['--version'], 0],
    [['serve', '--help'], 0],
    [['inventado'], 2],
    [['serve', '--inventada'], 2],
    [['monitor'], 2],
    [['simulate', '--port', 'x'], 2],
  ])('%j exits %i', async (args, code) => {
    const program = bench.run(args);
    expect((await program.exit()).code).toBe(code);
    expect(program.stdout + program.stderr).not.toBe('');
  });

  it.each([
    ['a file that cannot be written', () => ['--credentials-out', tmpdir()], /--credentials-out não pôde ser gravado/],
    ['a port that is taken', () => ['--port', new URL(bench.simulator.url).port], /não pôde ser aberta \(EADDRINUSE\)/],
  ])('simulate with %s says so and ends with 1', async (_what, args, message) => {
    const program = bench.run(['simulate', ...args()]);
    expect((await program.exit()).code).toBe(1);
    expect(program.stderr).toMatch(message);
  });

  it('validate says what is wrong, line by line, and never a value', async () => {
    const good = bench.run(['validate', '--credentials', bench.credentialsFile, '--online']);
    expect((await good.exit()).code).toBe(0);
    expect(good.stdout).toMatch(/empresa_003/);

    const file = JSON.parse(await readFile(bench.credentialsFile, 'utf8'));
    file.empresa_001.app_secret = '';
    file.empresa_002.ambiente = 'canario-ambiente';
    const badPath = `${bench.credentialsFile}.bad`;
    await writeFile(badPath, JSON.stringify(file), { mode: 0o600 });
    const bad = bench.run(['validate', '--credentials', badPath]);
    expect((await bad.exit()).code).toBe(1);
    expect(bad.stdout).toMatch(/empresa_001\.app_secret/);
    expect(bad.stdout).toMatch(/empresa_002\.ambiente/);
    expect(bad.stdout).not.toMatch(/canario/);
  });

  it('simulate prints its base URL, writes credentials that fit, and heeds its seed and latency', async () => {
    const out = `${bench.credentialsFile}.out`;
    const flags = ['--companies', '2', '--seed', '7', '--latency', '60000', '--credentials-out', out];
    const program = bench.run(['simulate', ...flags]);
    await program.until(({ stdout }) => stdout.includes('\n'));
    const companies = JSON.parse(await readFile(out, 'utf8'));
    const seventh = await startSimulator({ companies: 2, seed: 7 });
    await seventh.close();
    expect(companies).toEqual(seventh.credentialsFile());
    const ask = (app_key: string) =>
      fetch(`${program.stdout.trim()}geral/categorias/`, {
        method: 'POST',
        body: JSON.stringify({
          call: 'ListarCategorias',
          app_key,
          app_secret: companies.empresa_001.app_secret,
          param: [{ pagina: 1, registros_por_pagina: 10 }],
        }),
      });
    const slow = ask(companies.empresa_001.app_key).then(
      ({ status }) => status,
      () => 'still waiting when the simulator ended',
    );
    // A key that nobody has is refused at once: the call before it would long have been answered.
    for (let time = 0; time < 3; time += 1) expect((await ask('1')).status).not.toBe(200);
    program.kill('SIGTERM');
    expect(await slow).toBe('still waiting when the simulator ended');
    expect((await program.exit()).code).toBe(0);
  });
});
