import type { Client } from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { everyClient } from './connect-clients.ts';
import { type OpenEndpoints, openEndpoints } from './open-endpoints.ts';
import { SampleCatalog } from './sample-catalog.ts';

let catalog: SampleCatalog;
let open: OpenEndpoints;

beforeEach(async () => {
  catalog = new SampleCatalog();
  open = await openEndpoints({ catalog });
});
afterEach(() => open.close());

const NAMES = [
  'v2 over HTTP, 2025-11-25',
  'v2 over HTTP, 2026-07-28',
  'v2 over SSE',
  'v2 over stdio, 2025-11-25',
  'v2 over stdio, 2026-07-28',
  'v1 over HTTP',
  'v1 over SSE',
];

describe.each(NAMES)('%s', (name) => {
  const connect = () => {
    const make = everyClient(open)[name];
    if (make === undefined) throw new Error(name);
    return make();
  };

  test('lists and calls tools', async () => {
    const client = await connect();
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(['echo', 'slow', 'steps', 'fails', 'throws', 'forwarded']);
    const result = await client.callTool({ name: 'echo', arguments: { a: 'ção', b: [1, null] } });
    expect(result['structuredContent']).toEqual({ eco: { a: 'ção', b: [1, null] }, quem: 'local' });
    expect(result['content']).toEqual([{ type: 'text', text: JSON.stringify(result['structuredContent']) }]);
    await client.close();
  });

  test('tells failures of a tool from failures of the protocol', async () => {
    const client = await connect();
    const failed = await client.callTool({ name: 'fails' });
    expect(failed['isError']).toBe(true);
    await expect(client.callTool({ name: 'nenhuma' })).rejects.toMatchObject({ code: -32602 });
    await expect(client.callTool({ name: 'throws' })).rejects.toSatisfy((error) => !String(error).includes('secret'));
    await client.close();
  });

  test('reports progress, upwards only', async () => {
    const client = await connect();
    const seen: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => seen.push(progress);
    const result = await callWith(client, { name: 'steps' }, { onprogress });
    expect(result['structuredContent']).toEqual({ passos: 3 });
    await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(2));
    expect(seen).toEqual([1, 2, 3].slice(0, seen.length));
    await client.close();
  });

  test('a cancelled call is aborted in the server', async () => {
    const client = await connect();
    const abort = new AbortController();
    const call = callWith(client, { name: 'slow', arguments: { quem: name } }, { signal: abort.signal });
    const failed = expect(call).rejects.toThrow();
    await vi.waitFor(() => expect(open.endpoints.stats().inFlight).toBe(1));
    abort.abort('enough');
    await failed;
    await vi.waitFor(() => expect(catalog.aborted).toEqual([{ quem: name }]));
    expect((await client.callTool({ name: 'echo', arguments: {} }))['isError']).toBeFalsy();
    await client.close();
    await vi.waitFor(() => expect(open.endpoints.stats().inFlight).toBe(0));
  });

  test('resources, prompts and completion', async () => {
    const client = await connect();
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual(['sample://a']);
    expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(1);
    expect((await client.readResource({ uri: 'sample://a' })).contents[0]).toMatchObject({ text: 'olá' });
    await expect(client.readResource({ uri: 'sample://b' })).rejects.toMatchObject({ code: -32602 });
    expect((await client.listPrompts()).prompts).toHaveLength(1);
    expect((await client.getPrompt({ name: 'p', arguments: { x: 'y' } })).messages).toHaveLength(1);
    await expect(client.getPrompt({ name: 'p' })).rejects.toMatchObject({ code: -32602 });
    const ref = { type: 'ref/prompt', name: 'p' } as const;
    const { completion } = await client.complete({ ref, argument: { name: 'x', value: '' } });
    expect(completion.values).toEqual(['um', 'dois']);
    await client.close();
  });
});

/** 1.x takes the options third, 2.x second. */
function callWith(
  client: Client | V1Client,
  params: { name: string; arguments?: Record<string, unknown> },
  options: { signal?: AbortSignal; onprogress?: (progress: { progress: number }) => void },
): Promise<{ [key: string]: unknown }> {
  return client instanceof V1Client ? client.callTool(params, undefined, options) : client.callTool(params, options);
}
