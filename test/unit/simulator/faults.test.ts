import { Agent, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as faults from '../../../src/simulator/faults.ts';
import { type Answer, type Desk, openOmie, type Reply } from './open-omie.ts';

const CALL = 'ListarContasPagar';
const ask = (desk: Desk, param: object = { pagina: 1 }): Promise<Reply> => desk.post(CALL, param);
const fails = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no failure',
    (error: Answer) => error.cause?.code ?? error.cause?.message ?? error.message,
  );

async function met(fault: faults.Fault, param?: object): Promise<Reply & { desk: Desk }> {
  const desk = await openOmie({ titlesPerCompany: 120 });
  desk.omie.faults.next(CALL, fault);
  return { ...(await ask(desk, param)), desk };
}

interface Raw {
  bytes: Buffer;
  error: string | undefined;
  headers: Answer;
}

/** The bare bytes of one answer, as node:http sees them. */
function raw(desk: Desk, agent?: Agent): Promise<Raw> {
  const { appKey, appSecret } = desk.omie.companies[0]!;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let headers: Answer = {};
    const done = (error?: Error) => resolve({ bytes: Buffer.concat(chunks), error: error?.message, headers });
    const outgoing = request(`${desk.omie.url}financas/contapagar/`, { method: 'POST', agent }, (incoming) => {
      headers = incoming.headers;
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('end', () => done());
      incoming.on('error', done);
    });
    outgoing.on('error', done);
    outgoing.end(JSON.stringify({ call: CALL, app_key: appKey, app_secret: appSecret, param: [{ pagina: 1 }] }));
  });
}

describe('faults that answer in place of the call', () => {
  it.each([
    [faults.brokenResponse(), 500, 'SOAP-ERROR: Broken response from Application Server (BG)', 'SOAP-ENV:Server'],
    [faults.redundant(17), 500, 'Aguarde 17 segundos', 'SOAP-ENV:Client-6'],
    [faults.lock(), 500, 'Já existe uma requisição desse método', 'SOAP-ENV:Client-1880'],
    [faults.inFlight('10:20:30'), 500, 'tentar novamente às 10:20:30', 'SOAP-ENV:Client-8020'],
    [faults.blocked(1_678), 425, 'Tente novamente em 1678 segundos', 'MISUSE_API_PROCESS'],
    [faults.authFault(), 403, 'A chave de acesso está inválida', 'SOAP-ENV:Server'],
  ])('H12 %o', async (fault, status, sentence, code) => {
    const reply = await met(fault);
    expect(reply.status).toBe(status);
    expect(reply.body.faultstring).toContain(sentence);
    expect(reply.body.faultcode).toBe(code);
    expect((await ask(reply.desk)).status).toBe(200);
  });

  it.each([502, 503, 504] as const)('H12 an HTML page with status %i', async (status) => {
    const reply = await met(faults.htmlError(status));
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toBe('text/html');
    expect(reply.text).toContain(`<title>${status} `);
  });

  it.each([2, 'Fri, 20 Nov 2026 18:00:30 GMT', -5, 1e9, 'em breve'])(
    '429 and 503 with Retry-After %s',
    async (value) => {
      for (const [fault, status] of [
        [faults.tooMany(value), 429],
        [faults.unavailable(value), 503],
      ] as const) {
        const reply = await met(fault);
        expect(reply.status).toBe(status);
        expect(reply.headers.get('retry-after')).toBe(String(value));
      }
    },
  );

  it('429 and 503 without Retry-After', async () => {
    expect((await met(faults.tooMany())).headers.get('retry-after')).toBeNull();
    expect((await met(faults.unavailable())).status).toBe(503);
  });

  it('a page of HTML, nothing, scalars and plain errors where JSON should be', async () => {
    const html = await met(faults.html200());
    expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html']);
    const empty = await met(faults.emptyBody());
    expect([empty.status, empty.text]).toEqual([200, '']);
    for (const value of [null, 42, 'ok', true, []]) {
      expect((await met(faults.scalarBody(value))).text).toBe(JSON.stringify(value));
    }
    const plain = await met(faults.plain500());
    expect([plain.status, plain.headers.get('content-type'), plain.text]).toEqual([
      500,
      'text/plain',
      'Internal Server Error',
    ]);
  });
});

describe('faults of the answer', () => {
  it('truncated JSON is whole by its length and no JSON', async () => {
    const reply = await met(faults.truncatedJson());
    expect(reply.status).toBe(200);
    expect(reply.body).toBeUndefined();
    expect(Number(reply.headers.get('content-length'))).toBe(reply.text.length);
  });

  it('ISO-8859-1 bytes without a charset', async () => {
    const desk = await openOmie({ titlesPerCompany: 120 });
    desk.omie.faults.next(CALL, faults.latin1());
    const { bytes, headers } = await raw(desk);
    expect(headers['content-type']).toBe('application/json');
    expect(bytes.toString('latin1')).toContain('Operação concluída');
    expect(bytes.toString('utf8')).toContain('\ufffd');
  });

  it('duplicate keys, __proto__ keys, absurd numbers and half surrogates', async () => {
    const duplicate = await met(faults.duplicateKeys());
    expect(duplicate.text.match(/"total_de_registros":/g)).toHaveLength(2);
    expect(duplicate.body.total_de_registros).toBeLessThan(987_654);

    const proto = await met(faults.protoKey());
    expect(Object.hasOwn(proto.body, '__proto__')).toBe(true);
    expect(proto.body.conta_pagar_cadastro).toHaveLength(50);

    const huge = await met(faults.oddNumber('1e400'));
    expect(huge.body.conta_pagar_cadastro[0].valor_documento).toBe(Number.POSITIVE_INFINITY);
    expect((await met(faults.oddNumber('NaN'))).body).toBeUndefined();

    const half = await met(faults.loneSurrogate());
    expect(half.body.conta_pagar_cadastro[0].numero_documento.charCodeAt(0)).toBe(0xd800);
  });

  it('the right JSON under a wrong content type', async () => {
    const reply = await met(faults.wrongContentType());
    expect(reply.headers.get('content-type')).toContain('text/html');
    expect(reply.body.conta_pagar_cadastro).toHaveLength(50);
  });

  it('pages that lie: repeated, shrunk, empty, miscounted', async () => {
    const desk = await openOmie({ titlesPerCompany: 400 });
    const param = (pagina: number) => ({ pagina, registros_por_pagina: 20 });
    const first = (await ask(desk, param(1))).body;
    const faulty = async (fault: faults.Fault, pagina = 2): Promise<Answer> => {
      desk.omie.faults.next(CALL, fault);
      return (await ask(desk, param(pagina))).body;
    };
    expect(await faulty(faults.repeatPage(), 3)).toEqual({ ...first, pagina: 3 });
    const shrunk = await faulty(faults.shrinkingPage());
    expect([shrunk.conta_pagar_cadastro.length, shrunk.registros, shrunk.total_de_registros]).toEqual([
      10,
      20,
      first.total_de_registros,
    ]);
    expect((await faulty(faults.emptyPage())).conta_pagar_cadastro).toEqual([]);
    for (const value of [1e9, 0, '3', null, -1]) {
      expect((await faulty(faults.pageCount(value))).total_de_paginas).toBe(value);
    }
    expect(await faulty(faults.pageCount(undefined))).not.toHaveProperty('total_de_paginas');
    const drifting = faults.driftingTotals();
    expect((await faulty(drifting)).total_de_registros).toBe(first.total_de_registros + 1);
    expect((await faulty(drifting)).total_de_registros).toBe(first.total_de_registros + 2);
  });

  it('pages lie in the hungarian dialect too', async () => {
    const desk = await openOmie();
    const faulty = async (fault: faults.Fault, nPagina: number): Promise<Answer> => {
      desk.omie.faults.next('ListarMovimentos', fault);
      return (await desk.post('ListarMovimentos', { nPagina, nRegPorPagina: 10 })).body;
    };
    const first = (await desk.post('ListarMovimentos', { nPagina: 1, nRegPorPagina: 10 })).body;
    expect(await faulty(faults.repeatPage(), 4)).toEqual({ ...first, nPagina: 4 });
    expect((await faulty(faults.pageCount(1e9), 1)).nTotPaginas).toBe(1e9);
    expect((await faulty(faults.driftingTotals(-3), 1)).nTotRegistros).toBe(first.nTotRegistros - 3);
  });

  it('a spoiled answer to a refused call is still the refusal', async () => {
    const reply = await met(faults.truncatedJson(), { pagina: 99 });
    expect(reply.body.faultcode).toBe('SOAP-ENV:Client-5113');
  });
});

describe('faults of the connection', () => {
  it('H12 resets before the headers', async () => {
    const desk = await openOmie();
    desk.omie.faults.next(CALL, faults.resetBeforeHeaders());
    expect(await fails(ask(desk))).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect((await ask(desk)).status).toBe(200);
  });

  it('resets after the write took effect: its outcome is unknown to the client', async () => {
    const desk = await openOmie();
    const title = desk.omie.store
      .company('empresa_001')
      .titlesOf('payable')
      .find((one) => one.payments.length === 0)!;
    desk.omie.faults.next('ExcluirContaPagar', faults.resetBeforeHeaders({ processed: true }));
    expect(await fails(desk.post('ExcluirContaPagar', { codigo_lancamento_omie: title.id }))).toMatch(
      /ECONNRESET|closed/,
    );
    expect(desk.omie.store.company('empresa_001').titles.has(title.id)).toBe(false);
  });

  it('resets in the middle of the body', async () => {
    const desk = await openOmie();
    desk.omie.faults.next(CALL, faults.resetMidBody());
    const { bytes, error, headers } = await raw(desk);
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes.length).toBeLessThan(Number(headers['content-length']));
    expect(error).toMatch(/aborted|ECONNRESET/);
  });

  it('ends before the promised length', async () => {
    const desk = await openOmie();
    desk.omie.faults.next(CALL, faults.shortLength());
    const { bytes, error, headers } = await raw(desk);
    expect(bytes.length).toBeLessThan(Number(headers['content-length']));
    expect(error).toBe('aborted');
  });

  it('H12 is slow to start, and slow byte by byte', async () => {
    const desk = await openOmie({ titlesPerCompany: 5 });
    desk.omie.faults.next(CALL, faults.slowHeaders(150));
    const before = performance.now();
    expect((await ask(desk)).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThanOrEqual(145);

    desk.omie.faults.next(CALL, faults.trickle(50));
    const impatient = new AbortController();
    const pending = desk.post(CALL, { pagina: 1 }, { signal: impatient.signal });
    setTimeout(() => impatient.abort(), 200);
    expect(await fails(pending)).toMatch(/abort/);
    desk.omie.faults.next(CALL, faults.trickle(0));
    expect((await ask(desk, { pagina: 1, registros_por_pagina: 1 })).body.registros).toBe(1);
  });

  it('H12 adds a fixed latency to every call', async () => {
    const desk = await openOmie({ latencyMs: 60 });
    const before = performance.now();
    await ask(desk);
    expect(performance.now() - before).toBeGreaterThanOrEqual(55);
  });

  it('streams a huge body', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const desk = await openOmie();
    // Enough waits for the reader that listeners left behind would make Node warn of them.
    desk.omie.faults.next(CALL, faults.hugeBody(20_000_000));
    const { bytes, error } = await raw(desk);
    expect(error).toBeUndefined();
    expect(bytes.length).toBe(20_000_000 + '{"descricao":""}'.length);
    expect(() => JSON.parse(bytes.toString())).not.toThrow();
    expect(warnings).toEqual([]);
  });

  it('sends a small gzip that unpacks to a large body', async () => {
    const desk = await openOmie();
    desk.omie.faults.next(CALL, faults.gzipBomb(20 * 1_048_576));
    const { bytes, headers } = await raw(desk);
    expect(headers['content-encoding']).toBe('gzip');
    expect(bytes.length).toBeLessThan(100_000);
    expect(gunzipSync(bytes).length).toBe(20 * 1_048_576 + 2);
  });

  it('sends gzip that breaks in the middle', async () => {
    const desk = await openOmie();
    desk.omie.faults.next(CALL, faults.corruptGzip());
    const { bytes, headers } = await raw(desk);
    expect(headers['content-encoding']).toBe('gzip');
    expect(() => gunzipSync(bytes)).toThrow();
  });

  it('drops a kept-alive connection when the next request comes', async () => {
    const desk = await openOmie();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    desk.omie.faults.next(CALL, faults.keepAliveRace());
    expect((await raw(desk, agent)).error).toBeUndefined();
    expect((await raw(desk, agent)).error).toMatch(/ECONNRESET|hang up/);
    expect(desk.omie.journal.count()).toBe(1);
    expect((await raw(desk, agent)).error).toBeUndefined();
    agent.destroy();
  });

  it('close cuts whatever is still under way', async () => {
    const desk = await openOmie();
    desk.omie.faults.next(CALL, faults.slowHeaders(60_000));
    const pending = fails(ask(desk));
    while (desk.omie.faults.pending > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await desk.omie.close();
    expect(await pending).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
  });
});

describe('the plan of faults', () => {
  it('serves faults in order, for a call, a company, a number of times', async () => {
    const desk = await openOmie();
    const { faults: plan } = desk.omie;
    plan.next(CALL, faults.htmlError(502), { times: 2 });
    plan.next(CALL, faults.plain500());
    plan.next('*', faults.lock(), { company: 'empresa_002' });
    const statuses = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await ask(desk)).status);
    expect(statuses).toEqual([502, 502, 500, 200]);
    expect((await desk.post('ListarCategorias', { pagina: 1 })).status).toBe(200);
    expect((await desk.post('ListarCategorias', { pagina: 1 }, { company: 1 })).body.faultcode).toBe(
      'SOAP-ENV:Client-1880',
    );
  });

  it('stands until cleared', async () => {
    const desk = await openOmie();
    desk.omie.faults.always('*', faults.unavailable(), { company: 'empresa_001' });
    expect((await ask(desk)).status).toBe(503);
    expect((await desk.post('ListarMovimentos', {})).status).toBe(503);
    expect((await desk.post('ListarMovimentos', {}, { company: 1 })).status).toBe(200);
    desk.omie.faults.clear();
    expect((await ask(desk)).status).toBe(200);
  });

  it('H12 hits a seeded share of requests, the same share for the same seed', async () => {
    const run = async (seed: number): Promise<string> => {
      const desk = await openOmie({ titlesPerCompany: 5 });
      desk.omie.faults.random({ seed, rate: 0.3, kinds: [faults.brokenResponse(), faults.htmlError(502)] });
      for (let index = 0; index < 60; index += 1) await ask(desk);
      return desk.omie.journal.entries.map((entry) => entry.outcome).join(' ');
    };
    const outcomes = await run(7);
    const hit = outcomes.split(' ').filter((outcome) => outcome !== 'ok').length;
    expect(hit).toBeGreaterThan(8);
    expect(hit).toBeLessThan(30);
    expect(outcomes).toContain('brokenResponse');
    expect(outcomes).toContain('htmlError');
    expect(await run(7)).toBe(outcomes);
    expect(await run(8)).not.toBe(outcomes);
  });

  it('lets a retry pass that redundancy would refuse, unless lost answers count', async () => {
    for (const [lostAnswerIsConsumed, code] of [
      [false, undefined],
      [true, 'SOAP-ENV:Client-6'],
    ] as const) {
      const desk = await openOmie({ limits: { errorsToBlock: false }, quirks: { lostAnswerIsConsumed } });
      desk.omie.faults.next(CALL, faults.resetMidBody());
      await fails(ask(desk));
      expect((await ask(desk)).body.faultcode).toBe(code);
    }
  });
});
