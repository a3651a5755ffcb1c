/**
 * The inside of one fake sandbox: a home of its own, and envd's process service as the SDK speaks it (Connect, JSON):
 * streams of `start`, `data` and `end` for Start and Connect, List, SendSignal. Commands run for real, in bash as E2B does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';

/** Sandboxes have their ports to themselves; here a port that is listened on gets any free one, which is written down. */
const PORTS = `const net = require('node:net'), fs = require('node:fs');
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
  const port = typeof first === 'object' && first !== null ? first.port : first;
  if (!(port > 0)) return listen.call(this, first, ...rest);
  this.once('listening', () => fs.writeFileSync(process.env.SANDBOX_HOME + '/port-' + port, String(this.address().port)));
  return listen.call(this, 0, '127.0.0.1', ...rest.filter((one) => typeof one === 'function'));
};`;

const startSchema = z.object({
  process: z.object({
    cmd: z.string(),
    args: z.array(z.string()).default([]),
    envs: z.record(z.string(), z.string()).default({}),
    cwd: z.string().optional(),
  }),
});
type Config = z.output<typeof startSchema>['process'];
const selected = z.object({ process: z.object({ pid: z.number() }) });

interface Running {
  readonly config: Config;
  readonly child: ChildProcess;
  readonly listeners: Set<(event: object) => void>;
}

export class Envd {
  readonly #home: string;
  readonly #running = new Map<number, Running>();
  readonly #streams = new Set<ServerResponse>();
  /** Every command that was started, with its variables. */
  readonly started: Config[] = [];
  /** How often somebody began to listen. */
  listened = 0;
  readonly #environment: Readonly<Record<string, string>>;

  /** @param programs a folder whose programs come before those of this machine */
  constructor(home: string, programs: string, environment: Readonly<Record<string, string>>) {
    this.#home = home;
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'ports.cjs'), PORTS);
    // A login shell would set the PATH of this machine's login.
    writeFileSync(join(home, '.bash_profile'), `export PATH='${programs}:${process.env['PATH']}'\n`);
    this.#environment = {
      HOME: home,
      SANDBOX_HOME: home,
      NODE_OPTIONS: `--require=${join(home, 'ports.cjs')}`,
      npm_config_cache: join(home, '.npm'),
      ...environment,
    };
  }

  /** How many listen now. */
  get hearing(): number {
    return [...this.#running.values()].reduce((sum, { listeners }) => sum + listeners.size, 0);
  }

  /** Every stream of a command breaks off in the middle; the commands run on. */
  cut(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  /** Undefined: nothing listens on it. */
  portOf(port: number): number | undefined {
    try {
      return Number(readFileSync(join(this.#home, `port-${port}`), 'utf8'));
    } catch {
      return undefined;
    }
  }

  get pids(): readonly number[] {
    return [...this.#running.keys()];
  }

  async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = req.url ?? '';
    const body = Buffer.concat(await req.toArray());
    if (path === '/health') {
      res.writeHead(204).end();
      return;
    }
    if (path === '/process.Process/Start') return this.#start(startSchema.parse(opened(body)).process, res);
    if (path === '/process.Process/Connect') return this.#connect(selected.parse(opened(body)).process.pid, res);
    const json = (status: number, value: object): void => {
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (path === '/process.Process/List') {
      json(200, { processes: [...this.#running].map(([pid, { config }]) => ({ pid, config })) });
      return;
    }
    if (path === '/process.Process/SendSignal') {
      const { pid } = selected.parse(JSON.parse(body.toString('utf8'))).process;
      if (!this.#running.has(pid)) json(404, { code: 'not_found', message: `process with pid ${pid} not found` });
      else {
        this.#kill(pid);
        json(200, {});
      }
      return;
    }
    json(404, { code: 'unimplemented', message: path });
  }

  async close(): Promise<void> {
    const ends = [...this.#running.values()].map(({ child }) =>
      child.exitCode === null && child.signalCode === null ? once(child, 'close') : undefined,
    );
    for (const pid of this.#running.keys()) this.#kill(pid);
    await Promise.all(ends);
  }

  #kill(pid: number): void {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
  }

  #start(config: Config, res: ServerResponse): void {
    this.started.push(config);
    const child = spawn(config.cmd, config.args, {
      cwd: config.cwd ?? this.#home,
      env: { ...this.#environment, ...config.envs },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const pid = child.pid ?? 0;
    const listeners = new Set<(event: object) => void>();
    this.#running.set(pid, { config, child, listeners });
    const tell = (event: object): void => {
      for (const listener of listeners) listener(event);
    };
    child.stdout.on('data', (data: Buffer) => tell({ data: { stdout: data.toString('base64') } }));
    child.stderr.on('data', (data: Buffer) => tell({ data: { stderr: data.toString('base64') } }));
    child.once('close', (code, signal) => {
      this.#running.delete(pid);
      const status = signal === null ? `exit status ${code}` : `signal: ${signal}`;
      tell({ end: { exitCode: code ?? -1, exited: signal === null, status } });
    });
    this.#connect(pid, res);
  }

  #connect(pid: number, res: ServerResponse): void {
    const running = this.#running.get(pid);
    if (running === undefined) {
      res.writeHead(200, { 'content-type': 'application/connect+json' });
      res.end(envelope({ error: { code: 'not_found', message: `process with pid ${pid} not found` } }, END));
      return;
    }
    res.writeHead(200, { 'content-type': 'application/connect+json' });
    const listener = (event: object): void => {
      res.write(envelope({ event }));
      if ('end' in event) res.end(envelope({}, END));
    };
    this.listened += 1;
    running.listeners.add(listener);
    this.#streams.add(res);
    // Who leaves hears no more, and the process runs on.
    res.once('close', () => {
      running.listeners.delete(listener);
      this.#streams.delete(res);
    });
    listener({ start: { pid } });
  }
}

const END = 2;

/** Connect's framing: flags, length, message. */
function envelope(message: object, flags = 0): Buffer {
  const data = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(data.length, 1);
  return Buffer.concat([head, data]);
}

const opened = (body: Buffer): unknown => JSON.parse(body.subarray(5, 5 + body.readUInt32BE(1)).toString('utf8'));
