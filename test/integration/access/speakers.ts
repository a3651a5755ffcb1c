// One way of asking for every transport and era: a method and its params in, the parsed answer out.
import { PassThrough } from 'node:stream';
import { Agent, request } from 'undici';
import { createFrameReader } from '../../../bench/load/event-frames.ts';
import { createLineReader } from '../../../bench/load/stdio-session.ts';
import { startApp } from '../../../src/app.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { bearer, type TestToken } from '../../support/tokens.ts';
import { ENVELOPE, initialize, JSON_HEADERS } from '../transports/raw-http.ts';

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into
  readonly result?: any;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly error?: any;
}

export interface Speaker {
  readonly transport: string;
  /** Undefined where the transport has no such method. */
  ask(method: string, params: Record<string, unknown>): Promise<Answer | undefined>;
  close(): Promise<void>;
}

export const agent = new Agent({ connections: 16, pipelining: 1 });
let lastId = 0;

async function send(url: string, method: 'GET' | 'POST', headers: Record<string, string>, body?: unknown) {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const reply = await request(url, { method, headers: { ...JSON_HEADERS, ...headers }, dispatcher: agent, ...init });
  return { status: reply.statusCode, headers: reply.headers, text: await reply.body.text() };
}

export async function httpSession(origin: string, token: TestToken): Promise<Speaker> {
  const opened = await send(`${origin}/mcp`, 'POST', bearer(token), initialize());
  const headers = { ...bearer(token), 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  return {
    transport: 'http',
    async ask(method, params) {
      lastId += 1;
      return JSON.parse((await send(`${origin}/mcp`, 'POST', headers, message(lastId, method, params))).text);
    },
    close: async () => {},
  };
}

export function modernHttp(origin: string, token: TestToken): Speaker {
  return {
    transport: 'http 2026',
    async ask(method, params) {
      if (method === 'resources/subscribe') return undefined;
      const name = params['name'] ?? params['uri'];
      const headers = {
        ...bearer(token),
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        ...(typeof name === 'string' ? { 'mcp-name': encodeName(name) } : {}),
      };
      const body = message(1, method, { ...params, _meta: ENVELOPE });
      return JSON.parse((await send(`${origin}/mcp`, 'POST', headers, body)).text);
    },
    close: async () => {},
  };
}

/** "Value Encoding" of 2026-07-28: what is not plain ASCII travels as Base64. */
const encodeName = (name: string): string =>
  /^[\x21-\x7e]+$/.test(name) ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`;

/** REST has tools alone; its answers are put into the form of the others. */
export function rest(origin: string, token: TestToken): Speaker {
  return {
    transport: 'rest',
    async ask(method, { name, arguments: args }) {
      if (method === 'tools/list') {
        return { result: JSON.parse((await send(`${origin}/tools`, 'GET', bearer(token))).text) };
      }
      if (method !== 'tools/call') return undefined;
      const { status, text } = await send(`${origin}/tools/${String(name)}`, 'POST', bearer(token), args);
      return { result: { structuredContent: JSON.parse(text), isError: status >= 400, content: [{ text }] } };
    },
    close: async () => {},
  };
}

export async function sse(origin: string, token: TestToken): Promise<Speaker> {
  const waiting = new Map<number, (answer: Answer) => void>();
  const stop = new AbortController();
  const stream = await fetch(`${origin}/sse`, { headers: bearer(token), signal: stop.signal });
  const endpoint = await new Promise<string>((resolve) => {
    const read = createFrameReader((event, data) => {
      if (event === 'endpoint') resolve(data);
      else settle(waiting, data);
    });
    void (async () => {
      for await (const chunk of stream.body ?? []) read(Buffer.from(chunk).toString());
    })().catch(() => {});
  });
  const speaker: Speaker = {
    transport: 'sse',
    async ask(method, params) {
      lastId += 1;
      const id = lastId;
      const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve));
      await send(`${origin}${endpoint}`, 'POST', bearer(token), message(id, method, params));
      return answer;
    },
    close: async () => stop.abort(),
  };
  await speaker.ask('initialize', {
    protocolVersion: '2024-11-05',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  });
  await send(`${origin}${endpoint}`, 'POST', bearer(token), { jsonrpc: '2.0', method: 'notifications/initialized' });
  return speaker;
}

/** A program of its own for each principal, as desktop clients start it; both eras on its one pipe. */
export async function stdio(variables: Record<string, string>, token: TestToken): Promise<readonly Speaker[]> {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const config = loadConfig({
    dotenvPath: '',
    variables: { ...variables, MCP_STDIO_TOKEN: token.token, MCP_LOG_LEVEL: 'silent' },
  });
  const app = await startApp({ ...config, transports: ['stdio'], stdio: { stdin, stdout, piped: true } });
  const waiting = new Map<number, (answer: Answer) => void>();
  stdout.on(
    'data',
    createLineReader((line) => settle(waiting, line)),
  );
  const ask = (method: string, params: Record<string, unknown>): Promise<Answer> => {
    lastId += 1;
    const id = lastId;
    const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    stdin.write(`${JSON.stringify(message(id, method, params))}\n`);
    return answer;
  };
  await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } });
  return [
    { transport: 'stdio', ask, close: () => app.stop() },
    {
      transport: 'stdio 2026',
      ask: async (method, params) =>
        method === 'resources/subscribe' ? undefined : ask(method, { ...params, _meta: ENVELOPE }),
      close: async () => {},
    },
  ];
}

function message(id: number, method: string, params: Record<string, unknown>): object {
  return { jsonrpc: '2.0', id, method, params };
}

function settle(waiting: Map<number, (answer: Answer) => void>, text: string): void {
  const answer = JSON.parse(text);
  waiting.get(answer.id)?.(answer);
  waiting.delete(answer.id);
}
