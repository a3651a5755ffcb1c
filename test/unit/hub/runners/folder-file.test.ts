import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Program, programIn, requirementsOf } from '../../../../src/hub/runners/folder-program.ts';

const { signal } = new AbortController();
let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'omie-mcp-hub-file-')));
  await writeFile(join(folder, 'server.py'), '');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put: Readonly<Record<string, (path: string) => unknown>> = {
  'a pipe that nobody writes to': (path) => spawnSync('mkfifo', [path]),
  'a link to a device without end': (path) => symlink('/dev/zero', path),
  'a file of the system without a size': (path) => symlink('/proc/self/mem', path),
  'a folder': (path) => mkdir(path),
  'a link that leads to itself': (path) => symlink(path, path),
  'two megabytes': async (path) => {
    await writeFile(path, '');
    await truncate(path, 2 * 1_048_576);
  },
};

describe.skipIf(process.platform !== 'linux')('in the place of a file, within its time,', () => {
  it.each(Object.keys(put))('%s is refused at the plan', async (what) => {
    for (const name of ['requirements.txt', 'package.json']) {
      await put[what]?.(join(folder, name));
      await expect(programIn(folder, signal)).rejects.toMatchObject({
        code: 'pedido_recusado',
        message: expect.stringContaining(name),
      });
    }
  });

  it.each(Object.keys(put))('%s is refused at a start', async (what) => {
    const program: Program = { kind: 'python', folder, entry: 'server.py' };
    await put[what]?.(join(folder, 'requirements.txt'));
    await expect(requirementsOf(program, signal)).rejects.toMatchObject({ code: 'pedido_recusado' });
  });
});

it('a link to a file is read, one to nothing is no file, a mark of encoding is no part of it, and nothing is read for whoever gave up', async () => {
  const program: Program = { kind: 'python', folder, entry: 'server.py' };
  await symlink('list', join(folder, 'requirements.txt'));
  expect(await requirementsOf(program, signal)).toBe('');
  await writeFile(join(folder, 'list'), `${'# as long as it may be\n'.repeat(40_000)}um==1.0`);
  expect(await requirementsOf(program, signal)).toBe('um==1.0\n');
  await writeFile(join(folder, 'list'), '\ufeffum==1.0\r\n');
  expect(await requirementsOf(program, signal)).toBe('um==1.0\n');
  await writeFile(join(folder, 'package.json'), '\ufeff{"bin":"server.py"}');
  expect(await programIn(folder, signal)).toMatchObject({ kind: 'node', entry: 'server.py' });
  await expect(requirementsOf(program, AbortSignal.abort(new Error('given up')))).rejects.toThrow('given up');
});
