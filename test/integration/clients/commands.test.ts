/** The two commands as processes: exit codes, streams, Ctrl+C, and nothing left that keeps a process alive. */
import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import type { FakeCompany } from '../../support/fake-mcp-server.ts';
import { startFake, until } from './client-desk.ts';

const alpha: FakeCompany = { id: 'alpha', nome: 'Empresa Alpha LTDA' };
const root = new URL('../../../', import.meta.url);

function start(command: 'monitor' | 'report', flags: readonly string[], token?: string) {
  const script = `
    import { ${command}Command } from './src/cli/${command}.ts';
    const environment = ${JSON.stringify({ token })};
    await ${command}Command(environment).parseAsync(process.argv.slice(1), { from: 'user' });`;
  const node = ['--import', 'tsx', '--input-type=module', '-e', script, '--', ...flags];
  const child = spawn(process.execPath, node, { cwd: root });
  onTestFinished(() => void child.kill('SIGKILL'));
  const seen = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    seen.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    seen.err += chunk;
  });
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, seen, exit };
}

test('report prints its table and ends with 0', async () => {
  const fake = await startFake({ companies: [alpha], token: 'segredo' });
  const { seen, exit } = start('report', ['--url', fake.mcpUrl], 'segredo');
  expect(await exit).toBe(0);
  expect(seen.out).toContain('Empresa Alpha LTDA');
  expect(seen.err).toBe('');
});

test('--token wins over the environment, and a refused one ends with 1', async () => {
  const fake = await startFake({ companies: [alpha], token: 'segredo' });
  const { seen, exit } = start('report', ['--url', fake.mcpUrl, '--token', 'outro'], 'segredo');
  expect(await exit).toBe(1);
  expect(seen.err).toContain('(401)');
});

test('report waiting for a slow company ends promptly on Ctrl+C', async () => {
  const fake = await startFake({ companies: [{ ...alpha, delayMs: 60_000 }] });
  const { child, seen, exit } = start('report', ['--url', fake.mcpUrl, '--json']);
  await until('the slow call', () => fake.busy === 3);
  const pressed = Date.now();
  child.kill('SIGINT');
  expect(await exit).toBe(1);
  expect(Date.now() - pressed).toBeLessThan(10_000);
  expect(seen.out).toBe('');
});

test('monitor goes on until Ctrl+C and ends with 0', async () => {
  const fake = await startFake({ companies: [alpha] });
  const { child, seen, exit } = start('monitor', ['--url', fake.sseUrl, '--interval', '1', '--companies', 'alpha']);
  await until('two rounds', () => seen.out.split('TOTAL').length > 2);
  const pressed = Date.now();
  child.kill('SIGINT');
  expect(await exit).toBe(0);
  expect(Date.now() - pressed).toBeLessThan(10_000);
});

test('monitor --once ends by itself', async () => {
  const fake = await startFake({ companies: [alpha] });
  const { seen, exit } = start('monitor', ['--url', fake.sseUrl, '--once', '--json']);
  expect(await exit).toBe(0);
  expect(JSON.parse(seen.out).totais.completo).toBe(true);
});

test.each([
  [['--url', 'ftp://x'], '--url precisa ser um endereço'],
  [['--url', 'http://x/sse', '--interval', '0'], '--interval precisa ser'],
  [['--url', 'http://x/sse', '--companies', ' , '], '--companies precisa de ao menos um id'],
])('wrong usage %j ends with 2', async (flags, message) => {
  const { seen, exit } = start('monitor', flags);
  expect(await exit).toBe(2);
  expect(seen.err).toContain(message);
});
