/** A registry over real servers, and the few that a test must be able to look into. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';
import { childEnvironment } from '../../src/config/child-environment.ts';
import type { GatewayConfig, Orchestration, UpstreamConfig } from '../../src/gateway/config/gateway-config.ts';
import { openRegistry } from '../../src/gateway/upstreams/open-registry.ts';
import type { Registry, RegistryParts } from '../../src/gateway/upstreams/registry.ts';
import type { ForwardContext } from '../../src/gateway/upstreams/upstream-registry.ts';
import { silent } from './upstreams.ts';

export const stdioServer = (id: string, path: string, args: string[] = [], more: Partial<UpstreamConfig> = {}) =>
  upstream(id, { transport: 'stdio', command: process.execPath, args: [path, ...args], ...more });
export const httpServer = (id: string, url: string, more: Partial<UpstreamConfig> = {}) =>
  upstream(id, { transport: url.endsWith('/sse') ? 'sse' : 'http', url, ...more });

function upstream(id: string, more: Partial<UpstreamConfig>): UpstreamConfig {
  return {
    id,
    name: id,
    transport: 'http',
    args: [],
    env: {},
    headers: {},
    priority: 10,
    domains: [id],
    capabilities: [],
    timeoutMs: 10_000,
    connectTimeoutMs: 10_000,
    aliases: {},
    allowPrivateAddress: true,
    disabled: false,
    tools: { include: ['*'], exclude: [] },
    ...more,
  };
}

export const gateway = (servers: UpstreamConfig[], more: Partial<Orchestration> = {}): GatewayConfig => ({
  servers,
  orchestration: {
    resourceCacheTtlMs: 300_000,
    failFast: true,
    maxRetries: 1,
    maxConnections: 10,
    logLevel: 'info',
    enableLogging: true,
    ...more,
  },
});

export const registryParts = (more: Partial<RegistryParts> = {}): RegistryParts => ({
  logger: silent,
  baseEnvironment: childEnvironment(),
  clientInfo: { name: 'test', version: '0' },
  ...more,
});

export const openTestRegistry = (config: GatewayConfig, more: Partial<RegistryParts> = {}): Promise<Registry> =>
  // A busy machine starts a program in more time than a start gives it.
  openRegistry(config, registryParts(more), { firstTriesMs: 60_000 });

/** Opens registries that are closed with everything else in `open`. */
export const mountIn =
  (open: (() => Promise<unknown>)[]): typeof openTestRegistry =>
  async (...args) => {
    const registry = await openTestRegistry(...args);
    open.push(() => registry.close());
    return registry;
  };

export const forwarding = (more: Partial<ForwardContext> = {}): ForwardContext => ({
  signal: new AbortController().signal,
  sessionId: undefined,
  progress: () => {},
  log: () => {},
  ...more,
});

export async function callTool(
  registry: Registry,
  servers: string | string[],
  name: string,
  args: object = {},
  { readOnly = true, ...more }: Partial<ForwardContext> & { readOnly?: boolean } = {},
): Promise<{ text: string; servedBy: string }> {
  const candidates = [servers].flat().map((server) => ({ server, name }));
  const paramsFor = (candidate: { name: string }) => ({ name: candidate.name, arguments: args });
  const served = await registry.forward(candidates, 'tools/call', paramsFor, { readOnly }, forwarding(more));
  const { content } = z
    .object({ content: z.array(z.looseObject({ text: z.string() })) })
    .parse(JSON.parse(served.resultText.toString()));
  return { text: content.map(({ text }) => text).join(''), servedBy: served.servedBy };
}

export interface CounterServer {
  readonly url: string;
  readonly port: number;
  /** Every tool call that arrived. */
  readonly calls: string[];
  /** Sessions open now. */
  sessions(): number;
  /** Forgets every session, as a restarted server would. */
  forgetSessions(): void;
  /** What sessions that begin from now on are told of `add`. */
  describeAdd(description: string): void;
  /** From now on only this token is good. */
  setBearer(token: string): void;
  /** Requests refused for their token. */
  refused(): number;
  close(): Promise<void>;
}

/** Counts for each session by itself; `dawdle` never answers. */
export async function startCounterServer(options: { port?: number; bearer?: string } = {}): Promise<CounterServer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const calls: string[] = [];
  let bearer = options.bearer;
  let description = 'Adds one.';
  let refused = 0;
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        sessions.set(id, transport);
      },
      onsessionclosed: (id) => {
        sessions.delete(id);
      },
    });
    const server = new McpServer({ name: 'counter', version: '1' });
    let count = 0;
    const add = async () => {
      calls.push('add');
      count += 1;
      return { content: [{ type: 'text' as const, text: String(count) }] };
    };
    server.registerTool('add', { description }, add);
    server.registerTool('dawdle', { description: 'Takes for ever.' }, async () => {
      calls.push('dawdle');
      return new Promise<never>(() => {});
    });
    server.registerResource('note', 'note://one', {}, async () => ({ contents: [{ uri: 'note://one', text: 'um' }] }));
    await server.connect(transport);
    return transport;
  };
  const http = createServer(async (request, response) => {
    if (bearer !== undefined && request.headers.authorization !== `Bearer ${bearer}`) {
      refused += 1;
      response.writeHead(401).end();
      return;
    }
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && known === undefined) response.writeHead(404).end();
    else await (known ?? (await open())).handleRequest(request, response);
  });
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    port: address.port,
    calls,
    sessions: () => sessions.size,
    forgetSessions: () => sessions.clear(),
    describeAdd: (text) => {
      description = text;
    },
    setBearer: (token) => {
      bearer = token;
    },
    refused: () => refused,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** Direct children of this process, without zombies. */
export async function childPids(): Promise<number[]> {
  const pids: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (parent === String(process.pid) && state !== 'Z') pids.push(Number(entry));
  }
  return pids;
}

export const childCount = async (): Promise<number> => (await childPids()).length;
