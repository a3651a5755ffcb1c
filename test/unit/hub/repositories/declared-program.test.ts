// The same folder, on this machine and in the archive of a repository: what is run of it is the same.
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveFolder } from '../../../../src/hub/repositories/archive-folder.ts';
import { declaredProgram, placed } from '../../../../src/hub/repositories/declared-program.ts';
import { programIn } from '../../../../src/hub/runners/folder-program.ts';
import { repositoryArchive } from '../../../support/archive.ts';

const { signal } = new AbortController();
let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'omie-mcp-hub-declared-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;
async function here(files: Files) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const { kind, entry } = await programIn(folder, signal);
  return { kind, entry };
}
async function inRepository(files: Files) {
  const there = await archiveFolder(repositoryArchive(files), '', signal);
  const { kind, entry } = await declaredProgram(there);
  return { kind, entry: await placed(entry, there) };
}

it.each<[what: string, files: Files, program: object]>([
  ['a mark of encoding', { 'package.json': '\ufeff{"bin":"./a.js"}', 'a.js': '' }, { kind: 'node', entry: 'a.js' }],
  ['a folder', { 'package.json': '{"main":"dist"}', 'dist/index.js': '' }, { kind: 'node', entry: 'dist/index.js' }],
  ['the folder itself', { 'package.json': '{"main":"./"}', 'index.js': '' }, { kind: 'node', entry: 'index.js' }],
  [
    'a folder called like a program',
    { 'requirements.txt': '', 'server.py/x': '', 'main.py': '' },
    { kind: 'python', entry: 'main.py' },
  ],
])('%s', async (_what, files, program) => {
  expect(await here(files)).toEqual(program);
  expect(await inRepository(files)).toEqual(program);
});

describe('without a program', () => {
  const HINT = 'Use um pacote publicado, uma imagem, ou clone-o em HUB_LOCAL_DIR.';
  it.each<[what: string, files: Files, hintHere: RegExp]>([
    ['a folder without index.js', { 'package.json': '{"main":"dist"}', 'dist/outro.js': '' }, /Compile/],
    ['nothing declared', { 'package.json': '{}' }, /Declare bin ou main/],
    ['nothing at all', { LEIA: '' }, /Implante uma pasta/],
    ['no server of Python', { 'requirements.txt': '', 'outra.py': '' }, /Implante uma pasta/],
  ])('%s: whose repository it is decides what can be done', async (_what, files, hintHere) => {
    const refused = { code: 'sem_executor', hint: expect.stringMatching(hintHere) };
    await expect(here(files)).rejects.toMatchObject(refused);
    await expect(inRepository(files)).rejects.toMatchObject({ code: 'sem_executor', hint: HINT });
  });
});
