import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CompanyCredentials } from '../../../src/companies/company.ts';
import { Secret } from '../../../src/logging/secret.ts';
import { Breaker } from '../../../src/omie/breaker.ts';
import { PageCaller } from '../../../src/omie/call.ts';
import { listarContasPagar } from '../../../src/omie/calls/contas-pagar.ts';
import { FairLimiter } from '../../../src/omie/fair-limiter.ts';
import { OmieFault } from '../../../src/omie/faults.ts';
import type { Page } from '../../../src/omie/page.ts';
import type { Post } from '../../../src/omie/post.ts';
import { ResponseCache } from '../../../src/omie/response-cache.ts';
import { manualClock } from './manual-clock.ts';

const credentials: CompanyCredentials = {
  company: { id: 'empresa_001', nome: 'Alpha', cnpj: '', ambiente: 'producao', grupos: [] },
  appKey: new Secret('1234567890123'),
  appSecret: new Secret('0123456789abcdef0123456789abcdef'),
};

const BROKEN =
  '{"faultcode":"SOAP-ENV:Server","faultstring":"SOAP-ERROR: Broken response from Application Server (BG)"}';
const EMPTY = '{"faultcode":"SOAP-ENV:Client-5113","faultstring":"ERROR: Não existem registros para a página [1]!"}';

const PAGE = '{"pagina":1,"total_de_paginas":1,"registros":0,"total_de_registros":0,"conta_pagar_cadastro":[]}';
const BUSY =
  '{"faultcode":"SOAP-ENV:Client-1880","faultstring":"ERROR: Já existe uma requisição desse método sendo executada!"}';
const REDUNDANT =
  '{"faultcode":"SOAP-ENV:Client-6","faultstring":"ERROR: Consumo redundante detectado. Aguarde 42 segundos (REDUNDANT)."}';

type Answer = { afterMs: number; text: string; status?: number };

/** The layers over an Omie that answers each request as told. */
function desk(answer: (request: number) => Answer) {
  const clock = manualClock();
  const limiter = new FairLimiter(clock);
  const breaker = new Breaker(clock, Number.POSITIVE_INFINITY);
  let sent = 0;
  const timeouts: number[] = [];
  const post: Post = {
    send: (_path, _body, { timeoutMs }) =>
      new Promise((resolve, reject) => {
        sent += 1;
        timeouts.push(timeoutMs);
        const { afterMs, text, status = 500 } = answer(sent);
        if (afterMs > timeoutMs) {
          clock.after(timeoutMs, () => reject(new OmieFault('network', 'Our time is over.', { timeUp: true })));
        } else clock.after(afterMs, () => resolve({ status, retryAfter: undefined, text }));
      }),
    warmUp: async () => {},
    close: async () => {},
  };
  const cache = new ResponseCache<Page<unknown>>(clock);
  const caller = new PageCaller({
    clock,
    random: () => 0.5,
    cache,
    limiter,
    breaker,
    post,
    replies: undefined,
    observe: undefined,
  });
  const outcomes: unknown[] = [];
  const ask = (client: number, extra: { canShrink?: boolean; deadlineAt?: number } = {}): Promise<void> =>
    caller
      .fetch(credentials, listarContasPagar, {
        params: { filtrar_cliente: client },
        page: { number: 1, size: 50 },
        deadlineAt: clock.now() + 30_000,
        ...extra,
      })
      .then(
        () => void outcomes.push('ok'),
        (error) => void outcomes.push(error),
      );
  return { clock, limiter, breaker, ask, outcomes, timeouts, sent: () => sent };
}

describe('our own deadline', () => {
  // With 8 s a turn comes when there was time enough by what was known at the start, and is not by what is known now.
  it.each([7_000, 8_000])(
    'is not charged to an Omie that is slow (%s ms) but healthy: late calls are not sent, and the breaker stays shut',
    async (afterMs) => {
      const { clock, breaker, ask, outcomes, timeouts } = desk(() => ({ afterMs, text: EMPTY }));
      for (let client = 1; client <= 30; client += 1) void ask(client);
      await clock.advance(61_000);
      expect(outcomes).toHaveLength(30);
      const failed = outcomes.filter((outcome) => outcome !== 'ok');
      expect(failed.length).toBeGreaterThan(5);
      for (const fault of failed) expect(fault).toMatchObject({ kind: 'rate', remembered: true, timeUp: true });
      expect(Math.min(...timeouts)).toBeGreaterThanOrEqual(afterMs);
      expect(breaker.open).toBe(0);
    },
  );

  it('when it cuts a call off, it is no failure of Omie', async () => {
    const { clock, breaker, ask, outcomes } = desk(() => ({ afterMs: 40_000, text: EMPTY }));
    for (let client = 1; client <= 10; client += 1) void ask(client);
    await clock.advance(61_000);
    expect(outcomes).toHaveLength(10);
    expect(breaker.open).toBe(0);
  });
});

describe('the place of a call that was answered', () => {
  it('goes to the next call before the page is parsed', async () => {
    const { clock, ask, outcomes, sent } = desk(() => ({ afterMs: 500, text: PAGE, status: 200 }));
    for (let client = 1; client <= 10; client += 1) void ask(client);
    await clock.advance(400);
    expect(sent()).toBe(2);
    await clock.advance(100);
    expect([sent(), outcomes]).toEqual([6, []]);
    await turn();
    expect(outcomes).toEqual(['ok', 'ok']);
  });

  it('is held until a fault is read, for it may say that the method takes one call at a time', async () => {
    const { clock, ask, sent } = desk((request) => ({
      afterMs: request === 1 ? 70 : 700,
      text: request === 1 ? BUSY : PAGE,
      status: 200,
    }));
    for (let client = 1; client <= 10; client += 1) void ask(client);
    await clock.advance(600);
    expect(sent()).toBe(2);
    await clock.advance(100);
    expect(sent()).toBe(3);
  });

  it('is held after a failure, until an answer has been found good', async () => {
    const { clock, breaker, ask, sent, outcomes } = desk(() => ({ afterMs: 50, text: PAGE, status: 200 }));
    breaker.enter('1234567890123', 'ListarContasPagar')(new OmieFault('server', ''));
    for (let client = 1; client <= 4; client += 1) void ask(client);
    await clock.advance(50);
    expect([sent(), outcomes]).toEqual([4, ['ok']]);
  });
});

describe('a request shared with another caller', () => {
  it('that shrinks its pages instead of retrying is asked once more by who cannot', async () => {
    const { clock, ask, outcomes, sent } = desk((request) => ({ afterMs: 500, text: request === 1 ? BROKEN : EMPTY }));
    void ask(1, { canShrink: true });
    void ask(1);
    await clock.advance(3_000);
    expect(outcomes).toEqual([expect.objectContaining({ tooHeavy: true }), 'ok']);
    expect(sent()).toBe(2);
  });

  it('that had less time is asked once more by who has more', async () => {
    const { clock, ask, outcomes, sent } = desk(() => ({ afterMs: 8_000, text: EMPTY }));
    void ask(1, { deadlineAt: clock.now() + 6_000 });
    void ask(1);
    await clock.advance(30_000);
    expect(outcomes).toEqual([expect.objectContaining({ timeUp: true }), 'ok']);
    expect(sent()).toBe(2);
  });
});

it('a question that Omie calls redundant is answered by what it said a little earlier', async () => {
  const { clock, ask, outcomes, sent } = desk((request) => ({
    afterMs: 100,
    text: request === 1 ? EMPTY : REDUNDANT,
  }));
  void ask(1);
  await clock.advance(62_000);
  void ask(1);
  await clock.advance(1_000);
  expect([outcomes, sent()]).toEqual([['ok', 'ok'], 2]);
});
