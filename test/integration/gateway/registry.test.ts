import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { UpstreamAnswerError } from '../../../src/gateway/links/link-errors.ts';
import { FAILURES_TO_OPEN } from '../../../src/gateway/upstreams/breaker.ts';
import { openRegistry } from '../../../src/gateway/upstreams/open-registry.ts';
import { Secret } from '../../../src/logging/secret.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';
import {
  callTool,
  childCount,
  childPids,
  forwarding,
  gateway,
  httpServer,
  mountIn,
  openTestRegistry,
  registryParts,
  startCounterServer,
  stdioServer,
} from '../../support/gateway-house.ts';
import {
  eventually,
  everythingPath,
  filesystemPath,
  freePort,
  memoryPath,
  script,
  startEverything,
  startRaw,
} from '../../support/upstreams.ts';

const open = closeAfterEach();
const mount = mountIn(open);

describe('several real servers at once', () => {
  it('lists and calls everything, memory and filesystem over stdio, SSE and HTTP, and leaves no child behind', async () => {
    const before = await childCount();
    const [http, sse] = await Promise.all([startEverything('streamableHttp'), startEverything('sse')]);
    const dir = realpathSync(mkdtempSync(join(tmpdir(), 'gateway-')));
    writeFileSync(join(dir, 'note.txt'), 'conteúdo');
    const registry = await openTestRegistry(
      gateway([
        httpServer('http', http.url, { priority: 2 }),
        httpServer('sse', sse.url, { priority: 1 }),
        stdioServer('stdio', everythingPath, [], { priority: 3 }),
        stdioServer('memory', memoryPath, [], { priority: 4 }),
        stdioServer('files', filesystemPath, [dir], {
          priority: 5,
          tools: { include: ['read_*', 'list_*'], exclude: ['read_media_file'] },
        }),
      ]),
    );
    try {
      expect(registry.servers.map(({ id, state }) => [id, state])).toEqual([
        ['sse', 'connected'],
        ['http', 'connected'],
        ['stdio', 'connected'],
        ['memory', 'connected'],
        ['files', 'connected'],
      ]);
      for (const server of ['http', 'sse', 'stdio']) {
        const { offer } = registry.servers.find(({ id }) => id === server)!;
        expect(offer.tools.map(({ name }) => name)).toContain('echo');
        expect(offer.resources.length).toBeGreaterThan(0);
        expect(offer.templates.length).toBeGreaterThan(0);
        expect(offer.prompts.length).toBeGreaterThan(0);
        expect(offer.completions).toBe(true);
        expect(await callTool(registry, server, 'echo', { message: 'olá' })).toMatchObject({ text: 'Echo: olá' });
        expect(await callTool(registry, server, 'echo', { message: 'a' }, { sessionId: 's' })).toMatchObject({
          text: 'Echo: a',
        });
      }
      const files = registry.servers.find(({ id }) => id === 'files')!;
      const names = files.offer.tools.map(({ name }) => name);
      expect(names).toContain('read_text_file');
      expect(names).not.toContain('write_file');
      expect(names).not.toContain('read_media_file');
      const { text } = await callTool(registry, 'files', 'read_text_file', { path: join(dir, 'note.txt') });
      expect(text).toBe('conteúdo');
      expect((await callTool(registry, 'memory', 'read_graph')).text).toContain('entities');
    } finally {
      await registry.close();
      await Promise.all([http.stop(), sse.stop()]);
    }
    expect(await childCount()).toBe(before);
  }, 40_000);

  it('passes progress, questions and refusals across', async () => {
    const upstream = await startEverything('streamableHttp');
    open.push(upstream.stop);
    const registry = await mount(gateway([httpServer('a', upstream.url)]));
    const steps: unknown[] = [];
    const asked: string[] = [];
    const context = forwarding({
      sessionId: 's1',
      progress: (params) => steps.push(params['progressToken']),
      ask: async (method) => {
        asked.push(method);
        return { action: 'decline' };
      },
    });
    await registry.forward(
      [{ server: 'a', name: 'trigger-long-running-operation' }],
      'tools/call',
      ({ name }) => ({ name, arguments: { duration: 0.2, steps: 2 }, _meta: { progressToken: 'p' } }),
      { readOnly: true },
      context,
    );
    expect(steps).toEqual(['p', 'p']);
    const elicitation = { readOnly: false, sessionId: 's1', ask: context.ask! };
    expect((await callTool(registry, 'a', 'trigger-elicitation-request', {}, elicitation)).text).toMatch(/declin/i);
    // A session of one's own may be asked for roots too, as soon as it begins.
    expect(asked).toContain('elicitation/create');
    const missing = registry.forward(
      [{ server: 'a', name: 'nothing://here' }],
      'resources/read',
      ({ name }) => ({ uri: name }),
      { readOnly: true },
      forwarding(),
    );
    await expect(missing).rejects.toBeInstanceOf(UpstreamAnswerError);
  }, 30_000);
});

describe('a server that is not there', () => {
  it('stops a start that must be complete, and leaves nothing running', async () => {
    const before = await childCount();
    const config = gateway([
      stdioServer('good', memoryPath),
      httpServer('absent', `http://127.0.0.1:${await freePort()}/mcp`),
    ]);
    await expect(openTestRegistry(config)).rejects.toMatchObject({
      code: 'servidor_indisponivel',
      message: expect.stringContaining('absent'),
    });
    expect(await childCount()).toBe(before);
  });

  it('keeps a start that may be partial waiting for one try, not for its retries', async () => {
    const good = await startCounterServer();
    open.push(good.close);
    const absent = httpServer('absent', `http://127.0.0.1:${await freePort()}/mcp`);
    const beganAt = performance.now();
    const registry = await mount(gateway([httpServer('good', good.url), absent], { failFast: false, maxRetries: 10 }));
    expect(performance.now() - beganAt).toBeLessThan(10_000);
    expect(registry.servers.map(({ id, state }) => [id, state])).toEqual([
      ['absent', 'connecting'],
      ['good', 'connected'],
    ]);
  });

  it('hinders no start that may be partial when it hangs', async () => {
    const good = await startCounterServer();
    const silent = await startRaw(() => {});
    open.push(good.close, silent.close);
    const hanging = httpServer('hanging', silent.url, { connectTimeoutMs: 300_000 });
    const config = gateway([httpServer('good', good.url), hanging], { failFast: false });
    const registry = await openRegistry(config, registryParts());
    open.push(() => registry.close());
    expect(registry.servers.find(({ id }) => id === 'hanging')?.state).toBe('connecting');
    await eventually(() => registry.servers.some(({ state }) => state === 'connected'));
  });

  it('is left out, found when it comes, and announced', async () => {
    const port = await freePort();
    const good = await startCounterServer();
    open.push(good.close);
    const config = gateway([httpServer('good', good.url), httpServer('late', `http://127.0.0.1:${port}/mcp`)], {
      failFast: false,
      maxRetries: 0,
    });
    const registry = await mount(config);
    const late = registry.servers.find(({ id }) => id === 'late')!;
    expect(late.state).toBe('down');
    expect(late.problem).toContain('não está acessível');
    expect((await callTool(registry, 'good', 'add')).text).toBe('1');
    await expect(callTool(registry, 'late', 'add')).rejects.toMatchObject({ code: 'servidor_indisponivel' });
    let changes = 0;
    registry.onChange(() => {
      changes += 1;
    });
    const upstream = await startCounterServer({ port });
    open.push(upstream.close);
    await eventually(() => late.state === 'connected', 10_000);
    expect(changes).toBeGreaterThan(0);
    expect(late.offer.tools.map(({ name }) => name)).toEqual(['add', 'dawdle']);
    expect((await callTool(registry, 'late', 'add')).text).toBe('1');
  });

  it('is noticed when it dies and taken back when it returns, without a call', async () => {
    const port = await freePort();
    const first = await startEverything('streamableHttp', port);
    const registry = await mount(gateway([httpServer('a', first.url)]), { probeEveryMs: 100 });
    const [server] = registry.servers;
    await first.stop();
    await eventually(() => server!.state !== 'connected');
    const second = await startEverything('streamableHttp', port);
    open.push(second.stop);
    await eventually(() => server!.state === 'connected', 15_000);
    expect((await callTool(registry, 'a', 'echo', { message: 'x' })).text).toBe('Echo: x');
  }, 30_000);

  it('is started again when its process is killed, with a pause when it keeps ending', async () => {
    const registry = await mount(gateway([stdioServer('a', memoryPath)]));
    const [server] = registry.servers;
    const before = await childCount();
    const first = server!.lastConnected;
    for (const pid of await childPids()) process.kill(pid, 'SIGKILL');
    await eventually(() => server!.state === 'connecting');
    // A call meanwhile waits for it.
    expect((await callTool(registry, 'a', 'read_graph')).text).toContain('entities');
    expect(server!.lastConnected).not.toEqual(first);
    expect(await childCount()).toBe(before);
  });

  it('is not held for dead because it refuses our credential', async () => {
    const upstream = await startCounterServer({ bearer: 'good' });
    open.push(upstream.close);
    const auth = { kind: 'bearer', token: new Secret('good') } as const;
    const registry = await mount(gateway([httpServer('a', upstream.url, { auth })]), { probeEveryMs: 50 });
    upstream.setBearer('changed');
    const states = new Set<string>();
    for (let n = 0; n < 10; n += 1) {
      await wait(50);
      states.add(registry.servers[0]!.state);
    }
    expect([...states]).toEqual(['connected']);
    expect(upstream.refused()).toBeGreaterThan(0);
    await expect(callTool(registry, 'a', 'add')).rejects.toMatchObject({
      code: 'servidor_indisponivel',
      retryable: false,
    });
    expect(upstream.calls).toEqual([]);
  });
});

describe('what changes', () => {
  it('is listed again when a server says so', async () => {
    const growing = script(
      `let tools=[{name:'one',inputSchema:{type:'object'}}];
      hear((m)=>{ if(m.method==='server/discover') say({id:m.id,error:{code:-32601,message:'no'}});
        else if(m.method==='initialize') say({id:m.id,result:{protocolVersion:'2025-11-25',capabilities:{tools:{listChanged:true}},serverInfo:{name:'s',version:'1'}}});
        else if(m.method==='tools/list') say({id:m.id,result: m.params.cursor ? {tools:tools.slice(1)} : {tools:tools.slice(0,1), ...(tools.length>1?{nextCursor:'2'}:{})}});
        else if(m.method==='tools/call') { tools.push({name:'two',inputSchema:{type:'object'}},{name:'broken'}); say({method:'notifications/tools/list_changed'}); say({id:m.id,result:{content:[]}}); } });`,
    );
    const registry = await mount(gateway([stdioServer('g', '-e', growing.args.slice(1) as string[])]));
    const names = () => registry.servers[0]!.offer.tools.map(({ name }) => name);
    expect(names()).toEqual(['one']);
    await callTool(registry, 'g', 'one');
    await eventually(() => names().length === 2);
    expect(names()).toEqual(['one', 'two']);
    expect(registry.servers[0]!.problem).toContain('1 fora do protocolo');
  });

  it('is listed again when a server says so while it is listed for the first time', async () => {
    const early = script(
      `let lists=0;
      hear((m)=>{ if(m.method==='server/discover') say({id:m.id,error:{code:-32601,message:'no'}});
        else if(m.method==='initialize') say({id:m.id,result:{protocolVersion:'2025-11-25',capabilities:{tools:{listChanged:true}},serverInfo:{name:'s',version:'1'}}});
        else if(m.method==='tools/list') { lists+=1; const list={jsonrpc:'2.0',id:m.id,result:{tools:[{name:lists===1?'old':'new',inputSchema:{type:'object'}}]}};
          // In one piece: what comes later is heard by whoever begins to listen later.
          const changed={jsonrpc:'2.0',method:'notifications/tools/list_changed'};
          process.stdout.write([list,...(lists===1?[changed]:[])].map((one)=>JSON.stringify(one)+String.fromCharCode(10)).join('')); } });`,
    );
    const registry = await mount(gateway([stdioServer('g', '-e', early.args.slice(1) as string[])]));
    await vi.waitFor(() => expect(registry.servers[0]!.offer.tools.map(({ name }) => name)).toEqual(['new']), 20_000);
  });

  it('is told of only when something is another than before', async () => {
    const chatty = script(
      `let tools=['one','same','grow','lists'].map((name)=>({name,inputSchema:{type:'object'}})), lists=0;
      hear((m)=>{ if(m.method==='server/discover') say({id:m.id,error:{code:-32601,message:'no'}});
        else if(m.method==='initialize') say({id:m.id,result:{protocolVersion:'2025-11-25',capabilities:{tools:{listChanged:true}},serverInfo:{name:'s',version:'1'}}});
        else if(m.method==='tools/list') { lists+=1; say({id:m.id,result:{tools}}); }
        else if(m.method==='tools/call') {
          if(m.params.name==='lists') { say({id:m.id,result:{content:[{type:'text',text:String(lists)}]}}); return; }
          if(m.params.name==='grow') tools.push({name:'two',inputSchema:{type:'object'}});
          say({method:'notifications/tools/list_changed'}); say({id:m.id,result:{content:[]}}); } });`,
    );
    const config = () => gateway([stdioServer('g', '-e', chatty.args.slice(1) as string[])]);
    const registry = await mount(config());
    const lists = async () => Number((await callTool(registry, 'g', 'lists')).text);
    let changes = 0;
    registry.onChange(() => {
      changes += 1;
    });
    const before = registry.servers[0]!.offer;
    await callTool(registry, 'g', 'same');
    await vi.waitFor(async () => expect(await lists()).toBe(2), 10_000);
    await registry.reconfigure(config());
    await registry.rescreen();
    await registry.reread('g', new AbortController().signal);
    expect(changes).toBe(0);
    expect(registry.servers[0]!.offer).toBe(before);
    await callTool(registry, 'g', 'grow');
    await eventually(() => registry.servers[0]!.offer.tools.length === 5, 10_000);
    expect(changes).toBe(1);
    await registry.reconfigure(gateway([stdioServer('g', '-e', chatty.args.slice(1) as string[], { priority: 3 })]));
    expect(changes).toBe(2);
  });

  it('is logged as a reload says, by the servers that stay too', async () => {
    const upstream = await startCounterServer();
    open.push(upstream.close);
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const config = (more: Parameters<typeof gateway>[1]) => gateway([httpServer('a', upstream.url)], more);
    const registry = await mount(config({ enableLogging: false }), { logger, probeEveryMs: 50 });
    await callTool(registry, 'a', 'add');
    expect(lines).toEqual([]);
    await registry.reconfigure(config({ logLevel: 'warn', maxRetries: 0 }));
    await callTool(registry, 'a', 'add');
    expect(lines).toEqual([]);
    await upstream.close();
    // Not one more try: `max_retries` is that of the reload.
    await eventually(() => registry.servers[0]!.state === 'down', 10_000);
    const told = lines.map((line) => JSON.parse(line).msg);
    expect(told).toEqual(['upstream lost', 'upstream not connected']);
    await registry.reconfigure(config({ logLevel: 'info' }));
    await expect(callTool(registry, 'a', 'add')).rejects.toThrow();
    expect(lines.at(-1)).toContain('upstream call failed');
  });

  it('changes while the old connection serves, until the new one is there; what runs may be finished', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'gateway-'));
    const [gate, answer] = [join(dir, 'gate'), join(dir, 'answer')];
    const { args } = script(
      `const fs=require('fs'); const [who, gate, answer]=process.argv.slice(1);
      const when=(file, then)=>fs.existsSync(file) ? then() : setTimeout(()=>when(file, then),20);
      hear((m)=>{ if(m.method==='server/discover') say({id:m.id,error:{code:-32601,message:'no'}});
        else if(m.method==='initialize') when(gate,()=>say({id:m.id,result:{protocolVersion:'2025-11-25',capabilities:{tools:{}},serverInfo:{name:'s',version:'1'}}}));
        else if(m.method==='tools/list') say({id:m.id,result:{tools:['who','hold'].map((name)=>({name,inputSchema:{type:'object'}}))}});
        else if(m.method==='tools/call') { const done=()=>say({id:m.id,result:{content:[{type:'text',text:who}]}});
          if(m.params.name==='hold') { fs.writeFileSync(answer+'.asked',''); when(answer,done); } else done(); } });`,
    );
    const [, ...code] = args;
    const as = (who: string) => gateway([stdioServer('s', '-e', [...code, who, who === 'first' ? dir : gate, answer])]);
    const registry = await mount(as('first'));
    const who = async () => (await callTool(registry, 's', 'who')).text;
    const held = callTool(registry, 's', 'hold', {}, { readOnly: false });
    await eventually(() => existsSync(`${answer}.asked`));
    // Settings that are outdated before they are taken up.
    const outdated = registry.reconfigure(as('second'));
    let isChanged = false;
    registry.onChange(() => {
      isChanged = true;
    });
    const changed = registry.reconfigure(as('third'));
    await outdated;
    expect(await who()).toBe('first');
    expect(isChanged).toBe(false);
    writeFileSync(gate, '');
    await vi.waitFor(async () => expect(await who()).toBe('third'), 10_000);
    writeFileSync(answer, '');
    expect((await held).text).toBe('first');
    await changed;
    // One that cannot be reached: its tools are still known, and told to be away.
    await registry.reconfigure(
      gateway([httpServer('s', `http://127.0.0.1:${await freePort()}/mcp`)], { maxRetries: 0 }),
    );
    expect(registry.servers[0]!.offer.tools.map(({ name }) => name)).toEqual(['who', 'hold']);
    await expect(who()).rejects.toMatchObject({ code: 'servidor_indisponivel', retryable: true });
  }, 40_000);

  it('lets what the old connection does be finished, until everything ends', async () => {
    const held: (() => void)[] = [];
    const answers: Record<string, object> = {
      initialize: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 's', version: '1' },
      },
      'tools/list': { tools: [{ name: 'hold', inputSchema: { type: 'object' } }] },
      'tools/call': { content: [{ type: 'text', text: 'done' }] },
    };
    const http = createServer(async (request, response) => {
      if (request.method !== 'POST') return void response.writeHead(405).end();
      const { id, method } = JSON.parse(await text(request));
      if (id === undefined) return void response.writeHead(202).end();
      const result = answers[method];
      const body = result === undefined ? { error: { code: -32601, message: 'no' } } : { result };
      const answer = () =>
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
      if (method === 'tools/call') held.push(answer);
      else answer();
    });
    open.push(async () => http.closeAllConnections());
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const { port } = http.address() as AddressInfo;
    const at = (place: number) => gateway([httpServer('s', `http://127.0.0.1:${port}/mcp?place=${place}`)]);
    const registry = await mount(at(0));
    const takeOver = async (place: number): Promise<void> => {
      const before = registry.upstreams[0];
      registry.reconfigure(at(place)).catch(() => {});
      await eventually(() => registry.upstreams[0] !== before, 20_000);
    };
    const call = () => callTool(registry, 's', 'hold', {}, { readOnly: false });
    const first = call();
    await eventually(() => held.length === 1);
    await takeOver(1);
    held[0]?.();
    expect((await first).text).toBe('done');
    const second = call().catch((error: unknown) => error);
    await eventually(() => held.length === 2);
    await takeOver(2);
    // Less than the old one would have from now on.
    const drained = wait(8_000, 'drained', { ref: false });
    expect(await Promise.race([registry.close(), drained])).toBeUndefined();
    expect(await second).toMatchObject({ code: 'resultado_desconhecido' });
  }, 60_000);

  it('says that it rests after failures, and for how long', async () => {
    const upstream = await startCounterServer();
    open.push(upstream.close);
    const registry = await mount(gateway([httpServer('a', upstream.url)]));
    const { breaker } = registry.upstreams[0]!;
    expect(registry.servers[0]!.problem).toBeUndefined();
    breaker.reset();
    for (let n = 0; n < FAILURES_TO_OPEN; n += 1) breaker.enter()?.('failed');
    expect(registry.servers[0]!.problem).toMatch(/em descanso/);
    const refused = await callTool(registry, 'a', 'add').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'servidor_indisponivel', retryable: true });
    // Not the five seconds of a server that is connected anew.
    expect(refused).not.toMatchObject({ retryAfterMs: 5_000 });
    breaker.reset();
    expect(registry.servers[0]!.problem).toBeUndefined();
  });

  it('leaves the servers alone that a new configuration does not touch', async () => {
    const [kept, left, joined] = [await startCounterServer(), await startCounterServer(), await startCounterServer()];
    for (const { close } of [kept, left, joined]) open.push(close);
    const registry = await mount(gateway([httpServer('kept', kept.url), httpServer('left', left.url)]));
    expect((await callTool(registry, 'kept', 'add')).text).toBe('1');
    await registry.reconfigure(
      gateway([
        httpServer('kept', kept.url, { priority: 20, tools: { include: ['add'], exclude: [] } }),
        httpServer('joined', joined.url),
      ]),
    );
    expect(registry.servers.map(({ id }) => id)).toEqual(['joined', 'kept']);
    await eventually(() => registry.servers.every(({ state }) => state === 'connected'));
    // The same session still: its count goes on.
    expect((await callTool(registry, 'kept', 'add')).text).toBe('2');
    expect(registry.servers[1]!.offer.tools.map(({ name }) => name)).toEqual(['add']);
    await expect(callTool(registry, 'left', 'add')).rejects.toMatchObject({ code: 'servidor_indisponivel' });
    expect(left.sessions()).toBe(0);
  });
});
