import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { entry, startBench } from '../support/program.ts';

it('spans without their packages: the server does not start and says what to install; without spans it does', async () => {
  // The program as npm installs it for users: everything but the optional packages.
  const root = dirname(dirname(entry));
  const folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-lean-'));
  await cp(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await mkdir(join(folder, 'node_modules'));
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@opentelemetry') await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  const bench = await startBench();
  const run = async (env: Record<string, string>, until: RegExp): Promise<string> => {
    const child = spawn(process.execPath, [join(folder, 'dist/main.js'), 'serve', '--transports', 'http'], {
      env: { PATH: process.env['PATH'] ?? '', ...bench.env, ...env },
      cwd: folder,
    });
    let log = '';
    child.stderr.on('data', (chunk) => {
      log += chunk;
      if (until.test(log)) child.kill('SIGTERM');
    });
    const [code] = await once(child, 'close');
    return `${code} ${log}`;
  };
  const refused = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }, /nunca/);
  expect(refused).toMatch(/^1 /);
  expect(refused).toMatch(/npm install @opentelemetry\/api/);
  expect(refused).not.toMatch(/\n\s+at /);
  expect(await run({}, /"port"/)).toMatch(/^0 /);
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});
