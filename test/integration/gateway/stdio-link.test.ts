import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { CancelledError, ConfigurationError } from '../../../src/errors.ts';
import type { Link } from '../../../src/gateway/links/link.ts';
import {
  OversizedAnswerError,
  UpstreamAnswerError,
  UpstreamFloodError,
  UpstreamGoneError,
  UpstreamTimeoutError,
} from '../../../src/gateway/links/link-errors.ts';
import { openStdioLink } from '../../../src/gateway/links/stdio-link.ts';
import { problemOf } from '../../../src/gateway/upstreams/upstream-words.ts';
import { startSimulator } from '../../../src/simulator/server.ts';
import { entry } from '../../support/program.ts';
import {
  asking,
  childParts,
  eventually,
  everythingPath,
  filesystemPath,
  isAlive,
  memoryPath,
  node,
  opening,
  script,
} from '../../support/upstreams.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
async function linkTo(target: ReturnType<typeof node>, more = {}): Promise<Link> {
  const link = await openStdioLink(target, opening(more), childParts());
  open.push(() => link.close());
  return link;
}
const call = (link: Link, name: string, args: object, more = {}): Promise<string> =>
  link.request('tools/call', { name, arguments: args }, asking(more));

describe('server-everything over stdio', () => {
  it('shakes hands in 2025-11-25, lists and calls', async () => {
    const link = await linkTo(node(everythingPath, 'stdio'));
    expect(link.info).toMatchObject({ era: 'legacy', protocolVersion: '2025-11-25', stateful: true });
    expect(link.info.serverInfo.name).toContain('everything');
    const list = JSON.parse(await link.request('tools/list', {}, asking()));
    expect(list.tools.map(({ name }: { name: string }) => name)).toContain('echo');
    expect(await call(link, 'echo', { message: 'olá' })).toBe('{"content":[{"type":"text","text":"Echo: olá"}]}');
  });

  it('gives a thousand interleaved answers each to its own question', async () => {
    const link = await linkTo(node(everythingPath, 'stdio'));
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => call(link, 'echo', { message: `<${n}>` }, { timeoutMs: 60_000 })),
    );
    for (const [n, answer] of answers.entries()) expect(answer).toContain(`Echo: <${n}>`);
  });

  it('brings progress under the token of the one who asked', async () => {
    const link = await linkTo(node(everythingPath, 'stdio'));
    const heard: [string, unknown][] = [];
    const run = (token: string, who: string) =>
      link.request(
        'tools/call',
        {
          name: 'trigger-long-running-operation',
          arguments: { duration: 0.3, steps: 3 },
          _meta: { progressToken: token },
        },
        asking({ onNotification: (_method, params) => heard.push([who, params['progressToken']]) }),
      );
    // Two callers who chose the same token.
    await Promise.all([run('t', 'ana'), run('t', 'rui')]);
    expect(heard.filter(([who, token]) => who === 'ana' && token === 't')).toHaveLength(3);
    expect(heard.filter(([who, token]) => who === 'rui' && token === 't')).toHaveLength(3);
    expect(heard).toHaveLength(6);
  });

  it('lets the server ask its user, only the one user there is', async () => {
    const link = await linkTo(node(everythingPath, 'stdio'), {
      clientCapabilities: { elicitation: {}, sampling: {}, roots: {} },
    });
    const asked: string[] = [];
    const onRequest = async (method: string) => {
      asked.push(method);
      return method === 'roots/list' ? { roots: [] } : { action: 'decline' };
    };
    const tools: { tools: { name: string }[] } = JSON.parse(
      await link.request('tools/list', {}, asking({ onRequest })),
    );
    expect(tools.tools.some(({ name }) => name === 'trigger-elicitation-request')).toBe(true);
    const answer = await call(link, 'trigger-elicitation-request', {}, { onRequest });
    expect(asked).toContain('elicitation/create');
    expect(answer).toMatch(/declin/i);
    const other = async () => ({ action: 'accept' });
    const slow = call(link, 'trigger-long-running-operation', { duration: 0.5, steps: 1 }, { onRequest: other });
    const refused = await call(link, 'trigger-elicitation-request', {}, { onRequest }).catch((error: unknown) =>
      String(error),
    );
    expect(refused).toMatch(/Nobody was asked/);
    await slow;
    // Somebody who cannot be asked is still somebody: the question may be theirs.
    const mute = call(link, 'trigger-long-running-operation', { duration: 0.5, steps: 1 });
    const doubted = await call(link, 'trigger-elicitation-request', {}, { onRequest }).catch((error: unknown) =>
      String(error),
    );
    expect(doubted).toMatch(/Nobody was asked/);
    await mute;
  });

  it('leaves no process behind, however it ends', async () => {
    const link = await openStdioLink(node(everythingPath, 'stdio'), opening(), childParts());
    const before = process.listenerCount('exit');
    await link.close();
    expect(await link.closed).toBeUndefined();
    expect(process.listenerCount('exit')).toBe(before - 1);
    await expect(link.request('ping', {}, asking())).rejects.toMatchObject({ name: 'UpstreamGoneError', sent: false });
  });
});

describe('other real servers over stdio', () => {
  it('server-memory keeps what it is told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-memory-'));
    open.push(() => rm(folder, { recursive: true }));
    const env = { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') };
    const link = await linkTo({ ...node(memoryPath), env });
    await call(link, 'create_entities', {
      entities: [{ name: 'Ana', entityType: 'pessoa', observations: ['compra'] }],
    });
    expect(await call(link, 'read_graph', {})).toContain('compra');
    expect(await readFile(env.MEMORY_FILE_PATH, 'utf8')).toContain('Ana');
  });

  it('server-filesystem reads a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-files-'));
    open.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'nota.txt'), 'conteúdo');
    const link = await linkTo(node(filesystemPath, folder));
    expect(await call(link, 'read_text_file', { path: join(folder, 'nota.txt') })).toContain('conteúdo');
  });

  it('our own product, in 2026-07-28', async () => {
    const simulator = await startSimulator({ titlesPerCompany: 5, limits: false });
    const folder = await mkdtemp(join(tmpdir(), 'gateway-own-'));
    const file = join(folder, 'credentials.json');
    await writeFile(file, JSON.stringify(simulator.credentialsFile()), { mode: 0o600 });
    open.push(
      () => simulator.close(),
      () => rm(folder, { recursive: true }),
    );
    const env = { CREDENTIALS_FILE: file, OMIE_BASE_URL: simulator.url };
    const link = await linkTo({ ...node(entry, 'serve', '--transports', 'stdio'), env });
    expect(link.info).toMatchObject({
      era: 'modern',
      protocolVersion: '2026-07-28',
      serverInfo: { name: 'omie-mcp-hub' },
    });
    expect(await call(link, 'listar_empresas', {})).toContain('"resultType":"complete"');
  });
});

describe('what a child may see', () => {
  const dump = script(`hear((m)=>greet(m)||say({id:m.id,result:{env:process.env}}))`);

  it('only what its entry declares, on a safe base', async () => {
    process.env['OMIE_TEST_SECRET'] = 'nothing-for-children';
    process.env['NODE_OPTIONS'] ??= '';
    open.push(async () => {
      delete process.env['OMIE_TEST_SECRET'];
    });
    const link = await linkTo({ ...dump, env: { TOKEN: 'mine' } });
    const { env } = JSON.parse(await link.request('x', {}, asking()));
    expect(env).toMatchObject({ TOKEN: 'mine', PATH: process.env['PATH'] });
    const allowed = /^(PATH|HOME|USER|LOGNAME|LANG|LC_ALL|LC_CTYPE|TZ|TMPDIR|TMP|TEMP|TOKEN)$/;
    expect(Object.keys(env).filter((name) => !allowed.test(name))).toEqual([]);
  });

  it.each(['NODE_OPTIONS', 'LD_PRELOAD', 'DYLD_INSERT_LIBRARIES', 'BASH_ENV'])(
    '%s is refused before anything starts',
    async (name) => {
      const target = { ...dump, env: { [name]: '/x' } };
      await expect(openStdioLink(target, opening(), childParts())).rejects.toThrow(ConfigurationError);
    },
  );

  it('arguments are never a shell line', async () => {
    const hostile = ['; echo', '$(id)', '`id`', '&& true', '| cat', '*'];
    const link = await linkTo(
      script(`hear((m)=>greet(m)||say({id:m.id,result:{args:process.argv.slice(1)}}))`, hostile),
    );
    expect(JSON.parse(await link.request('x', {}, asking()))).toEqual({ args: hostile });
  });
});

describe('a child that misbehaves', () => {
  it('that is no program is told by its code', async () => {
    const target = { command: '/nonexistent/server', args: [], env: {} };
    await expect(openStdioLink(target, opening(), childParts())).rejects.toMatchObject({
      name: 'UpstreamGoneError',
      sent: false,
    });
  });

  it('that ends at the first strange word is started again and greeted the old way', async () => {
    const target = script(
      `hear((m)=>{ if(m.method==='server/discover') process.exit(3); greet(m)||say({id:m.id,result:{}}) })`,
    );
    const link = await linkTo(target);
    expect(link.info.era).toBe('legacy');
  });

  it('that never answers the question for its era is greeted the old way', async () => {
    const target = script(`hear((m)=>{ if(m.method!=='server/discover') greet(m)||say({id:m.id,result:{}}) })`);
    const link = await linkTo(target, { connectTimeoutMs: 2_000 });
    expect(link.info.era).toBe('legacy');
  });

  it('that speaks only an unknown revision is not spoken with', async () => {
    const target = script(`hear((m)=>m.id&&say(m.method==='initialize'
      ?{id:m.id,result:{protocolVersion:'1999-01-01',capabilities:{},serverInfo:{name:'s',version:'1'}}}:{id:m.id,error:{code:-32601,message:'no'}}))`);
    await expect(openStdioLink(target, opening(), childParts())).rejects.toBeInstanceOf(UpstreamGoneError);
  });

  it('that prints garbage, wrong ids and answers twice changes nothing', async () => {
    const target =
      script(`hear((m)=>{ if(greet(m)||!m.id) return; console.log('Server ready!'); console.log('{"jsonrpc":"2.0","id":'+m.id+',"result":{"a":[}}');
      say({id:m.id+500,result:{wrong:1}}); say({id:'x',result:{}}); say({id:m.id,result:{right:1}}); say({id:m.id,result:{again:1}}); })`);
    const link = await linkTo(target);
    expect(await link.request('x', {}, asking())).toBe('{"right":1}');
    expect(await link.request('x', {}, asking())).toBe('{"right":1}');
  });

  it('that writes garbage without end is cut off, and says why', async () => {
    const flood = `const much='{garbage}\\n'.repeat(8_000); const pour=()=>{ while(process.stdout.write(much)); process.stdout.once('drain',pour) };`;
    const link = await linkTo(
      script(`${flood} hear((m)=>greet(m)||(m.method==='x'?pour():m.id&&say({id:m.id,result:{}})))`),
    );
    await expect(link.request('x', {}, asking({ timeoutMs: 60_000 }))).rejects.toBeInstanceOf(UpstreamFloodError);
    expect(await link.closed).toBeInstanceOf(UpstreamFloodError);
    await expect(link.request('x', {}, asking())).rejects.toBeInstanceOf(UpstreamFloodError);
  });

  it('that writes garbage without a single line break is cut off too', async () => {
    const flood = `const much=Buffer.alloc(1_048_576,'x'); const pour=()=>{ while(process.stdout.write(much)); process.stdout.once('drain',pour) };`;
    const link = await linkTo(
      script(`${flood} hear((m)=>greet(m)||(m.method==='x'?pour():m.id&&say({id:m.id,result:{}})))`),
    );
    await expect(link.request('x', {}, asking({ timeoutMs: 60_000 }))).rejects.toBeInstanceOf(UpstreamFloodError);
    expect(await link.closed).toBeInstanceOf(UpstreamFloodError);
  });

  it('that writes one message too long to read, in whatever envelope, takes no other call along', async () => {
    const target = script(`const long='x'.repeat(17*1_048_576); let waiting;
      hear((m)=>{ if(greet(m)||!m.id) return; if(m.method==='wait') { waiting=m.id; return; }
        process.stdout.write({
          spaced: '{"jsonrpc": "2.0", "id": '+m.id+', "result": {"a": "'+long+'"}}',
          last: '{"jsonrpc":"2.0","result":{"a":"'+long+'"},"id":'+m.id+'}',
          unknown: '{"zzz":"'+long+'","id":'+m.id+',"zzzz":1}',
        }[m.method]+'\\n');
        if(m.method==='unknown') say({id:waiting,result:{waited:1}}); })`);
    const link = await linkTo(target);
    const waiting = link.request('wait', {}, asking({ timeoutMs: 120_000 }));
    for (const method of ['spaced', 'last'])
      await expect(link.request(method, {}, asking({ timeoutMs: 60_000 }))).rejects.toBeInstanceOf(
        OversizedAnswerError,
      );
    const stop = new AbortController();
    const unknown = link.request('unknown', {}, asking({ timeoutMs: 60_000, signal: stop.signal }));
    expect(await waiting).toBe('{"waited":1}');
    stop.abort();
    await expect(unknown).rejects.toBeInstanceOf(CancelledError);
  });

  it('that is cut off and does not end keeps nobody waiting until it has', async () => {
    const target = script(`process.on('SIGTERM',()=>{}); process.stdout.on('error',()=>{}); setInterval(()=>{},1e3);
      hear((m)=>{ if(greet(m)||!m.id) return; if(m.method==='pid') say({id:m.id,result:{pid:process.pid}});
        else process.stdout.write('x\\n'.repeat(20_000)) })`);
    const link = await openStdioLink(target, opening(), { ...childParts(), patience: { eofMs: 2_000, termMs: 1 } });
    const { pid } = JSON.parse(await link.request('pid', {}, asking()));
    await expect(link.request('x', {}, asking())).rejects.toBeInstanceOf(UpstreamFloodError);
    expect(isAlive(pid)).toBe(true);
    await link.closed;
  });

  it('that writes nothing but garbage is told of as such', async () => {
    const thrown = await openStdioLink(
      script(
        `const pour=()=>{ while(process.stdout.write('garbage\\n'.repeat(8_000))); process.stdout.once('drain',pour) }; pour();`,
      ),
      opening({ connectTimeoutMs: 60_000 }),
      childParts(),
    ).catch((error: unknown) => error);
    expect(problemOf(thrown)).toBe('escreveu sem parar o que não é mensagem de MCP e foi desligado');
  });

  it('its log reaches the one who has a request running, and nobody while somebody else has one too', async () => {
    const target = script(`let held=[];hear((m)=>{ if(greet(m)||!m.id) return;
      say({method:'notifications/message',params:{level:'info',data:m.method}}); held.push(m.id);
      if(m.method!=='hold') for(const id of held.splice(0)) say({id,result:{}}) })`);
    const link = await linkTo(target);
    const heard: unknown[] = [];
    const onNotification = (_method: string, { data }: { data?: unknown }): number => heard.push(data);
    await link.request('alone', {}, asking({ onNotification }));
    const held = link.request('hold', {}, asking());
    await link.request('beside', {}, asking({ onNotification }));
    await held;
    expect(heard).toEqual(['alone']);
  });

  it('that dies with a request says so: it was sent', async () => {
    const link = await linkTo(script(`hear((m)=>greet(m)||m.id&&process.exit(7))`));
    await expect(link.request('x', {}, asking())).rejects.toMatchObject({ name: 'UpstreamGoneError', sent: true });
    expect((await link.closed)?.message).toContain('código 7');
    await expect(link.request('x', {}, asking())).rejects.toMatchObject({ sent: false });
  });

  it('that hangs costs its request the timeout, and hears of it', async () => {
    const target = script(`let hung;hear((m)=>{ if(greet(m)) return; if(m.method==='hang') hung=m.id;
      else if(m.method==='notifications/cancelled') cancelled=m.params; else if(m.method==='report') say({id:m.id,result:{hung,cancelled}}) });let cancelled`);
    const link = await linkTo(target);
    await expect(link.request('hang', {}, asking({ timeoutMs: 100 }))).rejects.toBeInstanceOf(UpstreamTimeoutError);
    const first = JSON.parse(await link.request('report', {}, asking()));
    expect(first.cancelled).toEqual({ requestId: first.hung, reason: 'timeout' });
    const caller = new AbortController();
    const hanging = link.request('hang', {}, asking({ signal: caller.signal }));
    caller.abort();
    await expect(hanging).rejects.toBeInstanceOf(CancelledError);
    const second = JSON.parse(await link.request('report', {}, asking()));
    expect(second.cancelled).toEqual({ requestId: second.hung, reason: 'cancelled' });
  });

  it('10 MB pass whole, 20 MB are refused, and the line lives on', async () => {
    const target = script(
      `hear((m)=>{ if(greet(m)||!m.id) return; say({id:m.id,result:{text:'x'.repeat(m.params.size)}}) })`,
    );
    const link = await linkTo(target);
    expect(await link.request('big', { size: 10_000_000 }, asking())).toHaveLength(10_000_011);
    await expect(link.request('big', { size: 20_000_000 }, asking())).rejects.toBeInstanceOf(UpstreamAnswerError);
    expect(await link.request('big', { size: 1 }, asking())).toBe('{"text":"x"}');
  });

  it('a flood of notifications and questions drowns nobody', async () => {
    const target = script(`hear((m)=>{ if(greet(m)||!m.id||!m.method) return;
      for(let i=0;i<20000;i++) say({method:'notifications/message',params:{level:'info',data:i}});
      for(let i=0;i<2000;i++) say({id:'q'+i,method:'elicitation/create',params:{}});
      say({id:m.id,result:{done:1}}) })`);
    const link = await linkTo(target);
    let heard = 0;
    const onNotification = () => {
      heard += 1;
    };
    expect(await link.request('x', {}, asking({ onNotification }))).toBe('{"done":1}');
    expect(heard).toBe(20_000);
    expect(await link.request('x', {}, asking())).toBe('{"done":1}');
  });

  it('errors keep their code and data; ping is answered', async () => {
    const target =
      script(`let pong;hear((m)=>{ if(greet(m)) return; if(m.result) pong=m; else if(m.method==='ask'){ say({id:'p',method:'ping'}); setTimeout(()=>say({id:m.id,result:{pong}}),100) }
      else if(m.id) say({id:m.id,error:{code:-32042,message:'não',data:{a:1}}}) })`);
    const link = await linkTo(target);
    await expect(link.request('x', {}, asking())).rejects.toMatchObject({
      code: -32042,
      message: 'não',
      data: { a: 1 },
    });
    expect(JSON.parse(await link.request('ask', {}, asking()))).toEqual({
      pong: { jsonrpc: '2.0', id: 'p', result: {} },
    });
  });

  it('a stubborn one is ended with all it started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-stubborn-'));
    open.push(() => rm(folder, { recursive: true }));
    const target = script(`process.on('SIGTERM',()=>{});setInterval(()=>{},1e3);
      const grandchild=require('child_process').spawn(process.execPath,['-e',"process.on('SIGTERM',()=>{});setInterval(()=>{},1e3)"],{stdio:'ignore'});
      hear((m)=>greet(m)||m.id&&say({id:m.id,result:{pids:[process.pid,grandchild.pid]}}))`);
    const parts = { ...childParts(), patience: { eofMs: 100, termMs: 200 } };
    const link = await openStdioLink(target, opening(), parts);
    const { pids } = JSON.parse(await link.request('x', {}, asking()));
    expect(pids.every(isAlive)).toBe(true);
    await link.close();
    await eventually(() => !pids.some(isAlive));
  });

  it('one that dies alone takes its children along', async () => {
    const target =
      script(`const grandchild=require('child_process').spawn(process.execPath,['-e','setInterval(()=>{},1e3)'],{stdio:'inherit'});
      hear((m)=>{ if(greet(m)) return; if(m.method==='die') process.exit(1); if(m.id) say({id:m.id,result:{pid:grandchild.pid}}) })`);
    const link = await linkTo(target);
    const { pid } = JSON.parse(await link.request('x', {}, asking()));
    await expect(link.request('die', {}, asking())).rejects.toBeInstanceOf(UpstreamGoneError);
    await eventually(() => !isAlive(pid));
  });

  it('one that does not read is not fed without end', async () => {
    const link = await linkTo(
      script(
        `lines.once('line',(l)=>{greet(JSON.parse(l));});lines.on('line',(l)=>{const m=JSON.parse(l);if(m.method==='initialize'){greet(m);process.stdin.pause();lines.pause()}});setInterval(()=>{},1e3)`,
      ),
    );
    const big = { text: 'x'.repeat(4_000_000) };
    const caller = new AbortController();
    const results = await Promise.all(
      Array.from({ length: 8 }, () =>
        link.request('x', big, asking({ timeoutMs: 1_000, signal: caller.signal })).catch((error: unknown) => error),
      ),
    );
    expect(results.some((error) => error instanceof UpstreamGoneError && !error.sent)).toBe(true);
  });

  it('its stderr is a bounded log at debug', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'debug', base: null }, { write: (line: string) => lines.push(line) });
    const target = script(
      `for(let i=0;i<5000;i++) console.error('linha '+i);console.error('y'.repeat(100000));hear((m)=>greet(m)||m.id&&say({id:m.id,result:{}}))`,
    );
    const link = await openStdioLink(target, opening(), childParts(logger));
    await wait(200);
    await link.close();
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThan(300);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(2_200);
  });
});
