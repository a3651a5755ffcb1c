import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { askNpmRegistries } from '../../../../src/hub/runners/npm-registries.ts';
import { silent } from '../../../support/upstreams.ts';

it('npm says which registry it installs from, and which is the public one', async () => {
  const home = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-npmrc-'));
  try {
    await writeFile(join(home, '.npmrc'), 'registry=https://npm.intranet.example/all/\n');
    const installerEnvironment = { PATH: process.env['PATH'] ?? '', HOME: home };
    const dataDir = join(home, 'data');
    await mkdir(dataDir);
    const parts = { dataDir, logger: silent, installerEnvironment };
    const { signal } = new AbortController();
    const { own, standard } = await askNpmRegistries(parts)(signal);
    expect(own).toBe('npm.intranet.example');
    expect(standard).toMatch(/^[a-z]+(\.[a-z]+)+$/);
    expect(standard).not.toBe(own);

    const set = askNpmRegistries({ ...parts, npmRegistry: 'http://127.0.0.1:4873/' });
    expect(await set(signal)).toEqual({ own: '127.0.0.1:4873', standard });
    // npm is not asked again.
    await rm(join(home, '.npmrc'));
    expect(await set(signal)).toEqual({ own: '127.0.0.1:4873', standard });

    const without = askNpmRegistries({ ...parts, installerEnvironment: { PATH: home } });
    expect(await without(signal)).toEqual({ own: undefined, standard: undefined });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
