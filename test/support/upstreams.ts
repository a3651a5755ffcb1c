/** Real MCP servers to mount, and what a link needs to be opened. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { childEnvironment } from '../../src/config/child-environment.ts';
import type { StdioTarget } from '../../src/gateway/links/child-process.ts';
import type { LinkRequestOptions, OpenLinkOptions } from '../../src/gateway/links/link.ts';

const packagePath = (path: string): string =>
  fileURLToPath(new URL(`../../node_modules/@modelcontextprotocol/${path}`, import.meta.url));

export const everythingPath = packagePath('server-everything/dist/index.js');
export const memoryPath = packagePath('server-memory/dist/index.js');
export const filesystemPath = packagePath('server-filesystem/dist/index.js');

export const node = (...args: string[]): StdioTarget => ({ command: process.execPath, args, env: {} });
/** A server written in one breath; `say` writes a message, `hear` is called with each. */
export const script = (body: string, args: readonly string[] = []): StdioTarget =>
  node(
    '-e',
    `const say=(m)=>process.stdout.write(JSON.stringify({jsonrpc:'2.0',...m})+'\\n');
    const lines=require('readline').createInterface({input:process.stdin});
    const hear=(f)=>lines.on('line',(l)=>f(JSON.parse(l)));
    const greet=(m)=>{ if(m.method==='server/discover') say({id:m.id,error:{code:-32601,message:'no'}});
      else if(m.method==='initialize') say({id:m.id,result:{protocolVersion:'2025-11-25',capabilities:{},serverInfo:{name:'s',version:'1'}}});
      else return false; return true; };
    ${body}`,
    ...args,
  );

export const silent = pino({ level: 'silent' });
export const childParts = (logger = silent) => ({ baseEnvironment: childEnvironment(), logger });
export const localRule = { allowPrivate: true, allowPlainHttp: true };
export const httpParts = { rule: localRule };

export const opening = (more: Partial<OpenLinkOptions> = {}): OpenLinkOptions => ({
  signal: new AbortController().signal,
  connectTimeoutMs: 10_000,
  clientCapabilities: {},
  clientInfo: { name: 'test', version: '0' },
  ...more,
});
export const asking = (more: Partial<LinkRequestOptions> = {}): LinkRequestOptions => ({
  signal: new AbortController().signal,
  timeoutMs: 10_000,
  ...more,
});

export async function freePort(): Promise<number> {
  const server = createNetServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** `server-everything` over HTTP in a process of its own. */
export async function startEverything(
  transport: 'streamableHttp' | 'sse',
  port?: number,
): Promise<{ url: string; port: number; child: ChildProcess; stop(): Promise<void> }> {
  const at = port ?? (await freePort());
  const child = spawn(process.execPath, [everythingPath, transport], {
    env: { ...childEnvironment(), PORT: String(at) },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${at}/${transport === 'sse' ? 'sse' : 'mcp'}`;
  for (let tries = 0; tries < 200; tries += 1) {
    const up = await fetch(`http://127.0.0.1:${at}/nothing`, { signal: AbortSignal.timeout(1_000) }).then(
      () => true,
      () => false,
    );
    if (up) break;
    await wait(50);
  }
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { url, port: at, child, stop };
}

/** An HTTP server that does what the test wants, wrong or right. */
export async function startRaw(
  listener: RequestListener,
): Promise<{ url: string; origin: string; close(): Promise<void> }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    url: `${origin}/mcp`,
    origin,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An MCP server over HTTP whose one tool only reads; what a call of it gets is the test's affair. */
export function startReadTool(
  name: string,
  call: (response: ServerResponse, answer: (result: object) => void) => void,
): ReturnType<typeof startRaw> {
  return startRaw(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { id, method } = body === '' ? {} : JSON.parse(body);
    const answer = (result: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    };
    const serverInfo = { name: 's', version: '1' };
    const tool = { name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };
    if (method === 'initialize') answer({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo });
    else if (method === 'tools/list') answer({ tools: [tool] });
    else if (method === 'tools/call') call(response, answer);
    else response.writeHead(id === undefined ? 202 : 404).end();
  });
}

export async function eventually(check: () => boolean, ms = 5_000): Promise<void> {
  for (let waited = 0; waited < ms; waited += 20) {
    if (check()) return;
    await wait(20);
  }
  if (!check()) throw new Error('it did not come true');
}

/** Whether a process is running (a zombie is not). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Where nobody collects the ended ones, Linux goes on counting them.
    if (process.platform !== 'linux') return true;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZXx]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
