import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';

/** The holder touches its lock at least this often. */
export const LOCK_TOUCH_MS = 10_000;
/** A lock not touched for this long belongs to nobody: its machine is gone, or its number was given to another process. */
const STALE_MS = 60_000;

const holderShape = z.object({ id: z.string(), host: z.string(), pid: z.number().int(), born: z.number() });
type Holder = z.output<typeof holderShape>;

export interface HeldFile {
  /** True while the lock file is still ours; touches it. */
  keep(): Promise<boolean>;
  release(): Promise<void>;
}

/** Somebody else holds it. */
export class HeldByAnotherError extends Error {
  /** Portuguese, for the middle of a sentence. */
  readonly holder: string;

  constructor(holder: Holder | undefined) {
    super('held by another process');
    this.name = 'HeldByAnotherError';
    this.holder = holder === undefined ? 'outro processo' : `o processo ${holder.pid} em ${holder.host}`;
  }
}

/**
 * One holder at a time, also across machines with one file system. Node has no `flock`, so the lock is a file that names its
 * holder; a holder that died on this machine is noticed at once, one on another machine after a minute of silence.
 *
 * @throws HeldByAnotherError
 */
export async function holdFile(path: string): Promise<HeldFile> {
  const mine: Holder = { id: randomUUID(), host: hostname(), pid: process.pid, born: performance.timeOrigin };
  if (!(await tryCreate(path, mine))) {
    const holder = await readHolder(path);
    if (holder !== undefined && !(await isStale(path, holder))) throw new HeldByAnotherError(holder);
    await rm(path, { force: true });
    if (!(await tryCreate(path, mine))) throw new HeldByAnotherError(await readHolder(path));
  }
  return {
    async keep() {
      if ((await readHolder(path))?.id !== mine.id) return false;
      const now = new Date();
      await utimes(path, now, now);
      return true;
    },
    async release() {
      if ((await readHolder(path))?.id === mine.id) await rm(path, { force: true });
    },
  };
}

async function tryCreate(path: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderShape.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function isStale(path: string, { host, pid, born }: Holder): Promise<boolean> {
  if (host === hostname()) {
    // A container that starts again has the same name and the same number, but was born later.
    if (pid === process.pid) return born !== performance.timeOrigin;
    if (!isAlive(pid)) return true;
  }
  const { mtimeMs } = await stat(path);
  return Date.now() - mtimeMs > STALE_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
