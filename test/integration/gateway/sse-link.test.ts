import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
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
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => call('echo', { message: `<${n}>` })));
    for (const [n, answer] of answers.entries()) expect(answer).toContain(`Echo: <${n}>`);
    const onRequest = async () => ({ action: 'decline' });
    expect(await call('trigger-elicitation-request', {}, { onRequest })).toMatch(/declin/i);
    const pending = call('trigger-long-running-operation', { duration: 20, steps: 1 });
    const failed = expect(pending).rejects.toMatchObject({ name: 'UpstreamGoneError', sent: true });
    await upstream.stop();
    await failed;
    expect((await link.closed)?.message).toContain('stream');
  });

  it('our credential goes with it; without it the refusal is named; list changes are heard', async () => {
    const server = await FakeMcpServer.start({ companies: [], token: 'fake-token' });
    open.push(() => server.kill());
    await expect(linkTo(server.sseUrl)).rejects.toMatchObject({ name: 'UpstreamAnswerError', status: 401 });
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

  it('never writes to another origin', async () => {
    let visits = 0;
    const decoy = await startRaw((_req, res) => {
      visits += 1;
      res.end();
    });
    const server = await startRaw((_req, res) => stream(res, `event: endpoint\ndata: ${decoy.origin}/messages\n\n`));
    open.push(decoy.close, server.close);
    await expect(linkTo(server.url)).rejects.toThrow(/another origin/);
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
