/** Questions to the client while its request runs, asked by a client that opened no stream of its own. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OpenEndpoints, openEndpoints } from './open-endpoints.ts';
import { call, initialize, JSON_HEADERS, post } from './raw-http.ts';
import { SampleCatalog } from './sample-catalog.ts';

const ASKS: Readonly<Record<string, (context: ServerContext) => Promise<unknown>>> = {
  form: ({ mcpReq }) =>
    mcpReq.elicitInput({
      message: 'Who?',
      requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
    }),
  model: ({ mcpReq }) =>
    mcpReq.requestSampling({ messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }], maxTokens: 9 }),
};

let open: OpenEndpoints;
beforeEach(async () => {
  open = await openEndpoints({
    catalog: new SampleCatalog(),
    interactive: {
      has: (name) => Object.hasOwn(ASKS, name),
      call: async (name, _args, context): Promise<CallToolResult> => ({
        content: [{ type: 'text', text: JSON.stringify(await ASKS[name]?.(context)) }],
      }),
    },
  });
});
afterEach(() => open.close());

test.each([
  ['form', 'elicitation/create', { action: 'accept', content: { name: 'Ana' } }],
  ['model', 'sampling/createMessage', { model: 'm', role: 'assistant', content: { type: 'text', text: 'Oi' } }],
])('a question (%s) comes on the stream of its call', async (name, method, result) => {
  const hello = {
    ...initialize(),
    params: { ...HANDSHAKE, capabilities: { elicitation: { form: {} }, sampling: {} } },
  };
  const { headers } = await post(open.url, hello);
  const session = { 'mcp-session-id': headers.get('mcp-session-id') ?? '' };
  const response = await fetch(`${open.url}/mcp`, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...session },
    body: JSON.stringify(call(1, name)),
  });
  const heard: string[] = [];
  for await (const line of createInterface({ input: Readable.fromWeb(response.body ?? new ReadableStream()) })) {
    if (!line.startsWith('data: {')) continue;
    const message = JSON.parse(line.slice('data: '.length));
    heard.push(message.method ?? message.result.content[0].text);
    if (message.method === undefined) continue;
    expect((await post(open.url, { jsonrpc: '2.0', id: message.id, result }, session)).status).toBe(202);
  }
  expect(heard).toEqual([method, JSON.stringify(result)]);
});

const HANDSHAKE = { protocolVersion: '2025-11-25', clientInfo: { name: 'raw', version: '1' } };
