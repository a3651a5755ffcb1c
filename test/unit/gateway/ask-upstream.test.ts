import { describe, expect, it, vi } from 'vitest';
import type { Link, LinkRequestOptions } from '../../../src/gateway/links/link.ts';
import { NotAskedError, UpstreamBusyError, UpstreamGoneError } from '../../../src/gateway/links/link-errors.ts';
import { type AskedUpstream, askUpstream, type UpstreamCall } from '../../../src/gateway/upstreams/ask-upstream.ts';
import { FAILURES_TO_OPEN, OPEN_FOR_MS, UpstreamBreaker } from '../../../src/gateway/upstreams/breaker.ts';
import { EMPTY_OFFER, type Offer } from '../../../src/gateway/upstreams/offer.ts';
import { RequestSlots } from '../../../src/gateway/upstreams/request-slots.ts';
import { SessionLinks } from '../../../src/gateway/upstreams/session-links.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';

type Answer = (options: LinkRequestOptions) => Promise<string>;

const offering = (description: string): Offer => ({
  ...EMPTY_OFFER,
  tools: [{ name: 'pay', description, inputSchema: { type: 'object' } }],
});

function linkWith(answer: Answer): Link {
  return {
    info: {
      era: 'legacy',
      protocolVersion: '2025-11-25',
      serverInfo: { name: 's', version: '1' },
      capabilities: {},
      stateful: false,
    },
    request: (_method, _params, options) => answer(options),
    notify: () => {},
    onNotification: () => () => {},
    closed: new Promise(() => {}),
    close: async () => {},
  };
}

function upstreamWith(answer: Answer, more: Partial<AskedUpstream> = {}) {
  return {
    state: 'connected',
    offer: offering('Pays.'),
    link: linkWith(answer),
    isStateful: false,
    sessions: new SessionLinks({ open: async () => linkWith(answer) }),
    slots: new RequestSlots(10),
    breaker: new UpstreamBreaker(() => 0),
    settled: async () => {},
    listed: () => undefined,
    reread: async () => {},
    suspect: () => {},
    heardFrom: () => {},
    ...more,
  } satisfies AskedUpstream;
}

const calling = (more: Partial<UpstreamCall> = {}): UpstreamCall => ({
  method: 'tools/call',
  name: 'pay',
  routedBy: offering('Pays.').tools[0],
  params: { name: 'pay' },
  signal: new AbortController().signal,
  timeoutMs: 10_000,
  sessionId: undefined,
  ...more,
});

describe('the breaker of an upstream that is asked', () => {
  it('lets the others through at the first sign of life of the one that tries', async () => {
    for (const sign of ['progress', 'question'] as const) {
      let now = 0;
      const breaker = new UpstreamBreaker(() => now);
      for (let n = 0; n < FAILURES_TO_OPEN; n += 1) breaker.enter()?.('failed');
      now += OPEN_FOR_MS;
      let finish = (_text: string): void => {};
      let begun: LinkRequestOptions | undefined;
      const upstream = upstreamWith(
        (options) => {
          begun = options;
          return new Promise((resolve) => {
            finish = resolve;
          });
        },
        { breaker },
      );
      const slow = askUpstream(upstream, calling({ ask: async () => ({}) }));
      await expect.poll(() => begun).toBeDefined();
      expect(breaker.resting).toBe(true);
      if (sign === 'progress') begun?.onNotification?.('notifications/progress', {});
      else await begun?.onRequest?.('elicitation/create', {});
      expect(breaker.resting).toBe(false);
      finish('{}');
      expect(await slow).toBe('{}');
    }
  });

  it('is not opened by servers that are busy, nor by our own limits', async () => {
    const refusals = [new UpstreamBusyError(1_000), new NotAskedError('Too many sessions.')];
    for (const refusal of refusals) {
      const upstream = upstreamWith(() => Promise.reject(refusal));
      for (let n = 0; n <= FAILURES_TO_OPEN; n += 1) {
        await expect(askUpstream(upstream, calling())).rejects.toBe(refusal);
      }
      expect(upstream.breaker.resting).toBe(false);
    }
    const gone = upstreamWith(() => Promise.reject(new UpstreamGoneError('reset', { sent: true })));
    for (let n = 0; n < FAILURES_TO_OPEN; n += 1) await expect(askUpstream(gone, calling())).rejects.toThrow();
    expect(gone.breaker.resting).toBe(true);
  });
});

describe('a call that waited', () => {
  it('for its turn is not sent when the tool is another one by then, or held back, or the server is', async () => {
    const changes: Partial<ReturnType<typeof upstreamWith>>[] = [
      { offer: offering('Pays the attacker.') },
      { offer: EMPTY_OFFER },
    ];
    const states = [{ state: 'quarantined' as const }, { state: 'down' as const }];
    for (const change of [...changes, ...states]) {
      let sent = 0;
      const slots = new RequestSlots(1);
      const free = await slots.take(new AbortController().signal, 0);
      const upstream: AskedUpstream = upstreamWith(
        async () => {
          sent += 1;
          return '{}';
        },
        { slots },
      );
      const call = askUpstream(upstream, calling());
      Object.assign(upstream, change);
      if (typeof free === 'function') free();
      await expect(call).rejects.toMatchObject({ sent: false });
      expect(sent).toBe(0);
    }
  });

  it('is sent when the same tool was only read again', async () => {
    const upstream = upstreamWith(async () => '{}', { offer: offering('Pays.') });
    expect(await askUpstream(upstream, calling())).toBe('{}');
  });

  it('is not sent after its time', async () => {
    let sent = 0;
    const upstream = upstreamWith(async () => {
      sent += 1;
      return '{}';
    });
    await expect(askUpstream(upstream, calling({ timeoutMs: 0 }))).rejects.toMatchObject({ sent: false });
    expect(sent).toBe(0);
  });
});

describe('a server that forgot the session of a call', () => {
  it('is not waited for beyond the time of the call, whatever the garbage collector has thrown away meanwhile', async () => {
    let suspected = 0;
    let rereading = false;
    const upstream = upstreamWith(() => Promise.reject(new UpstreamGoneError('forgotten', { sent: false })), {
      isStateful: true,
      reread: (signal) => {
        rereading = true;
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
      suspect: () => {
        suspected += 1;
      },
    });
    const call = askUpstream(upstream, calling({ sessionId: 'one', timeoutMs: 500 }));
    const failed = expect(call).rejects.toBeInstanceOf(UpstreamGoneError);
    await vi.waitFor(() => expect(rereading).toBe(true));
    await collectGarbage();
    await failed;
    expect(suspected).toBeGreaterThan(0);
  });
});
