// One event for each thing that is done with mounted servers: who, how long, how many, and never a credential.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startCounterServer } from '../../support/gateway-house.ts';
import { startHouse, type TestHouse, type ToolBody, toolBody } from '../../support/house.ts';
import { script } from '../../support/upstreams.ts';
import { ENVELOPE, JSON_HEADERS } from '../transports/raw-http.ts';

const TOKEN = 'canario-do-ambiente-0001';
const BEARER = 'canario-do-cabecalho-0002';
/** Fails in the words of its credential, as a careless server does. */
const { command, args } = script(`
  const told='recusado: '+process.env.API_TOKEN, read={readOnlyHint:true};
  const answers={
    initialize:()=>({protocolVersion:'2025-11-25',capabilities:{tools:{},resources:{}},serverInfo:{name:'s',version:'1'}}),
    'tools/list':()=>({tools:['find','break'].map((name)=>({name,inputSchema:{type:'object'},annotations:read}))}),
    'resources/list':()=>({resources:['x://1','x://2','x://bad'].map((uri)=>({uri,name:uri}))}),
    'resources/read':({uri})=>uri==='x://bad'?undefined:({contents:[{uri,text:'texto'}]}),
    'tools/call':({name})=>name==='break'?undefined:({content:[{type:'text',text:told}]}),
  };
  hear(({id,method,params})=>{ if(id===undefined) return;
    const result=answers[method]?.(params);
    say(result===undefined?{id,error:{code:answers[method]?-32000:-32601,message:told}}:{id,result}); });`);
const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
let counter: Awaited<ReturnType<typeof startCounterServer>>;
let house: TestHouse;

beforeAll(async () => {
  counter = await startCounterServer({ bearer: BEARER });
  const servers = {
    shelf: { command, args, env: { API_TOKEN: TOKEN }, domains: ['sales'], connect_timeout: 20 },
    counter: {
      url: counter.url,
      transport: 'http',
      auth: { bearer: BEARER },
      domains: ['sums'],
      allow_private_address: true,
    },
  };
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, JSON.stringify({ mcp_servers: servers, orchestration: { fail_fast: false } }));
  house = await startHouse({ variables: { GATEWAY_CONFIG: file }, transports: ['http'], companies: 1 });
  await vi.waitFor(
    async () =>
      expect(JSON.stringify((await house.post('list_domains', {})).body)).not.toMatch(/"(?:connecting|down)"/),
    { timeout: 40_000, interval: 50 },
  );
}, 60_000);
afterAll(async () => {
  await house?.close();
  await counter?.close();
  rmSync(folder, { recursive: true });
});

/** The events of these names that a piece of work adds to the log. */
async function told(work: () => Promise<unknown>, ...names: string[]): Promise<ToolBody[]> {
  const before = house.log.length;
  await work();
  return house.log
    .slice(before)
    .map((line) => toolBody(JSON.parse(line)))
    .filter(({ msg }) => names.includes(msg));
}

const CALLS = ['upstream call', 'upstream call failed'];
const GATHERINGS = ['resources gathered', 'resources not gathered'];
const MS = expect.any(Number);
const gather = async (path: string) => void (await (await fetch(`${house.origin}/mcp/resources/${path}`)).text());

it('a call of a tool, of a server over stdio and one over HTTP', async () => {
  const call = { method: 'tools/call', duration_ms: MS, failed_over: 0 };
  expect(await told(() => house.post('sales__find', {}), ...CALLS)).toEqual([
    { level: 30, time: MS, msg: 'upstream call', server: 'shelf', name: 'find', ...call },
  ]);
  expect(await told(() => house.post('sums__add', {}), ...CALLS)).toMatchObject([
    { server: 'counter', name: 'add', ...call },
  ]);
});

it('a call that failed, by the same names', async () => {
  expect(await told(() => house.post('sales__break', {}), ...CALLS)).toEqual([
    {
      level: 30,
      time: MS,
      msg: 'upstream call failed',
      server: 'shelf',
      method: 'tools/call',
      name: 'break',
      duration_ms: MS,
      failed_over: 0,
      error: expect.any(String),
    },
  ]);
});

it('a read of a resource, without its URI', async () => {
  const read = async () => {
    const uri = 'sales+x://1';
    const response = await fetch(`${house.origin}/mcp`, {
      method: 'POST',
      headers: {
        ...JSON_HEADERS,
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'resources/read',
        'mcp-name': uri,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri, _meta: ENVELOPE } }),
    });
    expect(await response.text()).toContain('texto');
  };
  const lines = await told(read, ...CALLS);
  expect(lines).toMatchObject([
    { msg: 'upstream call', server: 'shelf', method: 'resources/read', duration_ms: MS, failed_over: 0 },
  ]);
  expect(lines[0]).not.toHaveProperty('name');
});

it('a gathering: domains, servers, how many and how many of them from the cache, and what failed of whom', async () => {
  const event = { level: 30, time: MS, domains: ['sales'], servers: ['shelf'], failed: { shelf: 1 }, duration_ms: MS };
  expect(await told(() => gather('sales'), ...GATHERINGS)).toEqual([
    { ...event, msg: 'resources gathered', resources: 2, cached: 0 },
  ]);
  expect(await told(() => gather('sales'), ...GATHERINGS)).toEqual([
    { ...event, msg: 'resources gathered', resources: 2, cached: 2 },
  ]);
  expect(await told(() => gather('nada'), ...GATHERINGS)).toEqual([]);
});

it('none of them holds a credential of the file', () => {
  const text = house.log.join('');
  expect(text).toContain('upstream call failed');
  expect(text).not.toContain(TOKEN);
  expect(text).not.toContain(BEARER);
});
