import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toolBody } from '../support/house.ts';
import { type Bench, entry, startBench } from '../support/program.ts';

let bench: Bench;
const path = join(tmpdir(), `omie-mcp-hub-audit-${randomUUID()}.jsonl`);
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

const verify = async (...args: string[]): Promise<{ code: number | null; out: string }> => {
  const program = bench.run(['audit', 'verify', ...args], { AUDIT_LOG: path });
  const { code } = await program.exit();
  return { code, out: program.stdout };
};

it('serve writes it, a killed server leaves it whole, verify judges it', async () => {
  const serve = (): ReturnType<Bench['run']> => bench.run(['serve', '--transports', 'http'], { AUDIT_LOG: path });
  const ask = async (port: number): Promise<void> => {
    for (let call = 0; call < 5; call += 1)
      await (await fetch(`http://127.0.0.1:${port}/tools/listar_empresas`, { method: 'POST' })).text();
  };
  const first = serve();
  await ask(await first.port());

  const second = serve();
  expect((await second.exit()).code).toBe(1);
  expect(second.stderr).toMatch(/já escreve neste log/);

  await expect.poll(async () => (await readFile(path, 'utf8')).split('\n').length, { timeout: 3_000 }).toBe(6);
  first.child.kill('SIGKILL');
  await first.exit();
  await appendFile(path, '{"v":1,"seq":6,"wh');
  expect((await verify()).code).toBe(1);

  const third = serve();
  await ask(await third.port());
  third.child.kill('SIGTERM');
  expect((await third.exit()).code).toBe(0);
  const good = await verify();
  // Killed between writing and signing, it says so in a line of its own.
  const whole = /^aviso .*\.torn\n(?:ok {5}11|aviso .* não tinham assinatura: .*\nok {5}12) linha\(s\)/;
  expect(good).toMatchObject({ code: 0, out: expect.stringMatching(whole) });
  const [, last] = / (\w{64})\n$/.exec(good.out) ?? [];
  expect((await verify('--head', last ?? '')).code).toBe(0);
  expect((await verify('--head', 'f'.repeat(64))).code).toBe(1);
  expect((await verify('--head', 'curto')).code).toBe(2);

  const lines = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, lines.filter((_line, at) => at !== 3).join('\n'));
  const cut = await verify(path);
  expect(cut).toMatchObject({
    code: 1,
    out: expect.stringContaining(`${path}:4: esperava a linha de número 4 e veio a 5`),
  });
});

it('a disk that is full stops no reader, tears no line, and is seen from outside', async () => {
  const full = `${path}-full.jsonl`;
  const env = { ...bench.env, AUDIT_LOG: full, PATH: process.env['PATH'] ?? '' };
  // No file may grow beyond 16 KB: writes end half-way, as on a full disk.
  const limited = spawn('bash', ['-c', `ulimit -f 16; exec "${process.execPath}" "${entry}" serve --transports http`], {
    env,
  });
  let log = '';
  limited.stderr.on('data', (chunk) => {
    log += chunk;
  });
  await expect.poll(() => log, { timeout: 15_000 }).toMatch(/"port":\d+/);
  const origin = `http://127.0.0.1:${/"port":(\d+)/.exec(log)?.[1]}`;
  const status = async (): Promise<unknown> => toolBody(await (await fetch(`${origin}/health`)).json()).status;
  for (let round = 0; round < 6; round += 1) {
    for (let call = 0; call < 20; call += 1)
      expect((await fetch(`${origin}/tools/listar_empresas`, { method: 'POST' })).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  expect(await status()).toBe('degraded');
  expect(log.match(/audit log cannot be written/g)).toHaveLength(1);
  expect(log).toMatch(/"reason":"EFBIG"/);
  limited.kill('SIGTERM');
  await once(limited, 'close');
  expect((await readFile(full, 'utf8')).endsWith('\n')).toBe(true);
  expect(await verify(full)).toMatchObject({ code: 0, out: expect.stringMatching(/^ok/) });

  // With room again, the chain goes on behind the last whole line.
  const again = bench.run(['serve', '--transports', 'http'], { AUDIT_LOG: full });
  await fetch(`http://127.0.0.1:${await again.port()}/tools/listar_empresas`, { method: 'POST' });
  again.child.kill('SIGTERM');
  await again.exit();
  expect(await verify(full)).toMatchObject({ code: 0, out: expect.not.stringContaining('aviso') });
}, 60_000);

it('a log that is not there is a failure, not an empty success', async () => {
  const program = bench.run(['audit', 'verify', '/nao/existe/audit.jsonl']);
  expect((await program.exit()).code).toBe(1);
  expect(program.stderr).toMatch(/nao\/existe/);
  const bare = bench.run(['audit', 'verify']);
  expect((await bare.exit()).code).toBe(2);
  expect(bare.stderr).toMatch(/AUDIT_LOG/);
});
