/** The shipped nginx.conf, run for real: only the addresses of one machine's test are put in. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface RunningProxy {
  readonly port: number;
  readonly origin: string;
  readonly tlsPort: number;
  /** What nginx wrote to its error log. */
  errors(): string;
  /** Its access log, a JSON line a request. */
  access(): string;
  stop(): Promise<void>;
}

export interface ProxyOptions {
  readonly hubA: number;
  readonly hubB: number;
  /** Files for site/ beside those without `.example`: name → content. */
  readonly site?: Readonly<Record<string, string>>;
}

/** Lays out the shipped files as the image has them; the ports of this test stand for the names of the network. */
export function layOut({ hubA, hubB, site = {} }: ProxyOptions, port: number, tlsPort: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-nginx-'));
  // Workers give up root and must still reach their temporary files.
  chmodSync(folder, 0o755);
  const shipped = readFileSync(join(root, 'nginx.conf'), 'utf8');
  const conf = shipped
    .replaceAll('hub-a:8000', `127.0.0.1:${hubA}`)
    .replaceAll('hub-b:8000', `127.0.0.1:${hubB}`)
    .replaceAll('listen 8080', `listen 127.0.0.1:${port}`);
  writeFileSync(join(folder, 'nginx.conf'), conf);
  cpSync(join(root, 'deploy/nginx'), join(folder, 'site'), { recursive: true });
  for (const [name, text] of Object.entries(site)) {
    writeFileSync(join(folder, 'site', name), text.replaceAll('listen 8443', `listen 127.0.0.1:${tlsPort}`));
  }
  mkdirSync(join(folder, 'tls'));
  return folder;
}

export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const [port, tlsPort] = [await freePort(), await freePort()];
  const folder = layOut(options, port, tlsPort);
  const [out, err] = [join(folder, 'access.log'), join(folder, 'error.log')];
  // Files, not pipes: nginx opens /dev/stdout by name, which a socket pair does not allow.
  const child = spawn('nginx', [...nginxArgs(folder), '-g', 'daemon off;'], {
    stdio: ['ignore', openSync(out, 'a'), openSync(err, 'a')],
    env: nginxEnv(),
  });
  const errors = (): string => readFileSync(err, 'utf8');
  await untilListening(port, child, errors);
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    tlsPort,
    errors,
    access: () => readFileSync(out, 'utf8'),
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function nginxArgs(folder: string): string[] {
  return ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
}

export function nginxEnv(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilListening(port: number, child: ChildProcess, errors: () => string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) break;
    const socket = connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw new Error(`nginx did not start: ${errors()}`);
}
