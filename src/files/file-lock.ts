import { createHash, randomUUID } from 'node:crypto';
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
    const stale = await staleLock(lock);
    if (stale === undefined) await sleep(RETRY_MS);
    else await clear(lock, stale);
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
 * Removes a lock that was left behind, if it is still that one. Of those who saw it stale one alone may, by a file named after
 * that very lock: a slower one would otherwise remove the lock that a quicker one took meanwhile.
 */
async function clear(lock: string, stale: string): Promise<void> {
  const right = `${lock}.${stale}`;
  if (!(await take(right, ''))) return void (await sleep(RETRY_MS));
  try {
    if ((await staleLock(lock)) === stale) await rm(lock, { force: true });
  } finally {
    await rm(right, { force: true });
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

/** What tells this lock from every other, if it was left behind. */
async function staleLock(lock: string): Promise<string | undefined> {
  try {
    const { mtimeMs } = await stat(lock);
    if (Date.now() - mtimeMs <= STALE_MS) return undefined;
    return createHash('sha256')
      .update(`${mtimeMs} ${await readFile(lock, 'utf8')}`)
      .digest('hex')
      .slice(0, 16);
  } catch {
    return undefined;
  }
}
