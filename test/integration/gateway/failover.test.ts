import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors.ts';
import { UpstreamAnswerError } from '../../../src/gateway/links/link-errors.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';
import {
  callTool,
  childCount,
  forwarding,
  gateway,
  httpServer,
  mountIn,
  startCounterServer,
  stdioServer,
} from '../../support/gateway-house.ts';
import { eventually, everythingPath, freePort, script, startEverything, startRaw } from '../../support/upstreams.ts';

const open = closeAfterEach();
const mount = mountIn(open);
const counter = async (options?: Parameters<typeof startCounterServer>[0]) => {
  const server = await startCounterServer(options);
  open.push(server.close);
  return server;
};

describe('two servers that offer the same', () => {
  it('loses no read when the first is killed under load, and goes back to it', async () => {
    const port = await freePort();
    const [first, second] = await Promise.all([
      startEverything('streamableHttp', port),
      startEverything('streamableHttp'),
    ]);
    open.push(second.stop);
    const registry = await mount(
      gateway([httpServer('second', second.url, { priority: 20 }), httpServer('first', first.url, { priority: 10 })]),
      { probeEveryMs: 200 },
    );
    const servedBy = new Map<string, number>();
    let sent = 0;
    let stop = false;
    const caller = async (): Promise<void> => {
      for (; !stop; ) {
        sent += 1;
        const message = `<${sent}>`;
        const answer = await callTool(registry, ['second', 'first'], 'echo', { message });
        expect(answer.text).toBe(`Echo: ${message}`);
        servedBy.set(answer.servedBy, (servedBy.get(answer.servedBy) ?? 0) + 1);
      }
    };
    const callers = Array.from({ length: 8 }, caller);
    await eventually(() => (servedBy.get('first') ?? 0) > 50, 10_000);
    expect(servedBy.has('second')).toBe(false);
    await first.stop();
    await eventually(() => (servedBy.get('second') ?? 0) > 100, 10_000);
    const again = await startEverything('streamableHttp', port);
    open.push(again.stop);
    const atReturn = servedBy.get('first') ?? 0;
    await eventually(() => (servedBy.get('first') ?? 0) > atReturn + 50, 15_000);
    stop = true;
    // A caller that met one failed read has thrown by now.
    await Promise.all(callers);
  }, 60_000);

  it('finds what neither lists at the one that knows it', async () => {
    const other = await counter();
    const registry = await mount(
      gateway([
        stdioServer('every', everythingPath, [], { domains: ['notes'] }),
        httpServer('other', other.url, { domains: ['notes'], priority: 20 }),
      ]),
    );
    const read = (uri: string, unlisted: boolean) =>
      registry.forward(
        ['every', 'other'].map((server) => ({ server, name: uri })),
        'resources/read',
        ({ name }) => ({ uri: name }),
        { readOnly: true, unlisted },
        forwarding(),
      );
    expect(await read('note://one', true)).toMatchObject({ servedBy: 'other' });
    await expect(read('note://one', false)).rejects.toBeInstanceOf(UpstreamAnswerError);
    // Nobody knows it: that is the answer, and no server is taken for broken.
    await expect(read('note://none', true)).rejects.toBeInstanceOf(UpstreamAnswerError);
  });

  it('moves a read on from a server that hangs when its own time is over', async () => {
    const [hangs, spare] = [await counter(), await counter()];
    const registry = await mount(
      gateway([httpServer('hangs', hangs.url, { timeoutMs: 500 }), httpServer('spare', spare.url, { priority: 20 })]),
    );
    const served = registry.forward(
      [
        { server: 'hangs', name: 'dawdle' },
        { server: 'spare', name: 'add' },
      ],
      'tools/call',
      ({ name }) => ({ name }),
      { readOnly: true },
      forwarding(),
    );
    expect(await served).toMatchObject({ servedBy: 'spare' });
    expect(hangs.calls).toEqual(['dawdle']);
  });
});

describe('a write', () => {
  it('that left for a server stays there: nobody else is given it, and the caller is told to look', async () => {
    const [hangs, spare] = [await counter(), await counter()];
    const registry = await mount(
      gateway([httpServer('hangs', hangs.url, { timeoutMs: 300 }), httpServer('spare', spare.url, { priority: 20 })]),
    );
    const write = callTool(registry, ['hangs', 'spare'], 'dawdle', {}, { readOnly: false });
    await expect(write).rejects.toMatchObject({
      code: 'resultado_desconhecido',
      retryable: false,
      message: expect.stringContaining('hangs'),
      hint: expect.stringContaining('verifique'),
    });
    expect(hangs.calls).toEqual(['dawdle']);
    expect(spare.calls).toEqual([]);
  });

  it('whose connection breaks on the way is not given to another either', async () => {
    let arrived = 0;
    const breaks = await startRaw((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += String(chunk);
      });
      request.on('end', () => {
        const message = body === '' ? {} : JSON.parse(body);
        const answer = (result: object): void => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
        };
        const serverInfo = { name: 'x', version: '1' };
        if (message.method === 'initialize')
          answer({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo });
        else if (message.method === 'tools/list') answer({ tools: [{ name: 'add', inputSchema: { type: 'object' } }] });
        else if (message.method === 'tools/call') {
          arrived += 1;
          request.socket.destroy();
        } else response.writeHead(message.id === undefined ? 202 : 404).end();
      });
    });
    open.push(breaks.close);
    const spare = await counter();
    const registry = await mount(
      gateway([httpServer('breaks', breaks.url), httpServer('spare', spare.url, { priority: 20 })]),
    );
    const both = ['breaks', 'spare'];
    await expect(callTool(registry, both, 'add', {}, { readOnly: false })).rejects.toMatchObject({
      code: 'resultado_desconhecido',
    });
    expect([arrived, spare.calls.length]).toEqual([1, 0]);
    // The same as a read moves on.
    expect(await callTool(registry, both, 'add')).toMatchObject({ servedBy: 'spare' });
  });

  it('that never left is given to the next', async () => {
    const spare = await counter();
    const absent = httpServer('absent', `http://127.0.0.1:${await freePort()}/mcp`);
    const config = gateway([absent, httpServer('spare', spare.url, { priority: 20 })], {
      failFast: false,
      maxRetries: 0,
    });
    const registry = await mount(config);
    const write = await callTool(registry, ['absent', 'spare'], 'add', {}, { readOnly: false });
    expect(write).toEqual({ text: '1', servedBy: 'spare' });
    const gone = await counter();
    await registry.reconfigure({ ...config, servers: [httpServer('absent', gone.url), ...config.servers.slice(1)] });
    await eventually(() => registry.servers.every(({ state }) => state === 'connected'));
    await gone.close();
    await expect(fetch(gone.url)).rejects.toThrow();
    // Still held for connected: the refused connection shows that nothing left.
    expect(registry.servers[0]!.state).toBe('connected');
    const next = await callTool(registry, ['absent', 'spare'], 'add', {}, { readOnly: false });
    expect(next).toEqual({ text: '2', servedBy: 'spare' });
  });
});

describe('sessions of a server that keeps state', () => {
  it('are one for each of ours, ended with it, and never reused when stale', async () => {
    const upstream = await counter();
    const registry = await mount(gateway([httpServer('a', upstream.url)]));
    const add = async (sessionId: string) =>
      (await callTool(registry, 'a', 'add', {}, { sessionId, readOnly: false })).text;
    const rounds = await Promise.all(
      ['s1', 's2', 's3', 's4'].map(async (id) => [await add(id), await add(id), await add(id)]),
    );
    expect(rounds).toEqual(Array.from({ length: 4 }, () => ['1', '2', '3']));
    // Four, and the one for lists.
    expect(upstream.sessions()).toBe(5);
    registry.endSession('s1');
    await eventually(() => upstream.sessions() === 4);
    expect(await add('s2')).toBe('4');
    expect(await add('s1')).toBe('1');
    upstream.forgetSessions();
    // A new session, counting from one: the old one is not insisted on, and the write was done once.
    const before = upstream.calls.length;
    expect(await add('s2')).toBe('1');
    expect(upstream.calls.length).toBe(before + 1);
  });

  it('are ended when nobody uses them', async () => {
    const upstream = await counter();
    const registry = await mount(gateway([httpServer('a', upstream.url)]), { idleSessionMs: 100 });
    await callTool(registry, 'a', 'add', {}, { sessionId: 's1' });
    expect(upstream.sessions()).toBe(2);
    await eventually(() => upstream.sessions() === 1);
  });

  it('share one process, unless it is said to keep state', async () => {
    const registry = await mount(
      gateway([stdioServer('shared', everythingPath), stdioServer('own', everythingPath, [], { stateful: true })]),
    );
    const before = await childCount();
    const echo = (server: string, sessionId: string) =>
      callTool(registry, server, 'echo', { message: 'x' }, { sessionId });
    for (const session of ['s1', 's2']) for (const server of ['shared', 'own']) await echo(server, session);
    expect(await childCount()).toBe(before + 2);
    registry.endSession('s1');
    registry.endSession('s2');
    await eventually(() => true);
    for (let n = 0; n < 100 && (await childCount()) !== before; n += 1) await wait(50);
    expect(await childCount()).toBe(before);
  }, 30_000);
});

describe('a session that is being opened', () => {
  it('keeps nobody beyond the deadline or after leaving, and what was given up is never sent', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'gateway-'));
    const [gate, calls] = [join(dir, 'gate'), join(dir, 'calls')];
    // The first one, for the lists, is there at once; the others when the gate is.
    const { args } = script(
      `const fs=require('fs'); const [gate, calls]=process.argv.slice(1);
      const first=!fs.existsSync(calls); fs.appendFileSync(calls,'');
      hear((m)=>{ if(m.method==='server/discover') say({id:m.id,error:{code:-32601,message:'no'}});
        else if(m.method==='initialize') {
          const greetWhen=()=>first||fs.existsSync(gate)
            ? say({id:m.id,result:{protocolVersion:'2025-11-25',capabilities:{tools:{}},serverInfo:{name:'s',version:'1'}}}) : setTimeout(greetWhen,20);
          greetWhen(); }
        else if(m.method==='tools/list') say({id:m.id,result:{tools:[{name:'add',inputSchema:{type:'object'}}]}});
        else if(m.method==='tools/call') { fs.appendFileSync(calls,m.params.arguments.n+' '); say({id:m.id,result:{content:[]}}); } });`,
      [gate, calls],
    );
    const within = (timeoutMs: number) =>
      gateway([stdioServer('s', '-e', args.slice(1), { stateful: true, connectTimeoutMs: 30_000, timeoutMs })]);
    const registry = await mount(within(30_000));
    const leaving = new AbortController();
    const write = { sessionId: 's1', readOnly: false };
    await registry.reconfigure(within(100));
    const late = expect(callTool(registry, 's', 'add', { n: 'late' }, write)).rejects.toMatchObject({
      code: 'servidor_indisponivel',
    });
    await registry.reconfigure(within(30_000));
    const left = callTool(registry, 's', 'add', { n: 'left' }, { ...write, signal: leaving.signal });
    await late;
    leaving.abort();
    await expect(left).rejects.toBeInstanceOf(CancelledError);
    writeFileSync(gate, '');
    await callTool(registry, 's', 'add', { n: 'stayed' }, write);
    expect(readFileSync(calls, 'utf8')).toBe('stayed ');
  }, 30_000);
});

describe('many calls at once', () => {
  it('end with as many children as before, when half of the clients leave', async () => {
    const registry = await mount(gateway([stdioServer('a', everythingPath)]));
    const before = await childCount();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 1_000 }, async (_, n) => {
        const controller = new AbortController();
        if (n % 2 === 1) setTimeout(() => controller.abort(), n % 200);
        const slow = n % 10 === 1;
        const args = slow ? { duration: 5, steps: 1 } : { message: `<${n}>` };
        const name = slow ? 'trigger-long-running-operation' : 'echo';
        const { text } = await callTool(registry, 'a', name, args, {
          signal: controller.signal,
          sessionId: `s${n % 50}`,
        });
        return { n, text };
      }),
    );
    for (const [n, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') expect(outcome.value.text).toBe(`Echo: <${n}>`);
      else expect([n % 2, outcome.reason]).toEqual([1, expect.any(CancelledError)]);
    }
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(500);
    expect(await childCount()).toBe(before);
    expect((await callTool(registry, 'a', 'echo', { message: 'still here' })).text).toBe('Echo: still here');
  }, 60_000);

  it('are not more than the limit of one server', async () => {
    let running = 0;
    let most = 0;
    const upstream = await startRaw((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += String(chunk);
      });
      request.on('end', async () => {
        const message = body === '' ? {} : JSON.parse(body);
        const answer = (result: object): void => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
        };
        const serverInfo = { name: 'x', version: '1' };
        if (message.method === 'initialize')
          answer({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo });
        else if (message.method === 'tools/list') answer({ tools: [{ name: 'x', inputSchema: { type: 'object' } }] });
        else if (message.method === 'tools/call') {
          running += 1;
          most = Math.max(most, running);
          await wait(5);
          running -= 1;
          answer({ content: [] });
        } else response.writeHead(message.id === undefined ? 202 : 404).end();
      });
    });
    open.push(upstream.close);
    const registry = await mount(gateway([httpServer('a', upstream.url)], { maxConnections: 4 }));
    await Promise.all(Array.from({ length: 60 }, () => callTool(registry, 'a', 'x')));
    expect(most).toBe(4);
  });

  it('stop being sent to a server that never answers', async () => {
    const upstream = await counter();
    const registry = await mount(gateway([httpServer('a', upstream.url, { timeoutMs: 2_000 })]));
    await Promise.all(Array.from({ length: 5 }, () => expect(callTool(registry, 'a', 'dawdle')).rejects.toThrow()));
    expect(upstream.calls.length).toBe(5);
    await expect(callTool(registry, 'a', 'dawdle')).rejects.toMatchObject({ code: 'servidor_indisponivel' });
    expect(upstream.calls.length).toBe(5);
  });
});
