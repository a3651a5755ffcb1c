import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { blocked } from '../../src/simulator/faults.ts';
import { startHouse, type TestHouse } from '../support/house.ts';

const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  status: z.object({ code: z.number().optional() }).optional(),
  attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
});
type Span = z.output<typeof span>;
const exported = z.object({
  resourceSpans: z.array(z.object({ resource: z.unknown(), scopeSpans: z.array(z.object({ spans: z.array(span) })) })),
});

/** An OTLP/HTTP collector that keeps what it is sent. */
const bodies: string[] = [];
const seen: { path: string | undefined; headers: IncomingHttpHeaders }[] = [];
const collector = createServer((req, res) => {
  let body = '';
  req.on('data', (chunk) => {
    body += chunk;
  });
  req.on('end', () => {
    bodies.push(body);
    seen.push({ path: req.url, headers: req.headers });
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});
const spans = (): Span[] =>
  bodies.flatMap((body) =>
    exported
      .parse(JSON.parse(body))
      .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
const attribute = ({ attributes }: Span, name: string): unknown =>
  Object.values(attributes.find(({ key }) => key === name)?.value ?? {})[0];

let house: TestHouse;
beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  house = await startHouse({
    variables: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/base`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=canario%20do%20coletor',
    },
  });
});
afterAll(async () => {
  await house.close();
  collector.closeAllConnections();
  collector.close();
});

const traceId = (number: number): string => String(number).padStart(32, 'a');
const traceparent = (number: number): string => `00-${traceId(number)}-00f067aa0ba902b7-01`;
const tool = 'consultar_contas_pagar_empresa';

async function family(number: number): Promise<{ request: Span; call: Span; omie: Span[] }> {
  const mine = (): Span[] => spans().filter((one) => one.traceId === traceId(number));
  await expect.poll(() => mine().some(({ kind }) => kind === 2), { timeout: 8_000 }).toBe(true);
  const request = mine().find(({ kind }) => kind === 2)!;
  const call = mine().find(({ name }) => name.startsWith('execute_tool'))!;
  return { request, call, omie: mine().filter((one) => one.parentSpanId === call.spanId) };
}

it('a request over HTTP: the caller is its parent, the tool below it, Omie below the tool', async () => {
  await house.post(tool, { company_id: 'empresa_001' }, { traceparent: traceparent(1) });
  const { request, call, omie } = await family(1);
  expect(request).toMatchObject({ name: `tools/call ${tool}`, parentSpanId: '00f067aa0ba902b7' });
  expect(attribute(request, 'omie_mcp.door')).toBe('rest');
  expect(attribute(request, 'mcp.method.name')).toBe('tools/call');
  expect(call).toMatchObject({ name: `execute_tool ${tool}`, parentSpanId: request.spanId });
  expect(attribute(call, 'gen_ai.tool.name')).toBe(tool);
  expect(omie.length).toBeGreaterThan(0);
  for (const one of omie) expect(attribute(one, 'rpc.method')).toBe(one.name);
  expect(omie.some((one) => attribute(one, 'omie_mcp.cached') === false && one.kind === 3)).toBe(true);
});

it.each([
  [
    'http, by the header',
    2,
    () =>
      new StreamableHTTPClientTransport(new URL(`${house.origin}/mcp`), {
        requestInit: { headers: { traceparent: traceparent(2) } },
      }),
    {},
  ],
  [
    'http, in _meta',
    3,
    () => new StreamableHTTPClientTransport(new URL(`${house.origin}/mcp`)),
    { _meta: { traceparent: traceparent(3) } },
  ],
  [
    'sse, by the header',
    4,
    () =>
      new SSEClientTransport(new URL(`${house.origin}/sse`), {
        requestInit: { headers: { traceparent: traceparent(4) } },
      }),
    {},
  ],
])('MCP over %s', async (_what, number, transport, more) => {
  const client = new Client({ name: 'traced', version: '1.0.0' });
  await client.connect(transport());
  await client.callTool({ name: tool, arguments: { company_id: 'empresa_002' }, ...more });
  const { request, call } = await family(number);
  expect(request.parentSpanId).toBe('00f067aa0ba902b7');
  expect(call.parentSpanId).toBe(request.spanId);
  await client.close();
});

it('what failed says with which code, at the tool and at Omie', async () => {
  house.simulator.faults.next('ListarMovimentos', blocked(60), { times: 1 });
  await house.post(tool, { company_id: 'empresa_003' }, { traceparent: traceparent(5) });
  const { request, call, omie } = await family(5);
  for (const one of [request, call]) {
    expect(attribute(one, 'error.type')).toBe('omie_bloqueada');
    expect(one.status?.code).toBe(2);
  }
  expect(omie.map((one) => attribute(one, 'error.type'))).toContain('blocked');
  expect(omie.map((one) => attribute(one, 'omie_mcp.attempts'))).toContain(1);
});

it('a broken traceparent begins a trace of its own', async () => {
  for (const bad of [
    'lixo',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    `ff-${traceId(6)}-00f067aa0ba902b7-01`,
  ])
    expect((await house.post('listar_empresas', {}, { traceparent: bad })).status).toBe(200);
  await expect
    .poll(
      () => spans().filter(({ name, parentSpanId }) => name === 'tools/call listar_empresas' && !parentSpanId).length,
      { timeout: 8_000 },
    )
    .toBe(3);
});

it('names that callers made up, companies, arguments and keys stay out of spans', async () => {
  const client = new Client({ name: 'traced', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${house.origin}/mcp`)));
  await house.post('ferramenta_inventada', {}, { traceparent: traceparent(7) });
  await client.readResource({ uri: 'omie://dashboard/empresa_002' });
  await client.getPrompt({ name: 'financial-analysis', arguments: { company_id: 'empresa_002' } });
  await house.post(tool, { company_id: 'empresa_001', contraparte: '111.444.777-35' });
  await client.close();
  await family(7).catch(() => {});
  await expect
    .poll(() => spans().some(({ name }) => name === 'prompts/get financial-analysis'), { timeout: 8_000 })
    .toBe(true);
  await expect.poll(() => spans().some(({ name }) => name === 'resources/read')).toBe(true);
  const text = bodies.join('\n');
  expect(text).not.toMatch(/ferramenta_inventada|111\.444|empresa_00|canario/);
  for (const { nome, cnpj, appKey, appSecret } of house.simulator.companies)
    for (const word of [nome, cnpj, appKey, appSecret]) expect(text).not.toContain(word);
  expect(seen[0]).toMatchObject({ path: '/base/v1/traces', headers: { 'x-api-key': 'canario do coletor' } });
  expect(text).toContain('omie-mcp-hub');
});
