// npm tells a full disk in its own words; whoever asks the hub must not be sent to look for another registry.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHub, type TestHub } from '../../support/hub-house.ts';

/** Full when it looks something up, or only when it installs. */
const npm = (full: 'view' | 'install'): string => `#!/bin/sh
case "$1" in
  config) echo https://registry.example/ ;;
  ${full}) echo '{"error":{"code":"ENOSPC","summary":"ENOSPC: no space left on device, write"}}'
    printf 'npm error code ENOSPC\\nnpm error syscall write\\n' >&2; exit 228 ;;
  view) echo '{"name":"probe","version":"1.2.3","bin":"index.js"}' ;;
esac
`;

let bin: string;
let hub: TestHub;
beforeAll(async () => {
  bin = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-bin-'));
  await writeFile(join(bin, 'npm'), npm('view'));
  await chmod(join(bin, 'npm'), 0o755);
  hub = await startHub({ PATH: `${bin}:${process.env['PATH']}` });
});
afterAll(async () => {
  await hub?.close();
  await rm(bin, { recursive: true, force: true });
});

it.skipIf(process.platform === 'win32')('a full disk is no failure of the source', async () => {
  const looked = await hub.ask('POST', '/api/deploy?dry_run=true', { package: 'probe@1.2.3' });
  expect(looked).toMatchObject({
    status: 507,
    body: { code: 'disco_indisponivel', hint: expect.stringContaining('Libere espaço') },
  });
  await writeFile(join(bin, 'npm'), npm('install'));
  const { status, error } = await hub.deploy({ package: 'probe@1.2.3' });
  expect(status).toBe('failed');
  expect(error).toMatch(/O disco em que o hub grava está cheio .* Libere espaço/);
});
