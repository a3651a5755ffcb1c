import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderContent } from '../../../../src/hub/runners/folder-content.ts';

const { signal } = new AbortController();
let root: string;
let folder: string;
const digest = async (limits?: { entries: number; bytes: number }) =>
  (await folderContent(folder, signal, limits)).digest;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-content-'));
  folder = join(root, 'servidor');
  await mkdir(join(folder, 'lib'), { recursive: true });
  await writeFile(join(folder, 'index.cjs'), 'um');
  await writeFile(join(folder, 'lib/b.cjs'), 'dois');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const changes: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['a file says something else', () => writeFile(join(folder, 'lib/b.cjs'), 'tres')],
  ['a file is there that was not', () => writeFile(join(folder, 'lib/c.cjs'), '')],
  ['a file is gone', () => rm(join(folder, 'lib/b.cjs'))],
  ['a file has another name', () => rename(join(folder, 'lib/b.cjs'), join(folder, 'lib/c.cjs'))],
  ['a file has moved', () => rename(join(folder, 'lib/b.cjs'), join(folder, 'b.cjs'))],
  ['an empty folder is there', () => mkdir(join(folder, 'vazia'))],
  ['a link is there', () => symlink('index.cjs', join(folder, 'outro.cjs'))],
];
it.each(changes)('%s: another digest', async (_what, change) => {
  const before = await digest();
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  expect(await digest()).toBe(before);
  await change();
  expect(await digest()).not.toBe(before);
});

it.each(['node_modules', '.git', '.venv', 'venv', '__pycache__'])('what lies in %s is left out', async (name) => {
  const before = await digest();
  await mkdir(join(folder, 'lib', name));
  await writeFile(join(folder, 'lib', name, 'x'), 'x');
  expect(await digest()).toBe(before);
});

it('a link is where it leads, and nothing behind it is read', async () => {
  const outside = join(root, 'fora');
  await mkdir(outside);
  await symlink(folder, join(folder, 'volta'));
  expect(await folderContent(folder, signal)).toMatchObject({ leadsOut: false });
  await symlink(outside, join(folder, 'saida'));
  const { digest: before, leadsOut } = await folderContent(folder, signal);
  expect(leadsOut).toBe(true);
  await writeFile(join(outside, 'x'), 'x');
  expect(await digest()).toBe(before);
});

it('a link that leads to nothing yet may lead out later, unless it leads to what is covered', async () => {
  const told = async (target: string) => {
    await symlink(target, join(folder, 'solto'));
    const { leadsOut } = await folderContent(folder, signal);
    await rm(join(folder, 'solto'));
    return leadsOut;
  };
  expect(await told('nada')).toBe(false);
  expect(await told('lib/nada')).toBe(false);
  expect(await told('../nada')).toBe(true);
  expect(await told(join(root, 'servidor2/nada'))).toBe(true);
  // There nothing is looked at, whether it leads on or not.
  expect(await told('node_modules/nada')).toBe(true);
  await mkdir(join(folder, 'node_modules/nada'), { recursive: true });
  expect(await told('node_modules/nada')).toBe(true);
});

it('is the same wherever it lies, in whatever order the system names what is there', async () => {
  // In no order: neither as they are made nor the other way round.
  for (const name of ['m', 'c', 'x', 'a', 'q', 'f', 'z', 'h']) await writeFile(join(folder, 'lib', name), name);
  // Of servers that have not started yet it is stored: another one here is a refusal there.
  expect(await digest()).toBe('3937cb7dd0fb0349f2015a432943d1f602326a834179a078ee0a70970c1cf60d');
});

/** Root may read everything: the tests of what may not be read are somebody else's. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe.skipIf(process.platform === 'win32')('what may not be read', () => {
  beforeEach(() => chmod(root, 0o755));
  afterEach(() => Promise.all([chmod(folder, 0o755), chmod(join(folder, 'lib'), 0o755)]));

  it('of a folder below is told, and another digest as soon as it may', async () => {
    expect(await asNobody(() => folderContent(folder, signal))).toMatchObject({ unread: false });
    await chmod(join(folder, 'lib'), 0o311);
    const { digest: before, unread } = await asNobody(() => folderContent(folder, signal));
    expect([unread, before]).toEqual([true, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    await chmod(join(folder, 'lib'), 0o755);
    expect(await digest()).not.toBe(before);
  });

  it('of the folder itself is a refusal that says what to do', async () => {
    await chmod(folder, 0o311);
    await expect(asNobody(() => folderContent(folder, signal))).rejects.toMatchObject({
      code: 'sem_executor',
      hint: expect.stringContaining('leitura'),
    });
  });
});

it('a folder that is gone is told as one that cannot be read', async () => {
  await rm(folder, { recursive: true });
  await expect(folderContent(folder, signal)).rejects.toMatchObject({ code: 'sem_executor' });
});

it.skipIf(process.platform === 'win32')('a pipe is told and never waited for', async () => {
  const before = await digest();
  execFileSync('mkfifo', [join(folder, 'cano')]);
  expect(await digest()).not.toBe(before);
});

it('beyond the limits there is none, and none that is of a part', async () => {
  expect(await digest({ entries: 3, bytes: 6 })).toMatch(/^[0-9a-f]{64}$/);
  expect(await digest({ entries: 2, bytes: 6 })).toBeUndefined();
  expect(await digest({ entries: 3, bytes: 5 })).toBeUndefined();
});
