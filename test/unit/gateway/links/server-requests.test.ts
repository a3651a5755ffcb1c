import { afterEach, describe, expect, it, vi } from 'vitest';
import { Conversation } from '../../../../src/gateway/links/conversation.ts';
import { GivenUpCalls, STILL_RUNS_MS } from '../../../../src/gateway/links/given-up-calls.ts';
import type { LinkRequestOptions } from '../../../../src/gateway/links/link.ts';
import { onlyHandler } from '../../../../src/gateway/links/server-requests.ts';

const ana = async () => ({ who: 'ana' });
const rui = async () => ({ who: 'rui' });
const running = (method: string, onRequest?: typeof ana, caller?: string) => ({
  method,
  onRequest,
  caller,
  holdWhile: () => {},
});
const asked = async (...requests: ReturnType<typeof running>[]): Promise<unknown> => {
  const answer = await onlyHandler(requests, new GivenUpCalls())?.('elicitation/create', {}).catch(() => undefined);
  return answer?.['who'];
};

describe('a question on a shared line', () => {
  it('reaches the one caller there is, however many calls they run', async () => {
    expect(await asked(running('tools/call', ana))).toBe('ana');
    expect(await asked(running('tools/call', ana), running('resources/read', ana))).toBe('ana');
  });

  it('reaches a session through its latest call that can be asked', async () => {
    const calls = [
      running('tools/call', rui, 's'),
      running('tools/call', ana, 's'),
      running('completion/complete', undefined, 's'),
    ];
    expect(await asked(...calls)).toBe('ana');
  });

  it('reaches nobody while two callers run, and the server is told why', async () => {
    expect(await asked(running('tools/call', ana), running('tools/call', rui))).toBeUndefined();
    expect(await asked(running('tools/call', ana, 's'), running('tools/call', ana, 't'))).toBeUndefined();
    const refuse = onlyHandler([running('tools/call', ana, 's'), running('tools/call', rui, 't')], new GivenUpCalls());
    await expect(refuse?.('elicitation/create', {})).rejects.toMatchObject({
      code: -32603,
      message: expect.stringContaining('Call again when no other runs'),
    });
  });

  it.each(['tools/call', 'prompts/get', 'resources/read', 'completion/complete', 'vendor/anything'])(
    'reaches nobody while %s runs for a caller who cannot be asked',
    async (method) => {
      expect(await asked(running(method), running('tools/call', ana))).toBeUndefined();
      expect(await asked(running('tools/call', ana), running(method))).toBeUndefined();
      expect(await asked(running('tools/call', ana, 's'), running(method, undefined, 't'))).toBeUndefined();
      expect(await asked(running('tools/call', ana, 's'), running(method))).toBeUndefined();
      expect(await asked(running(method))).toBeUndefined();
    },
  );

  it.each(['ping', 'subscriptions/listen', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'])(
    "is not doubted because of the gateway's own %s",
    async (method) => {
      expect(await asked(running(method), running('tools/call', ana), running(method))).toBe('ana');
    },
  );
});

describe('a call that was given up', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** One shared line, on which calls of ana (session a) and rui (session r) run. */
  function line() {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    const sent: string[] = [];
    const told: unknown[] = [];
    const face = { clientInfo: { name: 't', version: '1' }, clientCapabilities: {} };
    const conversation = new Conversation({ send: (text) => void sent.push(text) }, face);
    const call = (caller: string, more: Partial<LinkRequestOptions> = {}): number => {
      const onNotification = (_method: string, params: Readonly<Record<string, unknown>>) =>
        void told.push([caller, params['data']]);
      const onRequest = async () => ({ who: caller });
      const signal = new AbortController().signal;
      const options = { signal, timeoutMs: 1_000_000, caller, onNotification, onRequest, ...more };
      conversation.request('tools/call', { name: 't' }, options).catch(() => {});
      return JSON.parse(sent.at(-1) ?? '').id;
    };
    const hear = (message: object) =>
      conversation.receiveLine(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })));
    const question = async (): Promise<unknown> => {
      hear({ id: 'q', method: 'elicitation/create', params: {} });
      await vi.waitFor(() => expect(sent.at(-1)).toContain('"id":"q"'));
      const { result, error } = JSON.parse(sent.splice(-1)[0] ?? '');
      return result?.who ?? error.code;
    };
    const log = (data: string) => hear({ method: 'notifications/message', params: { level: 'info', data } });
    return { call, hear, question, log, told };
  }

  it.each(['cancelled', 'timed out'])('and %s is still nobody else to be asked or told about', async (how) => {
    const { call, hear, question, log, told } = line();
    const stop = new AbortController();
    const id = call('a', how === 'cancelled' ? { signal: stop.signal } : { timeoutMs: 10 });
    if (how === 'cancelled') stop.abort();
    else vi.advanceTimersByTime(10);
    const latest = call('r');
    expect(await question()).toBe(-32603);
    log('of ana');
    expect(told).toEqual([]);
    // Ana's own next call may hear of it.
    hear({ id: latest, result: {} });
    const next = call('a');
    expect(await question()).toBe('a');
    hear({ id: next, result: {} });
    call('r');
    expect(await question()).toBe(-32603);
    // The server is done with it after all.
    hear({ id, result: {} });
    expect(await question()).toBe('r');
    log('of rui');
    expect(told).toEqual([['r', 'of rui']]);
  });

  it('is forgotten after ten minutes', async () => {
    const { call, question } = line();
    call('a', { timeoutMs: 10 });
    vi.advanceTimersByTime(10);
    call('r');
    vi.advanceTimersByTime(STILL_RUNS_MS - 20);
    expect(await question()).toBe(-32603);
    vi.advanceTimersByTime(20);
    expect(await question()).toBe('r');
  });

  it('counts also when there are more than are kept', () => {
    const calls = new GivenUpCalls();
    for (let id = 0; id < 2_000; id += 1) calls.add(id, 'r');
    calls.add(2_000, 'a');
    expect(calls.hasOthers('r')).toBe(true);
  });
});
