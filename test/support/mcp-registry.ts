/**
 * The official MCP registry's reading side (OpenAPI of 2025-12-01, `/v0.1`): servers by pages with an opaque cursor, search
 * in the name alone, `version=latest`, one server's versions, and `_meta` with `io.modelcontextprotocol.registry/official`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeEntry {
  readonly server: { readonly name: string; readonly version?: string; readonly [key: string]: unknown };
  readonly status?: 'active' | 'deprecated' | 'deleted';
  readonly updatedAt?: string;
  readonly isLatest?: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

export class McpRegistryServer {
  entries: FakeEntry[];
  readonly requests: string[] = [];
  /** The next requests are answered so. */
  readonly failures: ('limited' | 'down' | 'nonsense')[] = [];
  /** JSON that the next requests are answered with. */
  readonly said: string[] = [];
  /** Every page says that there is another one. */
  endless = false;
  /** Every server that is asked for by its name is told of under this one. */
  pretend: string | undefined;
  /** Most servers a page holds, whatever is asked for. */
  pageSize = 100;
  readonly #server = createServer((req, res) => this.#serve(req, res));

  private constructor(entries: FakeEntry[]) {
    this.entries = entries;
  }

  static async start(entries: FakeEntry[]): Promise<McpRegistryServer> {
    const registry = new McpRegistryServer(entries);
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  /** Ends with `/`, like the setting. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(req: IncomingMessage, res: ServerResponse): void {
    const url = new URL(req.url ?? '/', this.url);
    this.requests.push(`${url.pathname}${url.search}`);
    const { status, body, headers = {} } = this.#answer(url);
    res.writeHead(status, { 'content-type': 'application/json', ...headers });
    res.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  #answer(url: URL): Answer {
    const failed = this.failures.shift();
    if (failed === 'limited')
      return { status: 429, body: { title: 'Too Many Requests', status: 429 }, headers: { 'retry-after': '30' } };
    if (failed === 'down') return { status: 503, body: 'upstream connect error' };
    if (failed === 'nonsense') return { status: 200, body: '<html>' };
    const said = this.said.shift();
    if (said !== undefined) return { status: 200, body: said };
    if (url.pathname === '/v0.1/servers') return this.#list(url.searchParams);
    const [, name, version] = /^\/v0\.1\/servers\/([^/]+)\/versions(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    const of = this.entries.filter(({ server }) => server.name === decodeURIComponent(name ?? ''));
    if (of.length === 0) return { status: 404, body: { title: 'Not Found', status: 404, detail: 'Server not found' } };
    if (version === undefined) return { status: 200, body: { servers: of.map(shown), metadata: { count: of.length } } };
    const one = of.find((entry) =>
      version === 'latest' ? entry.isLatest !== false : entry.server.version === decodeURIComponent(version),
    );
    return one === undefined
      ? { status: 404, body: { title: 'Not Found', status: 404, detail: 'Server not found' } }
      : { status: 200, body: shown({ ...one, server: { ...one.server, name: this.pretend ?? one.server.name } }) };
  }

  #list(query: URLSearchParams): Answer {
    const limit = Number(query.get('limit') ?? 30);
    if (!(limit >= 1 && limit <= 100)) {
      const errors = [{ message: 'expected number <= 100', location: 'query.limit', value: limit }];
      return { status: 422, body: { title: 'Unprocessable Entity', status: 422, detail: 'validation failed', errors } };
    }
    const search = (query.get('search') ?? '').toLowerCase();
    const found = this.entries
      .filter(({ status }) => status !== 'deleted' || query.get('include_deleted') === 'true')
      .filter(({ server }) => server.name.toLowerCase().includes(search))
      .filter(({ isLatest = true }) => query.get('version') !== 'latest' || isLatest)
      .toSorted((a, b) => (a.server.name < b.server.name ? -1 : 1));
    const cursor = query.get('cursor');
    const from = cursor === null ? 0 : found.findIndex(({ server }) => keyOf(server) === cursor) + 1;
    const page = found.slice(from, from + Math.min(limit, this.pageSize));
    const last = page.at(-1);
    const more = last !== undefined && from + page.length < found.length;
    const nextCursor = this.endless ? `more-${this.requests.length}` : more ? keyOf(last.server) : undefined;
    return {
      status: 200,
      body: {
        servers: page.map(shown),
        metadata: { count: page.length, ...(nextCursor === undefined ? {} : { nextCursor }) },
      },
    };
  }
}

const keyOf = ({ name, version = '1.0.0' }: FakeEntry['server']): string => `${name}:${version}`;

function shown({ server, status = 'active', updatedAt = '2026-10-01T00:00:00Z', isLatest = true }: FakeEntry) {
  const schema = 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json';
  return {
    server: { $schema: schema, description: '', version: '1.0.0', ...server },
    _meta: {
      'io.modelcontextprotocol.registry/official': {
        status,
        statusChangedAt: updatedAt,
        publishedAt: updatedAt,
        updatedAt,
        isLatest,
      },
    },
  };
}
