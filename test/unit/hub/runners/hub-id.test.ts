import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hubIdOf, readHubId } from '../../../../src/hub/runners/hub-id.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-id-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

it('whoever asks first makes it, and all who ask beside it are told the same', async () => {
  expect(await readHubId(dataDir)).toBeUndefined();
  // The same folder by other names is what other processes are: nothing but the file is shared.
  const folders = [dataDir, dataDir, `${dataDir}/`, `${dataDir}/.`];
  const ids = await Promise.all(folders.map((folder) => hubIdOf(folder)));
  expect(new Set(ids).size).toBe(1);
  expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(await readFile(join(dataDir, 'hub-id'), 'utf8')).toBe(`${ids[0]}\n`);
  expect(await hubIdOf(dataDir)).toBe(ids[0]);
});

it('a file that a hub left empty is filled', async () => {
  await writeFile(join(dataDir, 'hub-id'), '');
  const id = await hubIdOf(dataDir);
  expect(await readHubId(dataDir)).toBe(id);
});
