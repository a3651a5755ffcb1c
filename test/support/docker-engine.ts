/**
 * A Docker Engine without containers, after the Engine API reference **v1.51** (docs.docker.com/reference/api/engine): paths
 * and parameters, status codes, `{"message"}` errors, streamed progress of pulls and builds, hijacked connections with
 * multiplexed frames, wait conditions, labels as filters. What a container would run is a process of this machine.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Parser } from 'tar';
import { z } from 'zod';
import { createBody, FakeContainer, type Program } from './docker-container.ts';

export interface FakeImage {
  readonly id: string;
  /** `repository@sha256:…`, of those that came from a registry. */
  readonly digests: readonly string[];
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** `VOLUME` of its Dockerfile. */
  readonly volumes?: readonly string[];
  readonly program: Program;
}

interface FakeNetwork {
  readonly id: string;
  readonly body: z.output<typeof networkBody>;
}

export interface FakeBuild {
  readonly query: Readonly<Record<string, string>>;
  /** Paths of the context in their order; links as `path -> target`. */
  readonly entries: readonly string[];
  readonly files: ReadonlyMap<string, string>;
}

const networkBody = z.strictObject({
  Name: z.string(),
  Driver: z.string(),
  Attachable: z.boolean(),
  Labels: z.record(z.string(), z.string()),
  Options: z.record(z.string(), z.string()),
});
const filtersOf = z.looseObject({ label: z.array(z.string()).default([]) });
const NEWEST = 1.51;
const OLDEST = 1.24;

export const hex = (): string => randomBytes(32).toString('hex');

export class DockerEngine {
  readonly socketPath = join(tmpdir(), `omie-mcp-hub-docker-${randomBytes(6).toString('hex')}.sock`);
  /** Of each request, `METHOD path?query` without the version, in their order. */
  readonly calls: string[] = [];
  readonly bodies: { readonly call: string; readonly body: unknown }[] = [];
  readonly images: FakeImage[] = [];
  readonly containers = new Map<string, FakeContainer>();
  readonly networks: FakeNetwork[] = [];
  readonly builds: FakeBuild[] = [];
  /** What a registry has: `repository:tag` to what is pulled. */
  readonly registry = new Map<string, FakeImage>();
  /** What a build makes, and what goes wrong instead. */
  built: Program = () => ({ command: 'true', args: [] });
  fails: Partial<Record<'pull' | 'build' | 'create' | 'start' | 'network' | 'distribution', string>> = {};
  /** Pulls and builds begin and do not end. */
  holds = false;
  /** How many of those were given up by who asked. */
  givenUp = 0;
  sessions = 0;
  readonly #sockets = new Set<Duplex>();
  readonly #server = createServer((req, res) => void this.#serve(req, res));

  static async start(): Promise<DockerEngine> {
    const engine = new DockerEngine();
    engine.#server.on('upgrade', (req, socket: Duplex) => engine.#upgrade(req, socket));
    engine.#server.on('connection', (socket) => {
      engine.#sockets.add(socket);
      socket.on('close', () => engine.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => engine.#server.listen(engine.socketPath, resolve));
    return engine;
  }

  get host(): string {
    return `unix://${this.socketPath}`;
  }

  /** Puts an image into the registry; returns its digest. */
  publish(name: string, program: Program, volumes: readonly string[] = []): string {
    const digest = `sha256:${hex()}`;
    const repository = name.slice(0, name.lastIndexOf(':'));
    const image = {
      id: `sha256:${hex()}`,
      digests: [`${repository}@${digest}`],
      tags: [],
      labels: {},
      volumes,
      program,
    };
    this.registry.set(name, image);
    return digest;
  }

  /** Bodies of one kind of call, without ids. */
  bodiesOf(call: string): unknown[] {
    return this.bodies.filter((one) => one.call.startsWith(call)).map(({ body }) => body);
  }

  get running(): FakeContainer[] {
    return [...this.containers.values()].filter(({ state }) => state === 'running');
  }

  /** Containers go with it: nothing of a test outlives it. */
  async close(): Promise<void> {
    await Promise.all([...this.containers.values()].map((container) => container.kill()));
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.socketPath, { force: true });
  }

  #request({ method = '', url = '' }: IncomingMessage): {
    path: string;
    query: Record<string, string>;
    call: string;
    version: number;
  } {
    const [, version = String(NEWEST), rest = url] = /^\/v(\d+\.\d+)(\/.*)$/.exec(url) ?? [];
    const parsed = new URL(rest, 'http://docker');
    const path = decodeURIComponent(parsed.pathname);
    const call = `${method} ${path}${decodeURIComponent(parsed.search)}`;
    this.calls.push(call);
    return { path, query: Object.fromEntries(parsed.searchParams), call, version: Number(version) };
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<unknown> {
    const { path, query, call, version } = this.#request(req);
    const answer = (status: number, body?: unknown): void => {
      res.writeHead(status, {
        'content-type': 'application/json',
        'api-version': String(NEWEST),
        'docker-experimental': 'false',
        ostype: 'linux',
      });
      res.end(body === undefined ? undefined : `${JSON.stringify(body)}\n`);
    };
    const refuse = (status: number, message: string): void => answer(status, { message });
    if (version > NEWEST)
      return refuse(400, `client version ${version} is too new. Maximum supported API version is ${NEWEST}`);
    if (version < OLDEST)
      return refuse(400, `client version ${version} is too old. Minimum supported API version is ${OLDEST}`);
    if (path === '/build') return this.#build(req, res, query, refuse);
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    if (body !== undefined) this.bodies.push({ call, body });
    if (path === '/_ping') {
      res.writeHead(200, {
        'content-type': 'text/plain; charset=utf-8',
        'api-version': String(NEWEST),
        'builder-version': '2',
      });
      res.end('OK');
      return;
    }
    const [, kind = '', name = '', action = ''] =
      /^\/(containers|images|networks|distribution)(?:\/(.+?))??(?:\/(json|start|stop|kill|wait|logs))?$/.exec(path) ??
      [];
    const method = req.method ?? '';
    const labels = filtersOf.parse(JSON.parse(query['filters'] ?? '{}')).label;
    if (kind === 'distribution') return this.#distribution(name, answer, refuse);
    if (kind === 'images') return this.#image({ method, name, action, query, labels }, res, answer, refuse);
    if (kind === 'networks') return this.#network({ method, name, labels, body }, answer, refuse);
    if (kind === 'containers')
      return this.#container({ method, name, action, query, labels, body }, res, answer, refuse);
    refuse(404, 'page not found');
  }

  #distribution(name: string, answer: Answer, refuse: Refuse): unknown {
    if (this.fails.distribution !== undefined) return refuse(500, this.fails.distribution);
    const image = this.#inRegistry(name);
    const digest = image?.digests[0]?.split('@')[1];
    if (digest === undefined)
      return refuse(
        401,
        'errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required',
      );
    const Descriptor = { mediaType: 'application/vnd.oci.image.index.v1+json', digest, size: 3_987 };
    answer(200, { Descriptor, Platforms: [{ architecture: 'amd64', os: 'linux' }] });
  }

  #inRegistry(name: string): FakeImage | undefined {
    return (
      this.registry.get(name) ?? [...this.registry.values()].find(({ digests }) => digests.includes(withoutTag(name)))
    );
  }

  #inEngine(name: string): FakeImage | undefined {
    return this.images.find(
      ({ id, digests, tags }) => id === name || digests.includes(withoutTag(name)) || tags.includes(name),
    );
  }

  async #image(
    { method, name, action, query, labels }: Asked,
    res: ServerResponse,
    answer: Answer,
    refuse: Refuse,
  ): Promise<unknown> {
    if (method === 'POST' && name === 'create') return this.#pull(query, res, refuse);
    if (method === 'GET' && name === '' && action === 'json') {
      return answer(
        200,
        this.images
          .filter((one) => has(one.labels, labels))
          .map(({ id, tags, digests, labels: Labels }) => ({ Id: id, RepoTags: tags, RepoDigests: digests, Labels })),
      );
    }
    const image = this.#inEngine(name);
    if (image === undefined) return refuse(404, `No such image: ${name}`);
    if (method === 'GET') {
      return answer(200, {
        Id: image.id,
        RepoTags: image.tags,
        RepoDigests: image.digests,
        Config: {
          Labels: image.labels,
          // Null where there are none, as the Engine says it.
          Volumes: image.volumes?.length ? Object.fromEntries(image.volumes.map((path) => [path, {}])) : null,
        },
      });
    }
    this.images.splice(this.images.indexOf(image), 1);
    answer(200, [...image.tags.map((tag) => ({ Untagged: tag })), { Deleted: image.id }]);
  }

  #pull({ fromImage = '', tag = '' }: Record<string, string>, res: ServerResponse, refuse: Refuse): unknown {
    const name = tag.startsWith('sha256:') ? `${fromImage}@${tag}` : `${fromImage}:${tag}`;
    const image = this.#inRegistry(name);
    if (image === undefined) return refuse(404, `manifest for ${name} not found: manifest unknown: manifest unknown`);
    const say = this.#progress(res);
    say({ status: `Pulling from ${fromImage}`, id: tag });
    say({ status: 'Pulling fs layer', progressDetail: {}, id: '4f4fb700ef54' });
    say({
      status: 'Downloading',
      progressDetail: { current: 1, total: 2 },
      progress: '[=>  ] 1B/2B',
      id: '4f4fb700ef54',
    });
    if (this.holds) return;
    if (this.fails.pull !== undefined) say({ errorDetail: { message: this.fails.pull }, error: this.fails.pull });
    else {
      say({ status: 'Pull complete', progressDetail: {}, id: '4f4fb700ef54' });
      say({ status: `Digest: ${image.digests[0]?.split('@')[1]}` });
      say({ status: `Status: Downloaded newer image for ${name}` });
      this.images.push(image);
    }
    res.end();
  }

  /** JSON, one object a line, under a status that says nothing yet. */
  #progress(res: ServerResponse): (line: object) => void {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.on('close', () => {
      if (!res.writableEnded) this.givenUp += 1;
    });
    return (line) => res.write(`${JSON.stringify(line)}\r\n`);
  }

  async #build(
    req: IncomingMessage,
    res: ServerResponse,
    query: Record<string, string>,
    refuse: Refuse,
  ): Promise<unknown> {
    const entries: string[] = [];
    const files = new Map<string, string>();
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry) => {
        entries.push(
          entry.linkpath === undefined || entry.linkpath === '' ? entry.path : `${entry.path} -> ${entry.linkpath}`,
        );
        let text = '';
        entry.on('data', (bytes: Buffer) => {
          text += bytes.toString('utf8');
        });
        entry.on('end', () => files.set(entry.path, text));
      },
    });
    const read = new Promise<void>((resolve, reject) => {
      parser.on('end', resolve);
      parser.on('error', reject);
    });
    for await (const chunk of req) parser.write(chunk);
    parser.end();
    await read;
    this.builds.push({ query, entries, files });
    const { dockerfile = 'Dockerfile', t = '', labels = '{}', version, session } = query;
    if (!files.has(dockerfile)) return refuse(400, `Cannot locate specified Dockerfile: ${dockerfile}`);
    if (version === '2' && session === undefined) return refuse(400, 'no active sessions');
    const say = this.#progress(res);
    say({ stream: 'Step 1/2 : FROM scratch\n' });
    if (this.holds) return;
    if (this.fails.build !== undefined) {
      say({ errorDetail: { code: 1, message: this.fails.build }, error: this.fails.build });
    } else {
      const id = `sha256:${hex()}`;
      this.images.push({
        id,
        digests: [],
        tags: [t],
        labels: z.record(z.string(), z.string()).parse(JSON.parse(labels)),
        program: this.built,
      });
      say({ aux: { ID: id } });
      say({ stream: `Successfully built ${id.slice(7, 19)}\n` });
      say({ stream: `Successfully tagged ${t}\n` });
    }
    res.end();
  }

  #network(
    { method, name, labels, body }: Pick<Asked, 'method' | 'name' | 'labels' | 'body'>,
    answer: Answer,
    refuse: Refuse,
  ): unknown {
    if (method === 'POST') {
      if (this.fails.network !== undefined) return refuse(500, this.fails.network);
      const parsed = networkBody.parse(body);
      if (this.networks.some((one) => one.body.Name === parsed.Name))
        return refuse(409, `network with name ${parsed.Name} already exists`);
      const id = hex();
      this.networks.push({ id, body: parsed });
      return answer(201, { Id: id, Warning: '' });
    }
    if (name === '') {
      return answer(
        200,
        this.networks.filter((one) => has(one.body.Labels, labels)).map((one) => ({ Id: one.id, ...one.body })),
      );
    }
    const index = this.networks.findIndex(({ id }) => id === name);
    const network = this.networks[index];
    if (network === undefined) return refuse(404, `network ${name} not found`);
    const used = this.running.some((one) => one.body.HostConfig.NetworkMode === network.body.Name);
    if (used) return refuse(403, `error while removing network: network ${network.body.Name} has active endpoints`);
    this.networks.splice(index, 1);
    answer(204);
  }

  async #container(
    { method, name, action, query, labels, body }: Asked,
    res: ServerResponse,
    answer: Answer,
    refuse: Refuse,
  ): Promise<unknown> {
    if (method === 'POST' && name === 'create') return this.#create(body, answer, refuse);
    if (method === 'GET' && name === '' && action === 'json') {
      const all = [...this.containers.values()].filter((one) => query['all'] === 'true' || one.state === 'running');
      return answer(
        200,
        all
          .filter((one) => has(one.body.Labels, labels))
          .map((one) => ({ Id: one.id, State: one.state, Image: one.body.Image, Labels: one.body.Labels })),
      );
    }
    const container = this.containers.get(name);
    if (container === undefined) return refuse(404, `No such container: ${name}`);
    switch (`${method} ${action}`) {
      case 'GET json':
        return answer(200, this.#inspect(container));
      case 'GET logs':
        res.writeHead(200, { 'content-type': 'application/vnd.docker.multiplexed-stream' });
        res.end(Buffer.concat(container.printed.slice(-Number(query['tail'] ?? 1_000))));
        return;
      case 'POST start':
        if (container.state === 'running') return answer(304);
        if (this.fails.start !== undefined) return refuse(500, this.fails.start);
        if (!this.networks.some((one) => one.body.Name === container.body.HostConfig.NetworkMode)) {
          return refuse(404, `network ${container.body.HostConfig.NetworkMode} not found`);
        }
        container.start();
        return answer(204);
      case 'POST stop':
        if (container.state !== 'running') return answer(304);
        await container.stop(Number(query['t'] ?? 10));
        return answer(204);
      case 'POST wait':
        if (query['condition'] !== 'next-exit' && container.state !== 'running')
          return answer(200, { StatusCode: container.exitCode });
        res.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
        await container.nextExit();
        res.end(`${JSON.stringify({ StatusCode: container.exitCode })}\n`);
        return;
      case 'DELETE ':
        if (container.state === 'running' && query['force'] !== 'true') {
          return refuse(
            409,
            `cannot remove container "/${name}": container is running: stop the container before removing or force remove`,
          );
        }
        await container.kill();
        this.containers.delete(name);
        return answer(204);
      default:
        return refuse(404, 'page not found');
    }
  }

  async #create(body: unknown, answer: Answer, refuse: Refuse): Promise<unknown> {
    const parsed = createBody.safeParse(body);
    if (!parsed.success) return refuse(400, z.prettifyError(parsed.error));
    if (this.fails.create !== undefined) return refuse(500, this.fails.create);
    const image = this.#inEngine(parsed.data.Image);
    if (image === undefined) return refuse(404, `No such image: ${parsed.data.Image}`);
    const container = new FakeContainer(hex(), parsed.data, image.program, await freePort());
    this.containers.set(container.id, container);
    container.onExit(() => {
      if (parsed.data.HostConfig.AutoRemove) this.containers.delete(container.id);
    });
    answer(201, { Id: container.id, Warnings: [] });
  }

  #inspect({ id, state, exitCode, oomKilled, hostPort, body, pid = 0 }: FakeContainer): object {
    const ports = Object.entries(body.HostConfig.PortBindings).map(([port, wanted]) => [
      port,
      // Ports are open while it runs.
      state === 'running' ? wanted.map(({ HostIp }) => ({ HostIp, HostPort: String(hostPort) })) : null,
    ]);
    return {
      Id: id,
      Image: this.#inEngine(body.Image)?.id,
      Config: { Labels: body.Labels, Env: body.Env },
      State: { Status: state, Running: state === 'running', OOMKilled: oomKilled, ExitCode: exitCode, Pid: pid },
      NetworkSettings: { Ports: Object.fromEntries(ports) },
    };
  }

  #upgrade(req: IncomingMessage, socket: Duplex): void {
    const { path } = this.#request(req);
    const container = this.containers.get(/^\/containers\/([^/]+)\/attach$/.exec(path)?.[1] ?? '');
    socket.on('error', () => {});
    if (path === '/session') {
      this.sessions += 1;
      socket.on('close', () => {
        this.sessions -= 1;
      });
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
      socket.resume();
      socket.on('end', () => socket.end());
      return;
    }
    if (container === undefined) {
      const text = '{"message":"No such container"}\n';
      socket.end(
        `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
      );
      return;
    }
    socket.write(
      'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
    );
    container.attach(socket);
  }
}

type Answer = (status: number, body?: unknown) => void;
type Refuse = (status: number, message: string) => void;
interface Asked {
  readonly method: string;
  readonly name: string;
  readonly action: string;
  readonly query: Record<string, string>;
  readonly labels: readonly string[];
  readonly body?: unknown;
}

const withoutTag = (name: string): string => name.replace(/:[^/@]+@/, '@');

const has = (labels: Readonly<Record<string, string>>, wanted: readonly string[]): boolean =>
  wanted.every((one) => labels[one.slice(0, one.indexOf('='))] === one.slice(one.indexOf('=') + 1));

async function freePort(): Promise<number> {
  const server = createNetServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
