import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError } from '../errors.ts';

/** An edit takes milliseconds: a lock this old was left by a process that died. */
const STALE_MS = 30_000;
const WAIT_MS = 10_000;
const RETRY_MS = 25;

/**
 * Runs alone among all processes that lock the same path, by a file `<path>.lock` beside it.
 *
 * @throws ConfigurationError when another one holds the lock for longer than 10 s.
 */
export async function withFileLock<T>(path: string, run: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const deadline = Date.now() + WAIT_MS;
  while (!(await take(lock))) {
    if (Date.now() > deadline) {
      throw new ConfigurationError(`${path} está sendo alterado por outro processo.`, [], {
        hint: `Repita em instantes; se nenhum outro comando estiver em uso, apague ${lock}.`,
      });
    }
    if (await isStale(lock)) await rm(lock, { force: true });
    else await sleep(RETRY_MS);
  }
  try {
    return await run();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'desconhecido';
    if (code === 'EEXIST') return false;
    throw new ConfigurationError(`${lock} não pôde ser criado (${code}).`, [], {
      hint: 'A pasta precisa existir e aceitar escrita de quem roda o comando.',
      cause: error,
    });
  }
}

async function isStale(lock: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(lock)).mtimeMs > STALE_MS;
  } catch {
    return false;
  }
}
