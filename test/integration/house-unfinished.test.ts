// A house that cannot be finished leaves nothing behind: neither a watcher nor a lock.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { buildHouse } from '../../src/house/house.ts';
import { openAccess } from '../../src/house/open-access.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { SecretScrubber } from '../../src/logging/redact.ts';
import { Opened } from '../../src/opened.ts';
import { startHouse, type TestHouse } from '../support/house.ts';

let folder: string;
let house: TestHouse;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-unfinished-'));
  house = await startHouse();
});
afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

/** A house that is all but ready when something throws, or that could be finished. */
async function build(ends: 'well' | 'badly', name: string): Promise<string[]> {
  const log: string[] = [];
  const scrubber = new SecretScrubber();
  const logger = createLogger({ level: 'info', scrubber, write: (line) => log.push(line) });
  const config = loadConfig({
    dotenvPath: join(folder, '.env'),
    variables: {
      CREDENTIALS_FILE: house.credentialsFile,
      OMIE_BASE_URL: house.simulator.url,
      AUDIT_LOG: join(folder, name),
      ENABLE_METRICS: 'true',
      METRICS_PORT: '0',
    },
  });
  const access = await openAccess(config.environment, logger);
  const onEnd: typeof access.onEnd = (listener) => {
    access.onEnd(listener);
    if (ends === 'badly') throw new Error('the last step');
  };
  try {
    const built = await buildHouse(config, { access: { ...access, onEnd }, scrubber, logger });
    expect(await readdir(folder)).toContain(`${name}.lock`);
    await built.close();
  } catch (error) {
    expect(error).toMatchObject({ message: ends === 'badly' ? 'the last step' : 'nothing' });
  } finally {
    access.close();
  }
  return log;
}

it('gives back all that was opened', async () => {
  const log = await build('badly', 'audit.jsonl');
  const left = await readdir(folder);
  expect(left).toContain('audit.jsonl.head');
  expect(left).not.toContain('audit.jsonl.lock');

  // A house that stands sees the file change; the one that does not must not look any more.
  const loads = (lines: string[]): number => lines.filter((line) => line.includes('credentials loaded')).length;
  expect(loads(log)).toBe(1);
  await house.writeCredentials(JSON.stringify(house.simulator.credentialsFile(), null, 2));
  await expect.poll(() => loads(house.log), { timeout: 5_000 }).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(loads(log)).toBe(1);

  // And so the next attempt can be made in the same process.
  await build('well', 'audit.jsonl');
});

it('closes in the opposite order, all of it although one refuses, and once', async () => {
  const opened = new Opened();
  const closed: number[] = [];
  for (const number of [1, 2, 3, 4])
    opened.keep({
      async close() {
        closed.push(number);
        if (number > 2) throw new Error(`trouble ${number}`);
      },
    });
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  opened.defer(() => new Promise((resolve) => void server.close(() => resolve())));
  await expect(opened.close()).rejects.toThrow('trouble 4');
  expect(closed).toEqual([4, 3, 2, 1]);
  await opened.close();
  expect(closed).toHaveLength(4);
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
});
