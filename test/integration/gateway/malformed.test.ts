import { createServer } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { MalformedAnswerError } from '../../../src/gateway/links/link-errors.ts';
import type { ServedMethod } from '../../../src/protocol/methods.ts';
import { forwarding, gateway, httpServer, mountIn, stdioServer } from '../../support/gateway-house.ts';
import { script } from '../../support/upstreams.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
const mounted = mountIn(open);

const capabilities = { tools: {}, resources: {}, prompts: {} };
const initialized = { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 's', version: '1' } };
/** By method; the tools are `t`. */
const lists: Record<string, object> = {
  initialize: initialized,
  'tools/list': { tools: [{ name: 't', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }] },
  'resources/list': { resources: [{ uri: 'note://one', name: 'one' }] },
  'resources/templates/list': { resourceTemplates: [] },
  'prompts/list': { prompts: [{ name: 't' }] },
};

/** Answers everything else with the result given, over stdio. */
const speaking = (id: string, result: unknown, more: Record<string, unknown> = {}) => {
  const { args } = script(
    `const [lists, result]=process.argv.slice(1).map(JSON.parse);
    hear((m)=>{ if(m.id===undefined) return; if(m.method==='server/discover') say({id:m.id,error:{code:-32601,message:'no'}});
      else say({id:m.id,result:m.method in lists?lists[m.method]:result}); });`,
    [JSON.stringify({ ...lists, ...more }), JSON.stringify(result)],
  );
  // Long enough that whoever waits for the time-out is noticed by the test's own.
  return stdioServer(id, '-e', args.slice(1), { timeoutMs: 600_000, domains: ['d'], priority: id === 'a' ? 1 : 2 });
};
const GARBAGE: [unknown][] = [[{ nope: 1 }], [null], ['done'], [7], [[1]]];
const ask = (registry: Awaited<ReturnType<typeof mounted>>, method: ServedMethod, ids: string[], readOnly = true) =>
  registry.forward(
    ids.map((server) => ({ server, name: method === 'resources/read' ? 'note://one' : 't' })),
    method,
    () => ({ name: 't' }),
    { readOnly },
    forwarding(),
  );

it.each(GARBAGE)('%j is no answer to a call, a reading or a prompt, and nobody waits for another', async (result) => {
  const registry = await mounted(gateway([speaking('a', result)]));
  for (const method of ['tools/call', 'resources/read', 'prompts/get', 'completion/complete'] as const) {
    await expect(ask(registry, method, ['a']), method).rejects.toThrow(MalformedAnswerError);
  }
  expect(registry.servers[0]?.state).toBe('connected');
});

it('over HTTP it is none either', async () => {
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method } = JSON.parse(Buffer.concat(chunks).toString());
    if (id === undefined) return void response.writeHead(202).end();
    const answer =
      method === 'server/discover'
        ? { error: { code: -32601, message: 'no' } }
        : { result: method in lists ? lists[method] : null };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  open.push(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const registry = await mounted(gateway([httpServer('a', `http://127.0.0.1:${address.port}/mcp`)]));
  await expect(ask(registry, 'tools/call', ['a'])).rejects.toThrow(MalformedAnswerError);
});

it('a read moves on to the next server, a write does not', async () => {
  const registry = await mounted(gateway([speaking('a', { nope: 1 }), speaking('b', { content: [] })]));
  expect(await ask(registry, 'tools/call', ['a', 'b'])).toMatchObject({ servedBy: 'b' });
  await expect(ask(registry, 'tools/call', ['a', 'b'], false)).rejects.toMatchObject({
    code: 'resultado_desconhecido',
    message: expect.stringContaining('não é um resultado de MCP: não se sabe se teve efeito'),
  });
});

it('what is no UTF-8 is refused and not changed: after a read another is asked, after a write nobody', async () => {
  const { args } = script(
    `const lists=JSON.parse(process.argv[1]);
    hear((m)=>{ if(m.id===undefined) return; if(m.method==='server/discover') say({id:m.id,error:{code:-32601,message:'no'}});
      else if(m.method in lists) say({id:m.id,result:lists[m.method]});
      else process.stdout.write(Buffer.from(JSON.stringify({jsonrpc:'2.0',id:m.id,result:{content:[{type:'text',text:'S\\u00e3o'}]}})+'\\n','latin1')) });`,
    [JSON.stringify(lists)],
  );
  const a = stdioServer('a', '-e', args.slice(1), { timeoutMs: 600_000, domains: ['d'], priority: 1 });
  const registry = await mounted(gateway([a, speaking('b', { content: [] })]));
  await expect(ask(registry, 'tools/call', ['a'])).rejects.toThrow(MalformedAnswerError);
  expect(await ask(registry, 'tools/call', ['a', 'b'])).toMatchObject({ servedBy: 'b' });
  await expect(ask(registry, 'tools/call', ['a', 'b'], false)).rejects.toMatchObject({
    code: 'resultado_desconhecido',
  });
});

it('a list that is none is named as the problem of its server', async () => {
  const config = gateway([speaking('a', {}, { 'tools/list': null })], { failFast: false });
  const registry = await mounted({ ...config, servers: config.servers.map((one) => ({ ...one, timeoutMs: 60_000 })) });
  expect(registry.servers[0]?.problem).toBe('tools/list: respondeu algo que não é um resultado de MCP');
});
