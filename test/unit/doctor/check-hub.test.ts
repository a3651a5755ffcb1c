import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkHub } from '../../../src/doctor/check-hub.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-check-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const look = (folder: string, on = true) => checkHub({ HUB_ENABLED: on, HUB_DATA_DIR: join(root, folder) }).run();

it('a folder that is there is good; of one that is not yet it is said who makes it, and nothing is made', async () => {
  expect(await look('.')).toMatchObject([{ level: 'ok', what: expect.stringContaining('aceita escrita') }]);
  // Nobody knows before it is made: in /proc nothing can be.
  const what = expect.stringMatching(new RegExp(`ainda não existe; .* se ${root} deixar$`));
  expect(await look('a/b')).toMatchObject([{ level: 'ok', what }]);
  expect(await readdir(root)).toEqual([]);
});

it('a file in its place or above it is told, with what to do', async () => {
  await writeFile(join(root, 'file'), '');
  for (const folder of ['file', 'file/below']) {
    expect(await look(folder)).toMatchObject([
      {
        level: 'erro',
        what: expect.stringContaining('não é uma pasta'),
        advice: expect.stringContaining('HUB_DATA_DIR'),
      },
    ]);
  }
  expect(await look('file', false)).toEqual([]);
});

it('libraries that are missing are told: where the settings ask for them with what to do', async () => {
  const settings = { HUB_ENABLED: true, HUB_DATA_DIR: root, DOCKER_HOST: 'unix:///var/run/docker.sock' };
  const [, ...found] = await checkHub(settings, (name) => name !== 'dockerode' && name !== 'e2b').run();
  expect(found).toEqual([
    {
      level: 'aviso',
      what: expect.stringContaining('dockerode'),
      advice: expect.stringContaining('npm install dockerode@5'),
    },
    { level: 'ok', what: expect.stringMatching(/sem o pacote e2b .*method e2b.*não o pedem/) },
  ]);
});
