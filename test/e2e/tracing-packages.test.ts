import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type Bench, entry, startBench } from '../support/program.ts';

const root = dirname(dirname(entry));
const collectorAsked = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
let bench: Bench;
let folder: string;

/** The program as npm installs it for users: everything but the optional packages. */
beforeAll(async () => {
  bench = await startBench();
  folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-lean-'));
  await cp(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await mkdir(join(folder, 'node_modules'));
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@opentelemetry') await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
});
afterAll(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs until the log says so, or until the program ends by itself: its exit code and its log. */
async function runLean(env: Record<string, string>, until: RegExp): Promise<string> {
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
}

it('with their packages, the built program sends its spans to the collector', async () => {
  const bodies: string[] = [];
  const collector = createServer((req, res) => {
    req.on('data', (chunk) => bodies.push(String(chunk))).on('end', () => res.end('{}'));
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  const program = bench.run(['serve', '--transports', 'http'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  const answer = await fetch(`http://127.0.0.1:${await program.port()}/tools/listar_empresas`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(answer.status).toBe(200);
  await expect.poll(() => bodies.join(''), { timeout: 10_000 }).toContain('execute_tool listar_empresas');
  program.kill('SIGTERM');
  expect((await program.exit()).code).toBe(0);
  collector.closeAllConnections();
  collector.close();
});

it('without them the server does not start and says what to install; without spans it does', async () => {
  const refused = await runLean(collectorAsked, /"port"/);
  expect(refused).toMatch(/^1 [\s\S]*não estão instalados/);
  expect(refused).toMatch(/npm install @opentelemetry\/api/);
  expect(refused).not.toMatch(/\n\s+at /);
  expect(await runLean({}, /"port"/)).toMatch(/^0 /);
});

it('packages that are there and do not load are not called missing: the reason is told', async () => {
  const broken = join(folder, 'node_modules/@opentelemetry/api');
  await mkdir(broken, { recursive: true });
  await writeFile(join(broken, 'package.json'), '{"name":"@opentelemetry/api","version":"1.9.0","main":"index.js"}');
  await writeFile(join(broken, 'index.js'), 'throw new Error("built for another Node");');
  // The others are whole, so that only this one can be the reason.
  for (const name of await readdir(join(root, 'node_modules/@opentelemetry')))
    if (name !== 'api') await symlink(join(root, 'node_modules/@opentelemetry', name), join(dirname(broken), name));
  const refused = await runLean(collectorAsked, /"port"/);
  expect(refused).toMatch(/^1 [\s\S]*estão instalados, mas não carregam \(built for another Node\)/);
  expect(refused).not.toMatch(/não estão instalados|\n\s+at /);
});

it('the built program has zod inside, and no other package', async () => {
  const packages = new Set<string>();
  // Beside the program stand folders of type declarations.
  const names = (await readdir(join(root, 'dist'))).filter((name) => /\.js(?:\.map)?$/.test(name));
  for (const name of names) {
    const text = await readFile(join(root, 'dist', name), 'utf8');
    // What a bundler leaves where a CommonJS module was taken in that needs one of Node's own.
    if (name.endsWith('.js')) expect(text, name).not.toMatch(/node_modules\/@opentelemetry|Dynamic require of/);
    if (!name.endsWith('.map')) continue;
    const { sources } = z.object({ sources: z.array(z.string()) }).parse(JSON.parse(text));
    for (const source of sources) {
      const taken = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
      if (taken !== undefined) packages.add(taken);
    }
  }
  expect([...packages]).toEqual(['zod']);
});
