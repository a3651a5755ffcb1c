// Clients that are killed take their upstream processes along: nothing stays behind of who never said goodbye.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, vi } from 'vitest';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { childPids } from '../../support/gateway-house.ts';
import { startHouse } from '../../support/house.ts';
import { script } from '../../support/upstreams.ts';

const open = closeAfterEach();
const PAIRS = 2;
const CALLS = 250;

/** Counts for its process alone; `dawdle` never answers. */
const counter = script(
  `let count = 0; hear((m)=>{
    if(m.method==='initialize') say({id:m.id,result:{protocolVersion:'2025-11-25',capabilities:{tools:{}},serverInfo:{name:'s',version:'1'}}});
    else if (greet(m)) return;
    else if(m.method==='tools/list') say({id:m.id,result:{tools:['add','dawdle'].map((name)=>({name,inputSchema:{type:'object'}}))}});
    else if(m.method==='tools/call' && m.params.name==='add') say({id:m.id,result:{content:[{type:'text',text:String(++count)}]}}); });`,
);

/** Adds so often, holds every answer to its own count, then says so; with `dawdle` it dies in the middle of a call. */
const CLIENT = `
  import { Client, SSEClientTransport } from '@modelcontextprotocol/client';
  const [url, calls, last] = process.argv.slice(1);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new SSEClientTransport(new URL(url)));
  for (let n = 0; n < Number(calls); n += 10) {
    const add = () => client.callTool({ name: 'counting__add', arguments: {} });
    const answers = await Promise.all(Array.from({ length: 10 }, add));
    const counts = answers.map(({ content }) => Number(content[0].text)).sort((a, b) => a - b);
    if (counts.some((count, at) => count !== n + at + 1)) throw new Error('somebody else counted: ' + counts);
  }
  if (last === 'dawdle') client.callTool({ name: 'counting__dawdle', arguments: {} }).catch(() => {});
  console.log('counted');
  process.stdin.once('data', async () => { await client.close(); process.exit(0); });
`;

function startClient(url: string, last: 'dawdle' | 'goodbye'): { child: ChildProcess; counted: Promise<void> } {
  const args = ['--input-type=module', '-e', CLIENT, url, String(CALLS), last];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  open.push(async () => child.kill('SIGKILL'));
  const counted = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', () => resolve());
    child.once('exit', (code, signal) => reject(new Error(`the client ended: ${code ?? signal}`)));
  });
  return { child, counted };
}

it('leaves no process of killed clients, who made half of a thousand calls', async () => {
  const config = {
    counter: { command: process.execPath, args: counter.args, domains: ['counting'], stateful: true },
  };
  const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
  writeFileSync(file, JSON.stringify({ mcp_servers: config }));
  const house = await startHouse({ variables: { GATEWAY_CONFIG: file, MCP_LOG_LEVEL: 'error' } });
  open.push(() => house.close());
  const before = (await childPids()).sort();
  const clients = Array.from({ length: 2 * PAIRS }, (_, n) =>
    startClient(`${house.origin}/sse`, n % 2 === 0 ? 'dawdle' : 'goodbye'),
  );
  expect(2 * PAIRS * CALLS).toBeGreaterThanOrEqual(1_000);
  await Promise.all(clients.map(({ counted }) => counted));
  const ofClients = new Set(clients.map(({ child }) => child.pid));
  const upstreams = async () => (await childPids()).filter((pid) => !ofClients.has(pid)).sort();
  // One for each client, and the one that lists.
  expect(await upstreams()).toHaveLength(before.length + 2 * PAIRS);
  for (const [n, { child }] of clients.entries()) if (n % 2 === 0) child.kill('SIGKILL');
  await vi.waitFor(async () => expect(await upstreams()).toHaveLength(before.length + PAIRS), { timeout: 30_000 });
  for (const { child } of clients) child.stdin?.write('goodbye\n', () => {});
  await vi.waitFor(async () => expect(await upstreams()).toEqual(before), { timeout: 30_000 });
}, 120_000);
