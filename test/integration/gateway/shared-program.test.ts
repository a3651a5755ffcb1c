// One program behind many callers: whom its questions reach.
import { afterEach, expect, it } from 'vitest';
import type { ForwardContext } from '../../../src/gateway/upstreams/upstream-registry.ts';
import { callTool, gateway, mountIn, stdioServer } from '../../support/gateway-house.ts';
import { script } from '../../support/upstreams.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
const mounted = mountIn(open);

/** `ask` asks at once; `dawdle` begins, and asks when `go` comes, whatever was cancelled; `answers` tells what came. */
const { args } = script(`
  const questions={'ask':'elicitation/create','roots':'roots/list'}; const answers=[]; const open=new Map(); let waiting;
  const text=(id,t)=>say({id,result:{content:[{type:'text',text:String(t)}]}});
  const tool=(name)=>({name,inputSchema:{type:'object'}});
  const ask=(id,method)=>{ open.set('q'+id,id); say({id:'q'+id,method,params:{message:'Q'+id}}); };
  hear((m)=>{
    if(m.method===undefined) { answers.push(m.error?.message??m.result.who); return text(open.get(m.id),answers.at(-1)); }
    if(m.id===undefined) return;
    if(m.method==='initialize') return say({id:m.id,result:{protocolVersion:'2025-11-25',capabilities:{tools:{}},serverInfo:{name:'s',version:'1'}}});
    if(m.method==='tools/list') return say({id:m.id,result:{tools:['ask','roots','dawdle','go','die','answers'].map(tool)}});
    if(m.method!=='tools/call') return say({id:m.id,error:{code:-32601,message:'no'}});
    const {name}=m.params;
    if(questions[name]) ask(m.id,questions[name]);
    else if(name==='dawdle') { waiting=m.id; say({method:'notifications/progress',params:{progressToken:m.params._meta.progressToken,progress:1}}); }
    else if(name==='go') { open.set('late',m.id); say({id:'late',method:'elicitation/create',params:{message:'about ana'}}); }
    else if(name==='die') process.exit(3);
    else text(m.id,answers);
  });`);
const program = (stateful: boolean) => stdioServer('a', '-e', args.slice(1), { timeoutMs: 60_000, stateful });
const asking = (caller: string, asked: string[] = []): Partial<ForwardContext> => ({
  sessionId: caller,
  caller,
  ask: async (method) => {
    asked.push(method);
    return { who: caller };
  },
});

it('a question about a call that was cancelled is not put to another caller, and the server is told why', async () => {
  const registry = await mounted(gateway([program(false)]));
  const stop = new AbortController();
  const dawdling = registry.forward(
    [{ server: 'a', name: 'dawdle' }],
    'tools/call',
    ({ name }) => ({ name, arguments: {}, _meta: { progressToken: 'p' } }),
    { readOnly: true },
    { log: () => {}, ...asking('ana'), sessionId: 'ana', signal: stop.signal, progress: () => stop.abort() },
  );
  await expect(dawdling).rejects.toMatchObject({ code: 'cancelado' });
  const asked: string[] = [];
  expect((await callTool(registry, 'a', 'go', {}, asking('rui', asked))).text).toContain('Nobody was asked');
  expect(asked).toEqual([]);
  expect((await callTool(registry, 'a', 'go', {}, asking('ana'))).text).toBe('ana');
});

it('roots are asked for in a conversation of one client alone', async () => {
  for (const stateful of [false, true]) {
    const registry = await mounted(gateway([program(stateful)]));
    const asked: string[] = [];
    const { text } = await callTool(registry, 'a', 'roots', {}, asking('ana', asked));
    expect([text, asked]).toEqual(stateful ? ['ana', ['roots/list']] : ['Method not found', []]);
    expect((await callTool(registry, 'a', 'ask', {}, asking('ana'))).text).toBe('ana');
  }
});

it('one that ended is told of as such', async () => {
  const registry = await mounted(gateway([program(false)]));
  const problems: unknown[] = [];
  registry.onChange(() => problems.push(registry.servers[0]?.problem));
  await expect(callTool(registry, 'a', 'die', {}, { readOnly: false })).rejects.toMatchObject({
    code: 'resultado_desconhecido',
  });
  await expect
    .poll(() => problems, { timeout: 20_000 })
    .toContain('não está acessível: o programa terminou com o código 3');
});
