/** A container of the fake Engine: a real process, and the Engine's words about it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import type { Duplex } from 'node:stream';
import { z } from 'zod';

/** Fields of Engine API v1.51 that a body may have here; the real Engine ignores what it does not know. */
export const createBody = z.strictObject({
  Image: z.string(),
  Cmd: z.array(z.string()).optional(),
  Env: z.array(z.string()).default([]),
  Labels: z.record(z.string(), z.string()).default({}),
  Tty: z.boolean().default(false),
  OpenStdin: z.boolean().default(false),
  StdinOnce: z.boolean().default(false),
  AttachStdin: z.boolean().default(false),
  AttachStdout: z.boolean().default(true),
  AttachStderr: z.boolean().default(true),
  ExposedPorts: z.record(z.string().regex(/^\d+\/tcp$/), z.strictObject({})).default({}),
  HostConfig: z.strictObject({
    NetworkMode: z.string(),
    Privileged: z.boolean(),
    ReadonlyRootfs: z.boolean(),
    Tmpfs: z.record(z.string(), z.string()),
    CapDrop: z.array(z.string()),
    SecurityOpt: z.array(z.string()),
    PidsLimit: z.number().int(),
    Memory: z.number().int(),
    MemorySwap: z.number().int(),
    NanoCpus: z.number().int(),
    Init: z.boolean(),
    IpcMode: z.string(),
    RestartPolicy: z.strictObject({ Name: z.enum(['no', 'always', 'unless-stopped', 'on-failure']) }),
    AutoRemove: z.boolean(),
    LogConfig: z.strictObject({ Type: z.string(), Config: z.record(z.string(), z.string()) }),
    PortBindings: z
      .record(z.string(), z.array(z.strictObject({ HostIp: z.string(), HostPort: z.string() })))
      .default({}),
  }),
});
export type CreateBody = z.output<typeof createBody>;

/** What an image runs; told the port of this machine that stands for the container's. */
export type Program = (hostPort: number) => { readonly command: string; readonly args: readonly string[] };

const STDOUT = 1;
const STDERR = 2;

export class FakeContainer {
  readonly id: string;
  readonly body: CreateBody;
  readonly hostPort: number;
  state: 'created' | 'running' | 'exited' = 'created';
  exitCode = 0;
  oomKilled = false;
  /** Of `docker logs`; nothing with the driver `none`. */
  readonly printed: Buffer[] = [];
  readonly #program: Program;
  readonly #attached = new Set<Duplex>();
  readonly #events = new EventEmitter();
  #process: ChildProcess | undefined;

  constructor(id: string, body: CreateBody, program: Program, hostPort: number) {
    this.id = id;
    this.body = body;
    this.hostPort = hostPort;
    this.#program = program;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    const { command, args } = this.#program(this.hostPort);
    const env = Object.fromEntries(
      this.body.Env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    const child = spawn(command, [...args, ...(this.body.Cmd ?? [])], {
      env: { HOSTNAME: this.id.slice(0, 12), ...env },
      stdio: [this.body.OpenStdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.state = 'running';
    child.stdin?.on('error', () => {});
    child.stdout?.on('data', (bytes: Buffer) => this.#print(STDOUT, bytes));
    child.stderr?.on('data', (bytes: Buffer) => this.#print(STDERR, bytes));
    child.on('close', (code) => {
      this.state = 'exited';
      this.exitCode = code ?? 137;
      for (const connection of this.#attached) connection.end();
      this.#events.emit('exit');
    });
  }

  /** The connection is a client's from here on: what comes is stdin, what goes is frames. */
  attach(connection: Duplex): void {
    this.#attached.add(connection);
    connection.on('error', () => {});
    connection.on('data', (bytes: Buffer) => this.#process?.stdin?.write(bytes));
    const left = (): void => {
      if (this.body.StdinOnce) this.#process?.stdin?.end();
    };
    connection.on('end', left);
    connection.on('close', () => {
      this.#attached.delete(connection);
      left();
    });
  }

  async nextExit(): Promise<void> {
    await once(this.#events, 'exit');
  }

  onExit(listener: () => void): void {
    this.#events.once('exit', listener);
  }

  /** SIGTERM, and SIGKILL for one that does not listen within the seconds. */
  async stop(seconds: number): Promise<void> {
    if (this.state !== 'running') return;
    const gone = this.nextExit();
    this.#process?.kill('SIGTERM');
    const timer = setTimeout(() => this.#process?.kill('SIGKILL'), seconds * 1_000);
    await gone;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    if (this.state !== 'running') return;
    const gone = this.nextExit();
    this.#process?.kill('SIGKILL');
    await gone;
  }

  #print(stream: number, bytes: Buffer): void {
    for (const connection of this.#attached) connection.write(frame(stream, bytes));
    if (this.body.HostConfig.LogConfig.Type === 'none') return;
    for (const line of bytes.toString('utf8').split('\n')) {
      if (line !== '') this.printed.push(frame(stream, Buffer.from(`${new Date().toISOString()} ${line}\n`)));
    }
  }
}

/** `[stream, 0, 0, 0, size as uint32 big-endian]`, then the payload. */
function frame(stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}
