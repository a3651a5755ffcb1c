import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bench, call, initialize, startBench } from '../support/program.ts';
import { everythingPath, isAlive } from '../support/upstreams.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

it('serves mounted tools over stdio, tells of a selection, and takes its children along when it ends', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
  const pidFile = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'pid');
  const keepPid = `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); process.argv.splice(1, 0, ${JSON.stringify(everythingPath)}); import(${JSON.stringify(everythingPath)})`;
  const demo = {
    name: 'demo',
    command: process.execPath,
    args: ['-e', keepPid, 'stdio'],
    domains: ['demo'],
    connect_timeout: 20,
  };
  writeFileSync(file, JSON.stringify({ mcp_servers: { demo } }));
  const program = bench.run(['serve', '--transports', 'stdio'], { GATEWAY_CONFIG: file });
  program.send(initialize);
  await program.answer(1);
  program.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  program.send(call(2, 'demo__echo', { message: 'olá' }));
  expect((await program.answer(2)).result?.['content']).toEqual([{ type: 'text', text: 'Echo: olá' }]);
  program.send(call(3, 'select_domain', { domain: 'omie' }));
  await program.answer(3);
  expect(program.messages()).toContainEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
  program.send(call(4, 'demo__echo', { message: 'olá' }));
  expect(JSON.stringify(await program.answer(4))).toContain('fora_do_dominio');
  const { readFile } = await import('node:fs/promises');
  const pid = Number(await readFile(pidFile, 'utf8'));
  expect(isAlive(pid)).toBe(true);
  program.child.stdin.end();
  expect((await program.exit()).code).toBe(0);
  await expect.poll(() => isAlive(pid)).toBe(false);
}, 60_000);
