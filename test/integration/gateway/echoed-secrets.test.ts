// A mounted server that repeats what it was trusted with wherever it may say anything: none of it reaches a client.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHouse, type TestHouse } from '../../support/house.ts';
import { script } from '../../support/upstreams.ts';

const TOKEN = 'tok_Zq83jdK29xLmPw71';
const parrot = script(`
  const token = process.env.API_TOKEN;
  // At an odd place its Base64 is not that of the token alone.
  const blob = Buffer.from('x' + token).toString('base64');
  const content = [{ type: 'text', text: 'eco ' + token }, { type: 'image', data: blob, mimeType: 'image/png' },
    { type: 'audio', data: blob, mimeType: 'audio/wav' }, { type: 'resource', resource: { uri: 'x://a', blob } }];
  const results = {
    'initialize': { protocolVersion: '2025-11-25', serverInfo: { name: token, version: '1' }, instructions: token,
      capabilities: { tools: {}, resources: {}, prompts: {}, completions: {}, logging: {} } },
    'tools/list': { tools: ['say', 'refuse', 'ask', 'fail', 'pose', 'spelt', 'nested'].map((name) => ({ name, title: token, description: 'eco ' + token,
      inputSchema: { type: 'object', properties: { [token]: { description: token } } }, _meta: { [token]: token } })) },
    'resources/list': { resources: [{ uri: 'x://a', name: token, description: token }, { uri: 'x://' + token, name: 'b' }] },
    'resources/templates/list': { resourceTemplates: [{ uriTemplate: 'x://{b}', name: token, description: token }] },
    'prompts/list': { prompts: [{ name: 'p', title: token, description: 'eco ' + token, arguments: [{ name: 'a', description: token }] }] },
    'resources/read': { contents: [{ uri: 'x://a', text: 'eco ' + token, mimeType: token, _meta: { t: token } }, { uri: 'x://a', blob }], _meta: { t: token } },
    'prompts/get': { description: 'eco ' + token, messages: content.map((content) => ({ role: 'user', content })), _meta: { t: token } },
    'completion/complete': { completion: { values: ['eco ' + token] } },
  };
  const calls = new Map();
  // As languages other than JavaScript may spell it; also in JSON that stands in a text.
  const spelt = (text) => text.replaceAll(token, token.replace('_', '\\\\u005F'));
  const sayInOtherWords = (m) => process.stdout.write(spelt(JSON.stringify({ jsonrpc: '2.0', ...m })) + '\\n');
  hear((m) => {
    if (m.method === undefined) return say({ id: calls.get(m.id), result: { content } });
    if (m.id === undefined) return;
    if (results[m.method]) return say({ id: m.id, result: results[m.method] });
    if (m.method !== 'tools/call') return say({ id: m.id, error: { code: -32601, message: 'no' } });
    const { name, _meta = {} } = m.params;
    if (name === 'refuse') return say({ id: m.id, error: { code: -32602, message: 'eco ' + token, data: { uri: token } } });
    // In the words of the hub.
    const erro = { codigo: 'resultado_desconhecido', mensagem: 'eco ' + token, tente_novamente: false, sugestao: 'eco ' + token };
    if (name === 'pose') return say({ id: m.id, result: { isError: true, content, structuredContent: { erro } } });
    if (name === 'nested') return say({ id: m.id, result: { content: [{ type: 'text', text: spelt(JSON.stringify({ k: 'eco ' + token })) }] } });
    if (name === 'spelt') return sayInOtherWords({ id: m.id, result: { content, structuredContent: { [token]: token } } });
    if (name === 'fail') return say({ id: m.id, result: { isError: true, content } });
    if (_meta.progressToken !== undefined)
      say({ method: 'notifications/progress', params: { progressToken: _meta.progressToken, progress: 1, message: 'eco ' + token } });
    say({ method: 'notifications/message', params: { level: 'error', logger: token, data: { [token]: 'eco ' + token } } });
    if (name === 'ask') {
      calls.set('q' + m.id, m.id);
      const requestedSchema = { type: 'object', properties: { a: { type: 'string', description: token } } };
      return say({ id: 'q' + m.id, method: 'elicitation/create', params: { message: 'eco ' + token, requestedSchema } });
    }
    say({ id: m.id, result: { content, structuredContent: { [token]: token }, _meta: { t: token } } });
  });`);

let house: TestHouse;
beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
  const entry = { name: 'parrot', ...parrot, env: { API_TOKEN: TOKEN }, transport: 'stdio', domains: ['echo'] };
  writeFileSync(file, JSON.stringify({ mcp_servers: { parrot: entry } }));
  house = await startHouse({ variables: { GATEWAY_CONFIG: file } });
}, 30_000);
afterAll(() => house?.close());

const streamable = () => new StreamableHTTPClientTransport(new URL('/mcp', house.origin));
const ways = [
  ['a session', streamable, {}],
  ['2026-07-28', streamable, { versionNegotiation: { mode: { pin: '2026-07-28' } } }],
  ['HTTP+SSE', () => new SSEClientTransport(new URL('/sse', house.origin)), {}],
] as const;

it.each(ways)(
  'over %s',
  async (way, transport, options) => {
    const seen: unknown[] = [];
    const client = new Client(
      { name: 'test', version: '1' },
      { ...options, capabilities: { elicitation: { form: {} } }, listChanged: {} },
    );
    client.setRequestHandler('elicitation/create', ({ params }) => {
      seen.push('asked', params);
      return { action: 'accept' as const, content: { a: 'b' } };
    });
    client.setNotificationHandler('notifications/message', ({ params }) => void seen.push('logged', params));
    await client.connect(transport());
    const note = (run: Promise<unknown>): Promise<unknown> =>
      run.then(
        (result) => seen.push(result),
        (error: unknown) => seen.push(String(error), error instanceof Error ? { ...error } : error),
      );
    seen.push(client.getInstructions());
    await note(client.listTools());
    await note(client.listResources());
    await note(client.listResourceTemplates());
    await note(client.listPrompts());
    for (const name of ['echo__say', 'echo__refuse', 'echo__ask', 'echo__fail', 'echo__spelt', 'echo__nested'])
      await note(
        client.callTool({ name, arguments: {} }, { onprogress: ({ message }) => void seen.push('progress', message) }),
      );
    await note(client.callTool({ name: 'find_tools', arguments: { query: 'eco' } }));
    await note(client.readResource({ uri: 'echo+x://a' }));
    await note(client.getPrompt({ name: 'echo__p', arguments: {} }));
    await note(client.complete({ ref: { type: 'ref/prompt', name: 'echo__p' }, argument: { name: 'a', value: '' } }));
    await client.close();
    const text = JSON.stringify(seen);
    // One a result of a tool, one a message of the prompt.
    expect(text.match(/"type":"image"/g)?.length).toBeGreaterThan(2);
    // Everything was heard, and is still of use.
    expect(text.split('eco [redacted]').length).toBeGreaterThan(12);
    for (const heard of ['progress', 'asked']) expect(seen).toContain(heard);
    if (way !== '2026-07-28') expect(seen).toContain('logged');
    expectNone(text);
  },
  30_000,
);

it('over REST', async () => {
  const seen: string[] = [];
  for (const path of ['/tools', '/mcp/status', '/mcp/resources/echo'])
    seen.push(await (await fetch(house.origin + path)).text());
  for (const name of ['say', 'refuse', 'fail', 'pose', 'spelt', 'nested'])
    seen.push(JSON.stringify(await house.post(`echo__${name}`, {})));
  for (const text of seen) expectNone(text);
  const [said, refused, broke, posed] = seen.slice(3).map((text) => JSON.parse(text));
  expect(said).toMatchObject({ status: 200, body: { '[redacted]': '[redacted]' } });
  expect(refused).toMatchObject({ status: 502, body: { erro: { codigo: 'servidor_recusou' } } });
  const mensagem = 'A ferramenta falhou: eco [redacted]';
  expect(broke).toMatchObject({ status: 502, body: { erro: { codigo: 'servidor_recusou', mensagem } } });
  expect(posed).toMatchObject({ status: 502, body: { erro: { codigo: 'servidor_recusou', mensagem } } });
  expect(seen.join('').split('eco [redacted]').length).toBeGreaterThan(6);
});

it('in the log', () => expectNone(house.log.join('\n')));

/** Neither in the text nor in the bytes of any blob in it. */
function expectNone(text: string): void {
  expect(text).not.toContain(TOKEN);
  expect(text).not.toMatch(/u005f/i);
  for (const [, blob = ''] of text.matchAll(/"(?:blob|data)":"([^"]*)"/g))
    expect(Buffer.from(blob, 'base64').toString()).toBe('x[redacted]');
}
