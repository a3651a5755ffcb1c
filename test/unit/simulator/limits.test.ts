import { describe, expect, it } from 'vitest';
import { slowHeaders } from '../../../src/simulator/faults.ts';
import { defaultLimits } from '../../../src/simulator/limits.ts';
import { type Desk, openOmie } from './open-omie.ts';

const only = (limits: object) => ({
  perIpPerMinute: false as const,
  perMethodPerMinute: false as const,
  concurrency: false as const,
  writeConcurrency: false as const,
  redundancyMs: false as const,
  errorsToBlock: false as const,
  ...limits,
});
const page = (desk: Desk, number: number, size = 1) =>
  desk.post('ListarContasPagar', { pagina: number, registros_por_pagina: size });
const until = async (test: () => boolean) => {
  while (!test()) await new Promise((resolve) => setTimeout(resolve, 2));
};

describe('limits', () => {
  it('start from the documented figures', () => {
    expect(defaultLimits).toEqual({
      perIpPerMinute: 960,
      perMethodPerMinute: 240,
      concurrency: 4,
      writeConcurrency: 1,
      redundancyMs: 60_000,
      errorsToBlock: 10,
      blockMs: 1_800_000,
    });
  });

  it('H8 refuses an identical call within 60 seconds, whatever the order of its keys', async () => {
    const desk = await openOmie({ limits: only({ redundancyMs: 60_000 }) });
    expect((await desk.post('ListarContasPagar', { pagina: 1, exibir_obs: 'S' })).status).toBe(200);
    desk.omie.clock.advance(15_000);
    const { status, body } = await desk.post('ListarContasPagar', { exibir_obs: 'S', pagina: 1 });
    expect(status).toBe(500);
    expect(body).toEqual({
      faultstring: 'ERROR: Consumo redundante detectado. Aguarde 60 segundos para tentar novamente (REDUNDANT).',
      faultcode: 'SOAP-ENV:Client-6',
    });
    // Another page, another method and another company are other calls.
    expect((await page(desk, 2)).status).toBe(200);
    expect((await desk.post('ListarContasReceber', { pagina: 1, exibir_obs: 'S' })).status).toBe(200);
    expect((await desk.post('ListarContasPagar', { pagina: 1, exibir_obs: 'S' }, { company: 1 })).status).toBe(200);
    desk.omie.clock.advance(60_000);
    expect((await desk.post('ListarContasPagar', { pagina: 1, exibir_obs: 'S' })).status).toBe(200);
  });

  it('H8 answers a repeated write with 8020 and the hour it may be tried again', async () => {
    const desk = await openOmie({ limits: only({ redundancyMs: 60_000 }) });
    const param = { codigo_lancamento_omie: 123 };
    expect((await desk.post('ExcluirContaPagar', param)).body.faultcode).toBe('SOAP-ENV:Client-105');
    const { body } = await desk.post('ExcluirContaPagar', param);
    expect(body.faultcode).toBe('SOAP-ENV:Client-8020');
    expect(body.faultstring).toContain('tentar novamente às 15:01:00');
  });

  it('H9 lets four calls of a method run, and locks the fifth', async () => {
    const desk = await openOmie({ latencyMs: 600, limits: only({ concurrency: 4 }) });
    const replies = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => page(desk, number)));
    const faults = replies.filter((reply) => reply.body.faultstring);
    expect(faults).toHaveLength(2);
    expect(faults[0]?.body).toEqual({
      faultstring:
        'ERROR: Já existe uma requisição desse método sendo executada e você pode tentar novamente em alguns instantes. (1)',
      faultcode: 'SOAP-ENV:Client-1880',
    });
    // Another method or another company has its own four places.
    const mixed = await Promise.all([
      ...[1, 2, 3, 4].map((number) => page(desk, number)),
      desk.post('ListarMovimentos', { nPagina: 1 }),
      desk.post('ListarContasPagar', { pagina: 1 }, { company: 1 }),
    ]);
    expect(mixed.map((reply) => reply.status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(Math.max(...desk.omie.journal.entries.map((entry) => entry.inFlight))).toBe(4);
  });

  it('H9 can be set to one call in flight, as some methods are', async () => {
    const desk = await openOmie({ latencyMs: 600, limits: only({ concurrency: 1 }) });
    const replies = await Promise.all([1, 2, 3].map((number) => page(desk, number)));
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
  });

  it('H9 takes writes one at a time', async () => {
    const desk = await openOmie({ latencyMs: 600, limits: only({ concurrency: 4, writeConcurrency: 1 }) });
    const exclude = (id: number) => desk.post('ExcluirContaPagar', { codigo_lancamento_omie: id });
    const codes = (await Promise.all([exclude(1), exclude(2)])).map((reply) => reply.body.faultcode);
    expect(codes.toSorted()).toEqual(['SOAP-ENV:Client-105', 'SOAP-ENV:Client-1880']);
  });

  it('H9 frees the place of a client that went away', async () => {
    const desk = await openOmie({ limits: only({ concurrency: 1 }) });
    desk.omie.faults.next('ListarContasPagar', slowHeaders(60_000));
    const impatient = new AbortController();
    const pending = desk.post('ListarContasPagar', { pagina: 1 }, { signal: impatient.signal }).catch(() => 'gone');
    await until(() => desk.omie.faults.pending === 0);
    expect((await page(desk, 2)).body.faultcode).toBe('SOAP-ENV:Client-1880');
    impatient.abort();
    expect(await pending).toBe('gone');
    await until(() => desk.omie.journal.count() === 2);
    expect((await page(desk, 2)).status).toBe(200);
  });

  it('H10 blocks after ten errors with 425, counts down, and is extended by calls', async () => {
    const desk = await openOmie({ limits: only({ errorsToBlock: 10, blockMs: 1_800_000 }) });
    for (let miss = 1; miss <= 10; miss += 1) {
      expect((await page(desk, 900 + miss)).body.faultcode).toBe('SOAP-ENV:Client-5113');
    }
    const { status, body } = await page(desk, 1);
    expect(status).toBe(425);
    expect(body).toEqual({
      faultstring: 'ERROR: API bloqueada por consumo indevido. Tente novamente em 1800 segundos.',
      faultcode: 'MISUSE_API_PROCESS',
    });
    // Only this method of this company.
    expect((await desk.post('ListarContasReceber', { pagina: 1 })).status).toBe(200);
    expect((await desk.post('ListarContasPagar', { pagina: 1 }, { company: 1 })).status).toBe(200);
    // The seconds count down, and every call during the block adds to them.
    desk.omie.clock.advance(600_000);
    expect((await page(desk, 1)).body.faultstring).toContain('em 1260 segundos');
    expect((await page(desk, 1)).body.faultstring).toContain('em 1320 segundos');
    desk.omie.clock.advance(1_319_000);
    expect((await page(desk, 1)).body.faultstring).toContain('em 61 segundos');
    desk.omie.clock.advance(61_000);
    expect((await page(desk, 1)).status).toBe(200);
  });

  it('H10 forgets errors outside the window', async () => {
    const desk = await openOmie({ limits: only({ errorsToBlock: 10 }) });
    for (let miss = 1; miss <= 25; miss += 1) {
      expect((await page(desk, 900 + miss)).status).toBe(500);
      desk.omie.clock.advance(7_000);
    }
  });

  it('H11 answers 429 beyond 240 calls a minute of one method', async () => {
    const desk = await openOmie({ titlesPerCompany: 250, limits: only({ perMethodPerMinute: 240 }) });
    const call = (index: number) => desk.post('ListarMovimentos', { nPagina: index, nRegPorPagina: 1 });
    for (let index = 1; index <= 240; index += 1) expect((await call(index)).status).toBe(200);
    const refused = await call(241);
    expect(refused.status).toBe(429);
    expect(refused.text).toContain('Too Many Requests');
    expect((await page(desk, 1)).status).toBe(200);
    desk.omie.clock.advance(60_000);
    expect((await call(241)).status).toBe(200);
  });

  it('H11 answers 429 beyond the calls a minute of one address, all companies together', async () => {
    const desk = await openOmie({ limits: only({ perIpPerMinute: 6 }) });
    for (let index = 0; index < 6; index += 1) {
      expect((await desk.post('ListarContasPagar', { pagina: 1 + index }, { company: index % 3 })).status).toBeLessThan(
        501,
      );
    }
    expect((await desk.post('ListarCategorias', { pagina: 1 }, { company: 2 })).status).toBe(429);
    desk.omie.clock.advance(60_000);
    expect((await desk.post('ListarCategorias', { pagina: 1 }, { company: 2 })).status).toBe(200);
  });

  it('reset forgets rates, repeats and blocks', async () => {
    const desk = await openOmie({ limits: only({ redundancyMs: 60_000, errorsToBlock: 2 }) });
    await page(desk, 1);
    expect((await page(desk, 1)).body.faultcode).toBe('SOAP-ENV:Client-6');
    expect((await page(desk, 1)).body.faultcode).toBe('SOAP-ENV:Client-6');
    expect((await page(desk, 1)).status).toBe(425);
    desk.omie.reset();
    expect((await page(desk, 1)).status).toBe(200);
    expect(desk.omie.journal.count()).toBe(1);
  });
});
