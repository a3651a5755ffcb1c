import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { isInstalled } from './installed-tool.ts';

const DEBIAN = '/usr/lib/postgresql';
const PASSWORD = 'only-for-this-test';

/** Where the programs of PostgreSQL are; undefined, with a line that says so, where there are none. */
export async function findPostgres(): Promise<string | undefined> {
  for (const version of (await namesIn(DEBIAN)).toSorted((a, b) => Number(b) - Number(a))) {
    const bin = join(DEBIAN, version, 'bin');
    if ((await namesIn(bin)).includes('postgres')) return bin;
  }
  if (!isInstalled('postgres', 'postgresql')) return undefined;
  return dirname(spawnSync('sh', ['-c', 'command -v postgres']).stdout.toString().trim());
}

export interface TestPostgres {
  readonly url: string;
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Ends as an operator would end it; `immediate` as a crash would. */
  stop(how?: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its files. */
  close(): Promise<void>;
}

/** A PostgreSQL of its own on a free port of loopback, in a folder of its own. */
export async function startPostgres(bin: string): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-pg-'));
  // PostgreSQL refuses to run as root.
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD);
  if (owner.uid !== undefined) for (const path of [folder, passwordFile]) await chown(path, owner.uid, owner.gid ?? 0);
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'hub', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync', '-E', 'UTF8'];
  const made = spawnSync(join(bin, 'initdb'), [...init, '--locale=C'], { ...owner, cwd: folder });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const url = `postgres://hub:${PASSWORD}@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | undefined;

  const query: TestPostgres['query'] = async (text, values) => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  const start = async (): Promise<void> => {
    const settings = ['fsync=off', 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
    server = spawn(
      join(bin, 'postgres'),
      ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
      { ...owner, cwd: folder, stdio: 'ignore' },
    );
    for (let tries = 0; ; tries += 1) {
      try {
        await query('SELECT 1');
        return;
      } catch (error) {
        if (tries > 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  const stop = async (how: 'fast' | 'immediate' = 'fast'): Promise<void> => {
    const running = server;
    if (running === undefined) return;
    server = undefined;
    const ended = once(running, 'exit');
    running.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  };
  await start();
  return {
    url,
    query,
    stop,
    start,
    async close() {
      await stop('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const namesIn = async (folder: string): Promise<string[]> => readdir(folder).catch((): string[] => []);

const idOf = (flag: '-u' | '-g'): number => Number(spawnSync('id', [flag, 'postgres']).stdout.toString());

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
