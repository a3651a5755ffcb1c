import { expect, onTestFinished, test, vi } from 'vitest';
import { openEndpoints } from './open-endpoints.ts';
import { JSON_HEADERS } from './raw-http.ts';
import { SampleCatalog } from './sample-catalog.ts';

test('an SSE stream on which nothing is said gets a comment after 15 seconds, and not before', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const open = await openEndpoints({ catalog: new SampleCatalog() });
  onTestFinished(() => open.close());
  const stream = await fetch(`${open.url}/sse`);
  const decoder = new TextDecoder();
  const reader = stream.body?.getReader();
  let heard = '';
  const hear = async (text: string): Promise<void> => {
    while (!heard.includes(text)) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) throw new Error(`the stream ended after ${heard}`);
      heard += decoder.decode(value, { stream: true });
    }
  };
  await hear('event: endpoint');
  vi.advanceTimersByTime(14_999);
  // What comes after shows that nothing came before.
  const messages = /data: (.*)/.exec(heard)?.[1] ?? '';
  const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  await fetch(open.url + messages, { method: 'POST', headers: JSON_HEADERS, body: ping });
  await hear('"id":1');
  expect(heard).not.toContain(': keepalive');
  vi.advanceTimersByTime(1);
  await hear(': keepalive');
}, 20_000);
