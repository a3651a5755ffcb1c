import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { holdDataFolder } from '../../../src/hub/servers/data-folder.ts';
import { silent } from '../../support/upstreams.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-folder-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('is one hub’s at a time', async () => {
  const first = await holdDataFolder(join(root, 'data'), silent);
  await expect(holdDataFolder(join(root, 'data'), silent)).rejects.toMatchObject({
    problems: [expect.stringMatching(/^HUB_DATA_DIR: o processo \d+ em .* já tem um hub nesta pasta/)],
  });
  await first.release();
  await (await holdDataFolder(join(root, 'data'), silent)).release();
});

it('is named when it cannot be used', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(holdDataFolder(join(root, 'file'), silent)).rejects.toMatchObject({
    problems: [expect.stringMatching(/^HUB_DATA_DIR: a pasta não pôde ser criada ou escrita \(E[A-Z]+\)/)],
  });
});
