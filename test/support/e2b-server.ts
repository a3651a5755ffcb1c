/**
 * E2B on loopback for its real SDK (`e2b` 2.51.0, whose generated types of the REST API this follows): create, list with
 * metadata and pages, connect, timeout, get, delete; and behind one address, by the SDK's own headers, each sandbox's envd
 * and the ports that listen in it, the latter for those alone who hold its traffic token. Point `E2B_API_URL` and
 * `E2B_SANDBOX_URL` at it. TLS, and a host for each sandbox, it has not.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Envd } from './e2b-envd.ts';
import type { TestPackage } from './npm-registry.ts';
import { startRaw } from './upstreams.ts';

const ENVD_PORT = 49_983;
const createSchema = z.looseObject({
  templateID: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
  timeout: z.number().int().default(300),
  network: z.looseObject({ allowPublicTraffic: z.boolean().default(true) }).optional(),
});

export interface FakeSandbox {
  readonly id: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly envd: Envd;
  readonly envdAccessToken: string;
  readonly trafficAccessToken: string | undefined;
  /** Seconds, each time its life was set. */
  readonly timeouts: number[];
}

export interface FakeE2bOptions {
  /** What npm can install there, in no time. Undefined: the real npm, from where this machine has its packages. */
  readonly packages?: readonly TestPackage[];
  /** Programs that sandboxes have instead of this machine's: name to text. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Of what runs in the sandboxes. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly pageSize?: number;
}

export class FakeE2b {
  static readonly apiKey = 'e2b_0123456789abcdef0123456789abcdef01234567';
  readonly sandboxes = new Map<string, FakeSandbox>();
  /** `POST /v2/sandboxes` and so on, without the sandbox's own traffic. */
  readonly requests: string[] = [];
  /** The next requests of the REST API are answered with these. */
  readonly failures: number[] = [];
  /** Where the server's own port sends whoever comes. */
  sendsOn: string | undefined;
  /** Of each request that was sent on. */
  sentOn = 0;
  /** Answers to `timeout` wait for this. */
  gate: Promise<void> | undefined;
  /** Sandboxes are open to all, as those of an installation that knows no traffic tokens. */
  open = false;
  pageSize: number;
  /** A list is told to its first page alone. */
  failSecondPage = false;
  url = '';
  readonly #folder: string;
  readonly #options: FakeE2bOptions;
  #close: () => Promise<void> = async () => {};

  private constructor(folder: string, options: FakeE2bOptions) {
    this.#folder = folder;
    this.#options = options;
    this.pageSize = options.pageSize ?? 100;
  }

  static async start(options: FakeE2bOptions = {}): Promise<FakeE2b> {
    const e2b = new FakeE2b(await mkdtemp(join(tmpdir(), 'omie-mcp-hub-e2b-')), options);
    await e2b.#furnish();
    const raw = await startRaw((req, res) => {
      e2b.#serve(req, res).catch((err: unknown) => answer(res, 500, { code: 500, message: String(err) }));
    });
    e2b.url = raw.origin;
    e2b.#close = raw.close;
    return e2b;
  }

  async #furnish(): Promise<void> {
    const { packages, programs = {} } = this.#options;
    const put = async (path: string, text: string): Promise<void> => {
      await mkdir(join(this.#folder, path, '..'), { recursive: true });
      await writeFile(join(this.#folder, path), text, { mode: 0o755 });
    };
    for (const { name, version, files } of packages ?? []) {
      for (const [file, text] of Object.entries(files)) await put(`packages/${name}@${version}/${file}`, text);
    }
    const all = packages === undefined ? programs : { npm: npmFrom(`${this.#folder}/packages`), ...programs };
    for (const [name, text] of Object.entries(all)) await put(`bin/${name}`, text);
  }

  /** What a hub needs to be told of it. */
  get variables(): Record<string, string> {
    return { E2B_API_KEY: FakeE2b.apiKey, E2B_API_URL: this.url, E2B_SANDBOX_URL: this.url };
  }

  /** As E2B does when a sandbox's time is over. */
  async end(id: string): Promise<void> {
    const sandbox = this.sandboxes.get(id);
    this.sandboxes.delete(id);
    await sandbox?.envd.close();
  }

  async close(): Promise<void> {
    for (const id of [...this.sandboxes.keys()]) await this.end(id);
    await this.#close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const id = req.headers['e2b-sandbox-id'];
    if (typeof id === 'string') return this.#traffic(id, Number(req.headers['e2b-sandbox-port']), req, res);
    const url = new URL(req.url ?? '/', this.url);
    this.requests.push(`${req.method} ${url.pathname}`);
    const failure = this.failures.shift();
    if (failure !== undefined) return answer(res, failure, { code: failure, message: 'canary: internal detail' });
    if (req.headers['x-api-key'] !== FakeE2b.apiKey) return answer(res, 401, { code: 401, message: 'Invalid API key' });
    const text = Buffer.concat(await req.toArray()).toString('utf8');
    const body: unknown = text === '' ? {} : JSON.parse(text);
    if (url.pathname === '/v2/sandboxes' && req.method === 'POST') return this.#create(body, res);
    if (url.pathname === '/v2/sandboxes') return this.#list(url.searchParams, res);
    const [, , name = '', action] = /^\/(v2\/)?sandboxes\/([^/]+)(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    if (action === 'timeout') await this.gate;
    const sandbox = this.sandboxes.get(name);
    if (sandbox === undefined) return answer(res, 404, { code: 404, message: `sandbox "${name}" not found` });
    const { timeout = 300 } = z.looseObject({ timeout: z.number().int().optional() }).parse(body);
    if (action === 'connect') {
      sandbox.timeouts.push(timeout);
      return answer(res, 200, shown(sandbox));
    }
    if (action === 'timeout') {
      sandbox.timeouts.push(timeout);
      return answer(res, 204);
    }
    if (req.method === 'DELETE') {
      await this.end(name);
      return answer(res, 204);
    }
    return answer(res, 200, listed(sandbox));
  }

  #create(body: unknown, res: ServerResponse): void {
    const { metadata, timeout, network } = createSchema.parse(body);
    const id = `i${randomUUID().replaceAll('-', '').slice(0, 20)}`;
    const isOpen = this.open || network?.allowPublicTraffic !== false;
    const sandbox: FakeSandbox = {
      id,
      metadata,
      envd: new Envd(join(this.#folder, id), join(this.#folder, 'bin'), this.#options.environment ?? {}),
      envdAccessToken: randomUUID(),
      trafficAccessToken: isOpen ? undefined : `traffic-${randomUUID()}`,
      timeouts: [timeout],
    };
    this.sandboxes.set(id, sandbox);
    answer(res, 201, shown(sandbox));
  }

  #list(query: URLSearchParams, res: ServerResponse): void {
    // Keys and values are encoded once more within the pair.
    const wanted = [...new URLSearchParams(query.get('metadata') ?? '')].map(
      ([key, value]) => [decodeURIComponent(key), decodeURIComponent(value)] as const,
    );
    const found = [...this.sandboxes.values()].filter(({ metadata }) =>
      wanted.every(([key, value]) => metadata[key] === value),
    );
    const from = Number(query.get('nextToken') ?? 0);
    if (from > 0 && this.failSecondPage) {
      answer(res, 500, { code: 500, message: 'canary: internal detail' });
      return;
    }
    const to = from + this.pageSize;
    if (to < found.length) res.setHeader('x-next-token', String(to));
    answer(res, 200, found.slice(from, to).map(listed));
  }

  async #traffic(id: string, port: number, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const sandbox = this.sandboxes.get(id);
    if (sandbox === undefined) {
      return answer(res, 502, { sandboxId: id, message: 'The sandbox was not found', code: 502 });
    }
    const { envd, envdAccessToken, trafficAccessToken } = sandbox;
    if (port === ENVD_PORT) {
      if (req.url !== '/health' && req.headers['x-access-token'] !== envdAccessToken) {
        return answer(res, 401, { code: 'unauthenticated', message: 'unauthorized access' });
      }
      return envd.serve(req, res);
    }
    if (trafficAccessToken !== undefined && req.headers['e2b-traffic-access-token'] !== trafficAccessToken) {
      const message =
        "Sandbox is secured with traffic access token. Token header 'e2b-traffic-access-token' is missing";
      return answer(res, 403, { sandboxId: id, message, code: 403 });
    }
    if (this.sendsOn !== undefined) {
      this.sentOn += 1;
      res.writeHead(302, { location: this.sendsOn }).end();
      return;
    }
    const at = envd.portOf(port);
    if (at === undefined) {
      const message = 'The sandbox is running but port is not open';
      return answer(res, 502, { sandboxId: id, message, port, code: 502 });
    }
    const { host: _, ...headers } = req.headers;
    const onward = request({ host: '127.0.0.1', port: at, method: req.method, path: req.url, headers }, (inner) => {
      res.writeHead(inner.statusCode ?? 502, inner.headers);
      res.flushHeaders();
      inner.pipe(res);
      inner.once('error', () => res.destroy());
    });
    onward.once('error', () => {
      if (res.headersSent) res.destroy();
      else answer(res, 502, { sandboxId: id, message: 'The sandbox is running but port is not open', code: 502 });
    });
    res.once('close', () => onward.destroy());
    req.pipe(onward);
  }
}

/** As much of `npm install --prefix=folder … -- name@version` and of `npm ci --prefix=folder` as is asked of it. */
const npmFrom = (packages: string): string => `#!/bin/sh
if [ "$1" = ci ]; then
  for word; do case "$word" in --prefix=*) prefix="\${word#--prefix=}";; esac; done
  [ -f "$prefix/package-lock.json" ] || { echo "npm error code EUSAGE" >&2; exit 1; }
  mkdir -p "$prefix/node_modules"
  exit 0
fi
[ "$1" = install ] || exit 9
for spec; do case "$spec" in --prefix=*) prefix="\${spec#--prefix=}";; esac; done
[ -d "${packages}/$spec" ] || { echo "npm error code E404: $spec" >&2; exit 1; }
mkdir -p "$prefix/node_modules/\${spec%@*}"
cp -R "${packages}/$spec/." "$prefix/node_modules/\${spec%@*}/"
`;

function shown({ id, envdAccessToken, trafficAccessToken }: FakeSandbox) {
  return {
    sandboxID: id,
    templateID: 'base',
    clientID: 'deprecated',
    alias: 'base',
    envdVersion: '0.5.7',
    envdAccessToken,
    trafficAccessToken: trafficAccessToken ?? null,
    domain: null,
  };
}

function listed({ id, metadata }: FakeSandbox) {
  const at = new Date().toISOString();
  return {
    sandboxID: id,
    templateID: 'base',
    clientID: 'deprecated',
    envdVersion: '0.5.7',
    cpuCount: 2,
    memoryMB: 512,
    diskSizeMB: 1024,
    metadata,
    startedAt: at,
    endAt: at,
    state: 'running',
  };
}

function answer(res: ServerResponse, status: number, body?: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(body === undefined ? undefined : JSON.stringify(body));
}
