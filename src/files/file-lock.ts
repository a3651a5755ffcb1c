import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError } from '../errors.ts';

/** Whoever holds a lock touches it again and again: one that is this old was left by a process that died. */
const STALE_MS = 30_000;
const TOUCH_MS = 5_000;
const WAIT_MS = 10_000;
const RETRY_MS = 25;

/**
 * Runs alone among all processes that lock the same path, by a file `<path>.lock` beside it.
 *
 * @throws ConfigurationError when another one holds the lock for longer than 10 s.
 */
export async function withFileLock<T>(path: string, run: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const owner = randomUUID();
  const deadline = Date.now() + WAIT_MS;
  while (!(await take(lock, owner))) {
    if (Date.now() > deadline) {
      throw new ConfigurationError(`${path} está sendo alterado por outro processo.`, [], {
        hint: `Repita em instantes; se nenhum outro comando estiver em uso, apague ${lock}.`,
      });
    }
    if (await isStale(lock)) await clear(lock);
    else await sleep(RETRY_MS);
  }
  const touch = setInterval(() => utimes(lock, new Date(), new Date()).catch(() => {}), TOUCH_MS).unref();
  try {
    return await run();
  } finally {
    clearInterval(touch);
    // A process that was stopped for long may have been taken for dead: the lock is another's then.
    if ((await ownerOf(lock)) === owner) await rm(lock, { force: true });
  }
}

/**
 * Removes a lock that was left behind, one process at a time, and looks again before it does: of two that saw it stale the
 * slower one would otherwise remove the lock that the quicker one took meanwhile.
 */
async function clear(lock: string): Promise<void> {
  const clearing = `${lock}.clearing`;
  if (!(await take(clearing, ''))) {
    if (await isStale(clearing)) await rm(clearing, { force: true });
    else await sleep(RETRY_MS);
    return;
  }
  try {
    if (await isStale(lock)) await rm(lock, { force: true });
  } finally {
    await rm(clearing, { force: true });
  }
}

async function ownerOf(lock: string): Promise<string | undefined> {
  return readFile(lock, 'utf8').catch(() => undefined);
}

async function take(lock: string, owner: string): Promise<boolean> {
  try {
    await writeFile(lock, owner, { flag: 'wx', mode: 0o600 });
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
