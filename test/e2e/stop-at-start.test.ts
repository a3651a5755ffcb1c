import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, initialize, type Program, startBench } from '../support/program.ts';

let bench: Bench;
let folder: string;
beforeAll(async () => {
  bench = await startBench();
  folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-stop-'));
});
afterAll(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

/** Command lines that have the mark in them. */
async function running(mark: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'args=']);
  return stdout.split('\n').filter((line) => line.includes(mark));
}

/** One whose start waits for a server that never answers; resolves when that runs. */
async function startWaiting(transport: 'http' | 'stdio'): Promise<{ program: Program; mark: string }> {
  const mark = randomUUID();
  const file = join(folder, `${mark}.yaml`);
  const silent = {
    command: process.execPath,
    args: ['-e', 'process.stdin.resume()', mark],
    domains: ['x'],
    connect_timeout: 300,
  };
  await writeFile(file, JSON.stringify({ mcp_servers: { silent } }), { mode: 0o600 });
  const program = bench.run(['serve', '--transports', transport], { GATEWAY_CONFIG: file });
  await expect.poll(() => running(mark), { timeout: 30_000, interval: 100 }).toHaveLength(1);
  return { program, mark };
}

describe('a stop that comes while the start waits for a server', () => {
  const ways: [string, 'http' | 'stdio', (program: Program) => void][] = [
    ['SIGTERM', 'http', (program) => program.kill('SIGTERM')],
    ['SIGINT', 'stdio', (program) => program.kill('SIGINT')],
    ['the end of a stdin on which nothing was said', 'stdio', ({ child }) => void child.stdin.end()],
  ];
  it.concurrent.each(ways)(
    '%s (%s) ends it with 0, opens nothing and leaves nobody behind',
    async (_, transport, stop) => {
      const { program, mark } = await startWaiting(transport);
      stop(program);
      expect((await program.exit()).code).toBe(0);
      expect(program.stderr).not.toMatch(/"port":|listening/);
      expect(await running(mark)).toEqual([]);
    },
    60_000,
  );
});

describe('a start over stdio alone', () => {
  it('that fails ends the process although stdin stays open', async () => {
    const program = bench.run(['serve', '--transports', 'stdio'], { GATEWAY_CONFIG: join(folder, 'none.yaml') });
    expect((await program.exit()).code).toBe(1);
  }, 60_000);

  it('loses nothing of what was said before it was over', async () => {
    const program = bench.run(['serve', '--transports', 'stdio']);
    program.send(initialize);
    program.child.stdin.end();
    expect((await program.exit()).code).toBe(0);
    expect(program.messages().map(({ id }) => id)).toEqual([1]);
  }, 60_000);
});
