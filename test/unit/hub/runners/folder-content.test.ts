import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
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
