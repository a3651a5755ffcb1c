/** An npm registry on loopback with packages written in one breath, as `npm view` and `npm install` read it. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { startRaw } from './upstreams.ts';

export interface TestPackage {
  readonly name: string;
  readonly version: string;
  /** Path to text, without the manifest. */
  readonly files: Readonly<Record<string, string>>;
  /** More of its package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly publishedAt?: string;
}

export interface TestRegistry {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function startNpmRegistry(packages: readonly TestPackage[]): Promise<TestRegistry> {
  const asked: string[] = [];
  const built = packages.map((one) => ({ ...one, tarball: tarballOf(one) }));
  const raw = await startRaw((req, res) => {
    const path = decodeURIComponent((req.url ?? '/').slice(1).split('?', 1)[0] ?? '');
    asked.push(path);
    const tarball = built.find((one) => path === `-/${fileOf(one)}`)?.tarball;
    if (tarball !== undefined) {
      res.writeHead(200, { 'content-type': 'application/octet-stream' }).end(tarball);
      return;
    }
    const versions = built.filter(({ name }) => name === path);
    const last = versions.at(-1);
    if (last === undefined) {
      res.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}');
      return;
    }
    const body = {
      name: last.name,
      'dist-tags': { latest: last.version },
      versions: Object.fromEntries(versions.map((one) => [one.version, manifestOf(one, raw.origin, one.tarball)])),
      time: Object.fromEntries(
        versions.map(({ version, publishedAt = '2020-01-02T03:04:05.000Z' }) => [version, publishedAt]),
      ),
    };
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return { url: `${raw.origin}/`, asked, close: raw.close };
}

const fileOf = ({ name, version }: TestPackage): string => `${name.replace('/', '-')}-${version}.tgz`;

function manifestOf(one: TestPackage, origin: string, tarball: Buffer) {
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  return {
    name: one.name,
    version: one.version,
    ...one.manifest,
    dist: { tarball: `${origin}/-/${fileOf(one)}`, integrity },
  };
}

function tarballOf({ name, version, files, manifest }: TestPackage): Buffer {
  const all = { 'package.json': JSON.stringify({ name, version, ...manifest }), ...files };
  const entries = Object.entries(all).flatMap(([path, text]) => tarEntry(`package/${path}`, Buffer.from(text)));
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1_024)]));
}

/** POSIX ustar: a header of 512 bytes, the content, and what fills its last block. */
function tarEntry(path: string, content: Buffer): Buffer[] {
  const header = Buffer.alloc(512);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  header.write(path, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(0, 12), 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
  );
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}

/** An MCP server over stdio without dependencies: what it is asked to do it does with what it may. */
export const probeServer = `#!/usr/bin/env node
const lines = require('node:readline').createInterface({ input: process.stdin });
const say = (m) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...m }) + '\\n');
const text = (t) => ({ content: [{ type: 'text', text: String(t) }] });
const attempt = (f) => { try { return f(); } catch (e) { return 'refused ' + (e.code || e.message); } };
const schema = { type: 'object' };
const tools = {
  env: () => JSON.stringify(process.env),
  shout: () => { process.stderr.write('env ' + JSON.stringify(process.env) + '\\n'); return 'shouted'; },
  argv: () => JSON.stringify(process.argv.slice(2)),
  pid: () => process.pid,
  cwd: () => process.cwd(),
  read: ({ path }) => attempt(() => require('node:fs').readFileSync(path, 'utf8')),
  write: ({ path }) => attempt(() => { require('node:fs').writeFileSync(path, 'x'); return 'written'; }),
  spawn: () => attempt(() => String(require('node:child_process').execFileSync('id'))),
  crash: () => process.exit(3),
};
process.stderr.write('probe is up\\n');
if (process.argv.includes('--die')) process.exit(7);
lines.on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'initialize') say({ id, result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'probe', version: '1' } } });
  else if (method === 'tools/list') say({ id, result: { tools: Object.keys(tools).map((name) => ({ name, inputSchema: schema })) } });
  else if (method === 'tools/call') say({ id, result: text(tools[params.name](params.arguments || {})) });
  else if (method === 'ping') say({ id, result: {} });
  else say({ id, error: { code: -32601, message: 'no' } });
});
`;

export const probePackage = (more: Partial<TestPackage> = {}): TestPackage => ({
  name: '@teste/probe-server',
  version: '1.2.3',
  files: { 'dist/index.cjs': probeServer },
  manifest: { bin: { probe: './dist/index.cjs' } },
  ...more,
});
