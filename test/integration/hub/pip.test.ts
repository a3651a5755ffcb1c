// A real package through the real pip, where this machine's pip has an index to ask.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startHub } from '../../support/hub-house.ts';
import { isInstalled } from '../../support/installed-tool.ts';
import { pythonServer } from '../../support/python-server.ts';

/** Seven kilobytes of Python, without dependencies. */
const PACKAGE = 'iniconfig==2.3.0';

/** As this machine's pip reaches its index, and without waiting long for one that is not there. */
const pip = {
  ...Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      /^(?:PIP_|SSL_CERT|https?_proxy)/i.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  ),
  PIP_RETRIES: '0',
  PIP_DEFAULT_TIMEOUT: '5',
};

function isReachable(): boolean {
  if (!isInstalled('python3', 'python3-venv')) return false;
  const dest = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-pip-'));
  const args = ['-m', 'pip', 'download', '--no-deps', '--no-cache-dir', '--quiet', '--dest', dest, PACKAGE];
  const env = { PATH: process.env['PATH'] ?? '', ...pip };
  const { status } = spawnSync('python3', args, { env, stdio: 'ignore', timeout: 15_000 });
  rmSync(dest, { recursive: true, force: true });
  if (status !== 0) process.stderr.write(`skipped: pip does not reach an index with ${PACKAGE}\n`);
  return status === 0;
}

it.skipIf(!isReachable())('a folder has what its requirements.txt pins, in an environment of its own', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'omie-mcp-hub-pip-')));
  const hub = await startHub({ HUB_LOCAL_DIR: root, ...pip });
  try {
    await mkdir(join(root, 'cobra'));
    await writeFile(join(root, 'cobra/requirements.txt'), `# the one\n${PACKAGE}\n`);
    await writeFile(join(root, 'cobra/server.py'), pythonServer('iniconfig.__file__', 'import iniconfig'));
    const { body: plan } = await hub.ask('POST', '/api/deploy?dry_run=true', { folder: 'cobra' });
    expect(plan.commands.map(({ args }: { args: string[] }) => args.includes('--only-binary=:all:'))).toEqual([
      false,
      true,
      false,
    ]);
    const server = await hub.deploy({ folder: 'cobra' });
    expect(server).toMatchObject({ status: 'deployed', tools: ['where'] });
    const own = join(await realpath(hub.dataDir), 'servers', server.id, 'venv/');
    expect((await hub.told(server.id, 'where')).startsWith(own)).toBe(true);
  } finally {
    await hub.close();
    await rm(root, { recursive: true, force: true });
  }
});
