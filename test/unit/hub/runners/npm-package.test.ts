import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { npmLookUp } from '../../../../src/hub/runners/npm-package.ts';
import { silent } from '../../../support/upstreams.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-view-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it.skipIf(process.platform === 'win32').each([
  ['ENOSPC', 'disco_indisponivel'],
  // Its folder was made a moment ago: what is not allowed is to connect.
  ['EACCES', 'fonte_indisponivel'],
  ['EPERM', 'fonte_indisponivel'],
  ['E404', 'fonte_desconhecida'],
])('an npm that fails with %s is told as %s', async (code, told) => {
  await writeFile(join(root, 'npm'), `#!/bin/sh\necho '{"error":{"code":"${code}"}}'; exit 1\n`);
  await chmod(join(root, 'npm'), 0o755);
  const installerEnvironment = { PATH: `${root}:${process.env['PATH']}` };
  const lookUp = npmLookUp({ dataDir: root, logger: silent, installerEnvironment });
  const asked = lookUp({ name: 'um', version: '1.0.0' }, new AbortController().signal);
  await expect(asked).rejects.toMatchObject({ code: told });
});
