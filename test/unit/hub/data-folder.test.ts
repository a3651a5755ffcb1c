import { chmod, chown, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { holdDataFolder, makeDataFolder } from '../../../src/hub/servers/data-folder.ts';
import { silent } from '../../support/upstreams.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-folder-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('is one hub’s at a time', async () => {
  const first = await holdDataFolder(join(root, 'data'), silent);
  await expect(holdDataFolder(join(root, 'data'), silent)).rejects.toMatchObject({
    message: expect.stringMatching(/^HUB_DATA_DIR não pode ser usada: o processo \d+ em .* já tem um hub nesta pasta/),
  });
  await first.release();
  await (await holdDataFolder(join(root, 'data'), silent)).release();
});

it('may be missing with folders above it, or be a link to one', async () => {
  await (await holdDataFolder(join(root, 'a/b/c'), silent)).release();
  expect((await stat(join(root, 'a/b'))).mode & 0o777).toBe(0o700);
  await symlink('a/b/c', join(root, 'link'));
  await (await holdDataFolder(join(root, 'link'), silent)).release();
  await Promise.all(['x', 'y'].map((name) => makeDataFolder(join(root, 'new', 'together', name))));
});

it.each([
  ['file', 'não é uma pasta'],
  ['file/below', 'passa por um arquivo'],
  ['nowhere', 'link para uma que não existe'],
  ['nowhere/below', 'link para uma que não existe'],
  ['loop', 'link'],
  // Not even root writes there.
  ['/proc', ''],
  // Node's own recursive mkdir never comes back from there.
  ['/proc/omie-mcp-hub/data', ''],
])('%s cannot be used, which is said with the path and what to do', async (name, why) => {
  await writeFile(join(root, 'file'), '');
  await symlink('not-there', join(root, 'nowhere'));
  await symlink('loop', join(root, 'loop'));
  const path = resolve(root, name);
  await expect(holdDataFolder(path, silent)).rejects.toMatchObject({
    message: expect.stringMatching(new RegExp(`^HUB_DATA_DIR não pode ser usada: .*${why}.*: ${path}$`)),
    hint: expect.stringContaining('pasta própria'),
  });
});

it('one that may only be read cannot be used', async () => {
  const isRoot = process.getuid?.() === 0;
  await chmod(root, 0o500);
  // No mode stops root.
  if (isRoot) {
    await chown(root, NOBODY, NOBODY);
    process.seteuid?.(NOBODY);
  }
  try {
    for (const path of [root, join(root, 'below')])
      await expect(holdDataFolder(path, silent)).rejects.toThrow(/falta permissão para escrever/);
  } finally {
    if (isRoot) process.seteuid?.(0);
    await chmod(root, 0o700);
  }
});

const NOBODY = 65_534;
