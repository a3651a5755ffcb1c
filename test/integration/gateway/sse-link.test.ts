import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { CancelledError } from '../../../src/errors.ts';
import type { Link } from '../../../src/gateway/links/link.ts';
import { openSseLink } from '../../../src/gateway/links/sse-link.ts';
import { FakeMcpServer } from '../../support/fake-mcp-server.ts';
import { asking, eventually, httpParts, opening, startEverything, startRaw } from '../../support/upstreams.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
async function linkTo(url: string, bearer?: string, more = {}): Promise<Link> {
  const link = await openSseLink({ url, headers: {}, bearer }, opening(more), httpParts);
  open.push(() => link.close());
  return link;
}

describe('HTTP+SSE', () => {
  it('server-everything: two hundred calls, progress, and a question to the user', async () => {
    const upstream = await startEverything('sse');
    open.push(upstream.stop);
    const link = await linkTo(upstream.url, undefined, { clientCapabilities: { elicitation: {} } });
    expect(link.info).toMatchObject({ era: 'legacy', stateful: true });
    const call = (name: string, args: object, more = {}) =>
      link.request('tools/call', { name, arguments: args }, asking(more));
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => call('echo', { message: `<${n}>` }, { readOnly: true })),
    );
    for (const [n, answer] of answers.entries()) expect(answer).toContain(`Echo: <${n}>`);
    const onRequest = async () => ({ action: 'decline' });
    expect(await call('trigger-elicitation-request', {}, { onRequest })).toMatch(/declin/i);
    const pending = call('trigger-long-running-operation', { duration: 20, steps: 1 });
    const failed = expect(pending).rejects.toMatchObject({ name: 'UpstreamGoneError', sent: true });
    await upstream.stop();
    await failed;
    expect((await link.closed)?.message).toContain('fluxo');
  });

  it('our credential goes with it; without it the refusal is named; list changes are heard', async () => {
    const server = await FakeMcpServer.start({ companies: [], token: 'fake-token' });
    open.push(() => server.kill());
    await expect(linkTo(server.sseUrl)).rejects.toMatchObject({ name: 'HttpRefusalError', status: 401 });
    const link = await linkTo(server.sseUrl, 'fake-token');
    const heard: string[] = [];
    link.onNotification((method) => heard.push(method));
    server.notifyToolsChanged();
    await eventually(() => heard.includes('notifications/tools/list_changed'));
    await link.close();
    expect(await link.closed).toBeUndefined();
    await eventually(() => server.openSessions === 0);
  });

  const stream = (res: ServerResponse, text: string): void => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(text);
  };

  const posted = z.object({ id: z.number().optional(), method: z.string() });
  /** Answers `initialize` at once; the POST of anything else with an id is the test's. */
  async function startSlow() {
    const methods: string[] = [];
    let take: (call: { say: (result: object) => void; res: ServerResponse }) => void = () => {};
    const taken = new Promise<Parameters<typeof take>[0]>((resolve) => {
      take = resolve;
    });
    let events: ServerResponse | undefined;
    const server = await startRaw(async (req: IncomingMessage, res) => {
      if (req.method === 'GET') {
        events = res;
        stream(res, 'event: endpoint\ndata: /messages\n\n');
        return;
      }
      const { id, method } = posted.parse(await readJson(req));
      methods.push(method);
      const say = (result: object) => events?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
      if (method === 'tools/call') {
        take({ say, res });
        return;
      }
      res.writeHead(202).end();
      if (method === 'initialize')
        say({ protocolVersion: '2024-11-05', capabilities: {}, serverInfo: { name: 's', version: '1' } });
    });
    open.push(server.close);
    return { url: server.url, methods, taken };
  }

  it.each(['the stream', 'the POST'])('a POST answered late fails nothing when %s speaks first', async (first) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    open.push(async () => void vi.useRealTimers());
    const server = await startSlow();
    const link = await linkTo(server.url);
    const answer = link.request('tools/call', { name: 'slow' }, asking({ timeoutMs: 120_000 }));
    const { say, res } = await server.taken;
    await vi.advanceTimersByTimeAsync(100_000);
    if (first === 'the stream') say({ done: 1 });
    else {
      res.writeHead(202).end();
      setImmediate(() => say({ done: 1 }));
    }
    expect(await answer).toBe('{"done":1}');
    if (first === 'the POST') return;
    // The answer is here: what is left of the POST has its ordinary time, and its connection is then free.
    const hungUp = once(res, 'close');
    await vi.advanceTimersByTimeAsync(11_000);
    await hungUp;
  });

  it('a request given up frees the POST that nobody answers', async () => {
    // Time stands still: nothing but the caller ends it.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    open.push(async () => void vi.useRealTimers());
    const server = await startSlow();
    const link = await linkTo(server.url);
    const caller = new AbortController();
    const cancelled = link.request('tools/call', { name: 'slow' }, asking({ signal: caller.signal }));
    const { res } = await server.taken;
    const hungUp = once(res, 'close');
    caller.abort();
    await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
    await hungUp;
    vi.useRealTimers();
    await eventually(() => server.methods.includes('notifications/cancelled'));
  });

  it('never writes to another origin', async () => {
    let visits = 0;
    const decoy = await startRaw((_req, res) => {
      visits += 1;
      res.end();
    });
    const server = await startRaw((_req, res) => stream(res, `event: endpoint\ndata: ${decoy.origin}/messages\n\n`));
    open.push(decoy.close, server.close);
    await expect(linkTo(server.url)).rejects.toThrow(/outra origem/);
    expect(visits).toBe(0);
  });

  it('a stream without an endpoint ends in time, a refused message at once, a cancelled opening too', async () => {
    const mute = await startRaw((_req, res) => stream(res, ': hello\n\n'));
    const refusing = await startRaw((req, res) => {
      if (req.method === 'GET') stream(res, 'event: endpoint\ndata: /messages?x=1\n\n');
      else res.writeHead(400).end();
    });
    open.push(mute.close, refusing.close);
    await expect(linkTo(mute.url, undefined, { connectTimeoutMs: 200 })).rejects.toMatchObject({
      name: 'UpstreamTimeoutError',
    });
    await expect(linkTo(refusing.url)).rejects.toMatchObject({ name: 'UpstreamGoneError', sent: false });
    const caller = new AbortController();
    const opened = linkTo(mute.url, undefined, { signal: caller.signal });
    caller.abort();
    await expect(opened).rejects.toBeInstanceOf(CancelledError);
  });
});
