// Numbers that JavaScript cannot hold: a server gets them digit by digit, our own tools refuse them by name.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHouse, type TestHouse } from '../../support/house.ts';
import { script } from '../../support/upstreams.ts';
import { ENVELOPE } from '../transports/raw-http.ts';

const NUMBERS = '"enum":[9007199254740993,12345678901234567890],"default":9007199254740993,"maximum":1e400';
const LISTED = `{"name":"echo","inputSchema":{"type":"object","properties":{"id":{"type":"integer",${NUMBERS}}}}}`;
const META = '{"id":9007199254740993,"lista":[12345678901234567890.10,1]}';
const READ = `{"contents":[{"uri":"note://one","text":"um","_meta":${META}}],"_meta":${META}}`;
/** Of its own things, as it lists them. */
const OFFERED = ['"size":12345678901234567890', '"annotations":{"priority":0.12345678901234567890}', `"_meta":${META}`];
const QUESTION =
  '{"message":"Qual?","requestedSchema":{"type":"object","properties":{"n":{"type":"integer","minimum":9007199254740993}}}}';
/** Says what it was sent, letter by letter. */
const TOLD = '{"id":9007199254740993,"share":0.12345678901234567890}';
const echo = script(`
  let asked;
  lines.on('line', (line) => {
    const m = JSON.parse(line);
    if (greet(m)) return;
    const listed = (key, item) => process.stdout.write('{"jsonrpc":"2.0","id":' + m.id + ',"result":{"' + key + '":[' + item + ']}}\\n');
    if (m.id === 'q') { say({ id: asked, result: { content: [{ type: 'text', text: line }] } }); return; }
    if (m.params?.name === 'ask') {
      asked = m.id;
      process.stdout.write('{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":${QUESTION}}\\n');
      return;
    }
    if (m.method === 'tools/list') process.stdout.write('{"jsonrpc":"2.0","id":' + m.id + ',"result":{"tools":[${LISTED},{"name":"told","inputSchema":{"type":"object"}},{"name":"ask","inputSchema":{"type":"object"}}]}}\\n');
    else if (m.method === 'resources/list') listed('resources', '{"uri":"note://one","name":"one",${OFFERED}}');
    else if (m.method === 'resources/templates/list') listed('resourceTemplates', '{"uriTemplate":"note://{n}","name":"n",${OFFERED}}');
    else if (m.params?.uri === 'note://one') process.stdout.write('{"jsonrpc":"2.0","id":' + m.id + ',"result":${READ}}\\n');
    else if (m.method === 'prompts/list') listed('prompts', '{"name":"told"},{"name":"say",${OFFERED}}');
    else if (m.params?.name === 'told' || m.params?.uri === 'x:told') {
      const log = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":';
      const link = '{"type":"resource_link","uri":"x:told","name":"l","_meta":${TOLD}}';
      const body = { 'tools/call': '"content":[' + link + ']', 'prompts/get': '"messages":[{"role":"user","content":' + link + '}]', 'resources/read': '"contents":[{"uri":"x:told","text":"","_meta":${TOLD}}]' };
      process.stdout.write(log + '9007199254740993}}\\n' + log + '${TOLD}}}\\n');
      process.stdout.write('{"jsonrpc":"2.0","id":' + m.id + ',"result":{' + body[m.method] + ',"later":1e400}}\\n');
    }
    else if (m.method === 'prompts/get' || m.params?._meta?.progressToken !== undefined) {
      say({ method: 'notifications/progress', params: { progressToken: m.params._meta.progressToken, progress: 1 } });
      say({ id: m.id, result: m.method === 'tools/call' ? { content: [] } : { messages: [] } });
    } else if (m.method === 'tools/call') say({ id: m.id, result: { content: [{ type: 'text', text: line }] } });
    else if (m.id !== undefined) say({ id: m.id, error: { code: -32601, message: 'no' } });
  });`);
const tools = echo.args.map((arg) =>
  arg.replace('capabilities:{}', 'capabilities:{tools:{},prompts:{},resources:{},logging:{}}'),
);

let house: TestHouse;
let lock: string;
beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
  const entry = { name: 'echo', ...echo, args: tools, transport: 'stdio', domains: ['e'] };
  lock = join(file, '..', 'mcp.lock');
  writeFileSync(file, JSON.stringify({ mcp_servers: { echo: entry } }));
  house = await startHouse({ variables: { GATEWAY_CONFIG: file } });
}, 30_000);
afterAll(() => house?.close());

const ARGS = '{"id":9007199254740993,"valor":12345678901234567890.10,"lista":[1e400,1]}';
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const post = (path: string, body: string, more = {}) =>
  fetch(new URL(path, house.origin), { method: 'POST', headers: { ...headers, ...more }, body });
const called = (name: string, args: string, more = '') =>
  `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"${name}","arguments":${args}${more}}}`;

async function begun(capabilities = {}): Promise<{ 'mcp-session-id': string }> {
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 't', version: '1' } };
  const answer = await post('/mcp', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }));
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' };
}
async function session(name: string, args: string): Promise<string> {
  return (await post('/mcp', called(name, args), await begun())).text();
}
async function modern(name: string, args: string, meta: object = ENVELOPE, also = ''): Promise<string> {
  const more = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name };
  return (await post('/mcp', called(name, args, `,"_meta":${JSON.stringify(meta)}${also}`), more)).text();
}
async function listed(headers: Record<string, string>, meta: object, method = 'tools/list'): Promise<string> {
  return (await post('/mcp', JSON.stringify({ jsonrpc: '2.0', id: 2, method, params: meta }), headers)).text();
}

it.each(['resources/list', 'resources/templates/list', 'prompts/list'])(
  '%s tells of numbers as the server wrote them',
  async (method) => {
    const modernHeaders = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method };
    const told = [await listed(await begun(), {}, method), await listed(modernHeaders, { _meta: ENVELOPE }, method)];
    for (const text of told) for (const member of OFFERED) expect(text).toContain(member);
  },
);

const CHOSEN = '{"action":"accept","content":{"n":9007199254740995}}';

it('what a server asks in the middle of a call has its numbers, and so has the answer: in a session', async () => {
  const inSession = await begun({ elicitation: {} });
  const call = await post('/mcp', called('e__ask', '{}'), inSession);
  let heard = '';
  let answered = false;
  for await (const chunk of call.body ?? []) {
    heard += Buffer.from(chunk).toString();
    const id = /"id":("omie-mcp-hub:ask:[^"]*")[^\n]*\n/.exec(heard)?.[1];
    if (id === undefined || answered) continue;
    answered = true;
    await post('/mcp', `{"jsonrpc":"2.0","id":${id},"result":${CHOSEN}}`, inSession);
  }
  expect(heard).toContain(`"params":${QUESTION}`);
  expect(heard.replaceAll('\\', '')).toContain(`"result":${CHOSEN}`);
});

it('what a server asks in the middle of a call has its numbers, and so has the answer: in rounds', async () => {
  const capable = { ...ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
  const asked = await modern('e__ask', '{}', capable);
  expect(asked).toContain(`"params":${QUESTION}`);
  const [, state] = /"requestState":("[^"]*")/.exec(asked) ?? [];
  const answer = `,"requestState":${state},"inputResponses":{"question-1":${CHOSEN}}`;
  expect((await modern('e__ask', '{}', capable, answer)).replaceAll('\\', '')).toContain(CHOSEN);
});

it('schemas are told with the numbers that the server wrote, in lists, in what is found and in mcp.lock', async () => {
  const query = '{"query":"echo","domain":"e"}';
  const told = [
    await listed(await begun(), {}),
    await listed({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }, { _meta: ENVELOPE }),
    await (await fetch(new URL('/tools', house.origin))).text(),
    await session('find_tools', query),
    await modern('find_tools', query),
    await sse('find_tools', query),
    await (await post('/tools/find_tools', query)).text(),
    JSON.stringify(readFileSync(lock, 'utf8')).replace(/\\n|\s|\\(?=")/g, ''),
  ];
  for (const text of told) {
    expect(text).toContain('"enum":[9007199254740993,12345678901234567890]');
    expect(text).toMatch(/"default":9007199254740993\b/);
    expect(text).toMatch(/"maximum":1e400\b/);
  }
});

it('what a resource says of itself keeps the numbers that its server wrote', async () => {
  const uri = 'e+note://one';
  const read = (meta: object) =>
    JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri, ...meta } });
  const modernHeaders = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'resources/read', 'mcp-name': uri };
  const told = [
    await (await post('/mcp', read({}), await begun())).text(),
    await (await post('/mcp', read({ _meta: ENVELOPE }), modernHeaders)).text(),
  ];
  for (const text of told) {
    expect(text).toContain(`"text":"um","_meta":${META}`);
    expect(text).toContain(`"_meta":${META.slice(0, -1)},`);
  }
});

async function sse(name: string, args: string): Promise<string> {
  const stop = new AbortController();
  const stream = await fetch(new URL('/sse', house.origin), { signal: stop.signal });
  let heard = '';
  let asked = false;
  for await (const chunk of stream.body ?? []) {
    heard += Buffer.from(chunk).toString();
    const endpoint = /data: (\/messages\S+)/.exec(heard)?.[1];
    if (endpoint !== undefined && !asked) {
      asked = true;
      const taken = await post(endpoint, called(name, args));
      if (taken.status !== 202) heard = await taken.text();
      if (taken.status !== 202) break;
    }
    if (/"id":2.*\n\n/s.test(heard)) break;
  }
  stop.abort();
  return heard;
}
const rest = async (name: string, args: string) => (await post(`/tools/${name}`, args)).text();

describe.each(Object.entries({ session, modern, sse, rest }))('numbers through %s', (_door, call) => {
  it('reach a mounted server as they were written', async () => {
    expect((await call('e__echo', ARGS)).replaceAll('\\', '')).toContain(`"arguments":${ARGS}`);
    const inside = await call('call_tool', `{"name":"e__echo","arguments":${ARGS}}`);
    expect(inside.replaceAll('\\', '')).toContain(`"arguments":${ARGS}`);
  });

  it('are refused when there are more than anybody means', async () => {
    const answer = await call('e__echo', `{"v":[${Array(10_001).fill('9007199254740993').join(',')}]}`);
    expect(answer).toMatch(/"code":-32600.*more than 10000 numbers|Mais de 10\.000 números/);
  });

  it('are refused by our own tools, which say how to send them', async () => {
    const args = '{"company_id":"empresa_001","contraparte":9007199254740993,"pagina":12345678901234567890}';
    const answer = await call('consultar_contas_pagar_empresa', args);
    expect(answer).toContain('parametro_invalido');
    expect(answer).toContain('contraparte: tem mais dígitos do que um número comporta');
    expect(answer).toContain('pagina: tem mais dígitos do que um número comporta');
  });
});

it.each(['tools/call', 'prompts/get'])('the progress of %s bears the token that it was asked with', async (method) => {
  const token = '"progressToken":1234567890123456789';
  const [name, args] = method === 'tools/call' ? ['e__echo', '{}'] : ['e__say', '{}'];
  const asked = (meta: string): string =>
    `{"jsonrpc":"2.0","id":2,"method":"${method}","params":{"name":"${name}","arguments":${args},"_meta":${meta}}}`;
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const begun = await post('/mcp', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }));
  const id = begun.headers.get('mcp-session-id') ?? '';
  const legacy = await (await post('/mcp', asked(`{${token}}`), { 'mcp-session-id': id })).text();
  const more = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, 'mcp-name': name };
  const meta = `${JSON.stringify(ENVELOPE).slice(0, -1)},${token}}`;
  const modernly = await (await post('/mcp', asked(meta), more)).text();
  for (const answer of [legacy, modernly]) {
    expect(answer).toContain(`{${token},"progress":1}`);
    expect(answer).toContain('"result"');
  }
});

it.each([
  ['tools/call', '{"name":"e__told"}', 'e__told'],
  ['prompts/get', '{"name":"e__told"}', 'e__told'],
  ['resources/read', '{"uri":"e+x:told"}', 'e+x:told'],
])('what %s brings, and the logs before it, have the numbers that the server wrote', async (method, params, name) => {
  const asked = (meta: string): string =>
    `{"jsonrpc":"2.0","id":2,"method":"${method}","params":${params.slice(0, -1)},"_meta":${meta}}}`;
  const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const begun = await post('/mcp', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: hello }));
  const session = { 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' };
  const legacy = await (await post('/mcp', asked('{}'), session)).text();
  const more = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, 'mcp-name': name };
  const meta = { ...ENVELOPE, 'io.modelcontextprotocol/logLevel': 'debug' };
  const modernly = await (await post('/mcp', asked(JSON.stringify(meta)), more)).text();
  for (const answer of [legacy, modernly]) {
    expect(answer).toContain('"data":9007199254740993}');
    expect(answer).toContain(`"data":${TOLD}`);
    expect(answer).toContain(`"_meta":${TOLD}`);
    expect(answer).toContain('"later":1e400');
  }
});
