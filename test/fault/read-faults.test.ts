/** Every way a read of Omie can go wrong, once and always. Time runs faster than on the wall. */
import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../../src/errors.ts';
import { listarCategorias } from '../../src/omie/calls/categorias.ts';
import { listarContasPagar } from '../../src/omie/calls/contas-pagar.ts';
import { createOmieClient } from '../../src/omie/client.ts';
import type { OmieClient } from '../../src/omie/omie-client.ts';
import * as faults from '../../src/simulator/faults.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { credentialsOf, fastClock } from '../unit/omie/open-client.ts';
import { badCertificate } from './bad-certificate.ts';

/** A busy machine looks slower by as much: fast only where there is something to wait for. */
const USUAL_SPEED = 5;
const FAST = 20;
const MEGABYTE = 1_048_576;
const PAGE = { number: 1, size: 50 };

let omie: Simulator;
let client: OmieClient;
let clock = fastClock(USUAL_SPEED);
const open: OmieClient[] = [];

beforeAll(async () => {
  omie = await startSimulator({ limits: false, companies: 2, titlesPerCompany: 120 });
});
afterAll(() => omie.close());
afterEach(async () => {
  omie.faults.clear();
  omie.journal.clear();
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const newClient = (baseUrl = omie.url, speed = USUAL_SPEED): OmieClient => {
  clock = fastClock(speed);
  const made = createOmieClient({ baseUrl, clock });
  open.push(made);
  return made;
};
const troubled = () => credentialsOf(omie, 0);
const other = () => credentialsOf(omie, 1);
const read = (company = troubled()) => client.readPage(company, listarContasPagar, {}, PAGE);

interface Failed {
  error: AppError;
  /** Milliseconds on the fast clock. */
  tookMs: number;
}

async function failed(work: () => Promise<unknown>): Promise<Failed> {
  const startedAt = clock.now();
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError) return { error, tookMs: clock.now() - startedAt };
    throw error;
  }
  return expect.fail('it should have failed');
}

interface Expected {
  /** What one occurrence leads to. */
  once: 'passes' | ErrorCode;
  always: ErrorCode;
  /** Requests sent in all when it never stops. */
  attempts: number;
  waitSeconds?: number;
  speed?: number;
}

const unavailable = (attempts: number): Expected => ({ once: 'passes', always: 'omie_indisponivel', attempts });
const final = (code: ErrorCode, waitSeconds?: number): Expected => ({
  once: code,
  always: code,
  attempts: 1,
  ...(waitSeconds !== undefined && { waitSeconds }),
});

const hurried = (expected: Expected): Expected => ({ ...expected, speed: FAST });
const waited = (attempts: number): Expected => hurried({ once: 'passes', always: 'omie_limite', attempts });

const inFuture = (ms: number): string => new Date(clock.now() + ms).toUTCString();

const rows: Record<string, [() => faults.Fault, Expected]> = {
  'reset before headers': [() => faults.resetBeforeHeaders(), unavailable(3)],
  'reset in the middle of the body': [() => faults.resetMidBody(), unavailable(3)],
  'a body shorter than its length': [() => faults.shortLength(), unavailable(3)],
  'truncated JSON': [() => faults.truncatedJson(), unavailable(2)],
  'corrupt gzip': [() => faults.corruptGzip(), unavailable(2)],
  // Slow is waited for: to give up and ask again would be refused as a repeat (test/unit/omie/post.test.ts shows 12 s).
  'headers that never come': [() => faults.slowHeaders(4_000), hurried(final('omie_indisponivel'))],
  'a byte a second': [() => faults.trickle(10), hurried(final('omie_indisponivel'))],
  'HTML with status 200': [() => faults.html200(), unavailable(2)],
  'an empty body': [() => faults.emptyBody(), unavailable(2)],
  'null for a body': [() => faults.scalarBody(null), unavailable(2)],
  'a number for a body': [() => faults.scalarBody(7), unavailable(2)],
  'a text for a body': [() => faults.scalarBody('ok'), unavailable(2)],
  'an array for a body': [() => faults.scalarBody([]), unavailable(2)],
  'an empty object for a body': [() => faults.scalarBody({}), unavailable(2)],
  'an object of another protocol': [() => faults.scalarBody({ jsonrpc: '2.0', result: {} }), unavailable(2)],
  'a list that is no list': [() => faults.scalarBody({ conta_pagar_cadastro: 'x', pagina: 1 }), unavailable(2)],
  '1e400 for an amount': [() => faults.oddNumber('1e400'), unavailable(2)],
  'NaN for an amount': [() => faults.oddNumber('NaN'), unavailable(2)],
  'Latin-1 bytes': [() => faults.latin1(), unavailable(2)],
  'status 500': [() => faults.plain500(500), unavailable(3)],
  'status 502': [() => faults.plain500(502), unavailable(3)],
  'status 504': [() => faults.plain500(504), unavailable(3)],
  'HTML with status 502': [() => faults.htmlError(502), unavailable(3)],
  'HTML with status 503': [() => faults.htmlError(503), unavailable(3)],
  'HTML with status 504': [() => faults.htmlError(504), unavailable(3)],
  'Broken response': [() => faults.brokenResponse(), unavailable(3)],
  '429 without a wait': [() => faults.tooMany(), final('omie_limite', 60)],
  '429 for 5 s': [() => faults.tooMany(5), waited(3)],
  '429 until a date': [() => faults.tooMany(inFuture(6_000)), waited(3)],
  '429 for −5 s': [() => faults.tooMany(-5), waited(3)],
  '429 for a thousand million seconds': [() => faults.tooMany(1_000_000_000), final('omie_limite', 3_600)],
  '429 for garbage': [() => faults.tooMany('soon'), waited(3)],
  '503 for 5 s': [() => faults.unavailable(5), hurried(unavailable(3))],
  '503 for 100 s': [() => faults.unavailable(100), final('omie_indisponivel', 100)],
  '503 for garbage': [() => faults.unavailable('soon'), unavailable(3)],
  'blocked (425)': [() => faults.blocked(1_678), final('omie_bloqueada', 1_678)],
  'redundant for 10 s': [() => faults.redundant(10), { ...waited(2), waitSeconds: 10 }],
  'redundant for a minute': [() => faults.redundant(60), final('omie_limite', 60)],
  'a busy method': [() => faults.lock(), waited(3)],
  'refused keys': [() => faults.authFault(), final('credencial_invalida')],
  'refused keys, the other wording': [() => faults.authFault('Client-101'), final('credencial_invalida')],
  'a body of 200 MB': [() => faults.hugeBody(200 * MEGABYTE), final('omie_indisponivel')],
  'a gzip bomb of 200 MB': [() => faults.gzipBomb(), final('omie_indisponivel')],
};

describe.each(Object.entries(rows))('%s', (_name, [fault, expected]) => {
  it('once', async () => {
    client = newClient(omie.url, expected.speed);
    omie.faults.next('ListarContasPagar', fault(), { company: 'empresa_001' });
    if (expected.once === 'passes') {
      const page = await read();
      expect(page.rows).toHaveLength(50);
      expect(client.stats().retries).toBe(1);
    } else {
      const { error } = await failed(read);
      expectTold(error, expected);
      expect(client.stats().requests).toBe(1);
    }
    expect(omie.faults.pending).toBe(0);
  });

  it('always: told within 30 s, and another company is untouched meanwhile', async () => {
    client = newClient(omie.url, expected.speed);
    omie.faults.always('ListarContasPagar', fault(), { company: 'empresa_001' });
    const trouble = failed(read);
    const peers = Promise.all([read(other()), client.readList(other(), listarCategorias, {})]);
    peers.catch(() => {});
    const { error, tookMs } = await trouble;
    expectTold(error, expected);
    // The deadline, and a quarter of a second for this machine being busy, as the fast clock sees it.
    expect(tookMs).toBeLessThan(30_000 + 250 * (expected.speed ?? USUAL_SPEED));
    expect(client.stats().requests - 2).toBe(expected.attempts);
    const [page, categories] = await peers;
    expect(page.rows).toHaveLength(50);
    expect(categories.complete).toBe(true);
    expect(client.stats().inFlight).toBe(0);
  });
});

function expectTold(error: AppError, { always, waitSeconds }: Expected): void {
  const erro = error.toErro();
  expect(erro.codigo).toBe(always);
  expect(erro.empresa).toBe('empresa_001');
  if (waitSeconds !== undefined) expect(erro.espera_segundos).toBe(waitSeconds);
  expect(erro.tente_novamente).toBe(always !== 'credencial_invalida' && !/20 MB/.test(String(error.cause)));
  const { appKey, appSecret } = troubled();
  expect(erro.mensagem).toContain(troubled().company.nome);
  expect(JSON.stringify(erro)).not.toMatch(/<|at .*\.ts|undici|faultstring|ECONN/);
  expect(JSON.stringify(erro)).not.toContain(appKey.reveal());
  expect(JSON.stringify(erro)).not.toContain(appSecret.reveal());
}

describe('what Omie calls in flight', () => {
  it('is asked again after the hour it names, when that is near', async () => {
    client = newClient(omie.url, FAST);
    const at = new Date(clock.now() + 8_000).toLocaleTimeString('pt-BR', { timeZone: 'America/Sao_Paulo' });
    omie.faults.next('ListarContasPagar', faults.inFlight(at));
    expect((await read()).rows).toHaveLength(50);
  });

  it('is told with its wait when that is far', async () => {
    client = newClient(omie.url, FAST);
    const at = new Date(clock.now() + 600_000).toLocaleTimeString('pt-BR', { timeZone: 'America/Sao_Paulo' });
    omie.faults.next('ListarContasPagar', faults.inFlight(at));
    const { error } = await failed(read);
    expect(error.code).toBe('omie_limite');
    expect(error.toErro().espera_segundos).toBeGreaterThan(500);
    expect(omie.journal.count()).toBe(1);
  });
});

describe('odd JSON that is read safely', () => {
  it.each([
    ['duplicate keys', faults.duplicateKeys()],
    ['__proto__ and constructor', faults.protoKey()],
    ['half a surrogate pair', faults.loneSurrogate()],
    ['the wrong content type', faults.wrongContentType()],
  ])('%s', async (_name, fault) => {
    client = newClient();
    omie.faults.always('ListarContasPagar', fault, { company: 'empresa_001' });
    omie.faults.always('ListarCategorias', fault, { company: 'empresa_001' });
    const page = await read();
    expect(page.rows).toHaveLength(50);
    expect(page.totalRows).toBe(60);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    const categories = await client.readList(troubled(), listarCategorias, {});
    expect(JSON.stringify(categories.rows)).not.toMatch(/\\ud[89a-f]/i);
    expect(categories.complete).toBe(true);
    expect(client.stats().retries).toBe(0);
  });
});

describe('lists that lie', () => {
  it.each([
    ['shrinking pages', faults.shrinkingPage(), false],
    ['empty pages', faults.emptyPage(), false],
    ['the same page again and again', faults.repeatPage(), false],
    ['totals that move', faults.driftingTotals(), false],
    ['1e9 pages', faults.pageCount(1e9), false],
    ['0 pages', faults.pageCount(0), true],
    ['"1" page', faults.pageCount('1'), true],
    ['null pages', faults.pageCount(null), true],
    ['pages left out', faults.pageCount(undefined), true],
    ['−3 pages', faults.pageCount(-3), true],
    ['"many" pages', faults.pageCount('many'), true],
    ['1.5 pages', faults.pageCount(1.5), true],
  ])('%s: never endless, never silently short', async (_name, fault, canBeWhole) => {
    const lying = await startSimulator({ limits: false, companies: 1, titlesPerCompany: canBeWhole ? 150 : 700 });
    const liar = newClient(lying.url);
    try {
      lying.faults.always('ListarContasPagar', fault);
      const reading = await liar.readList(credentialsOf(lying, 0), listarContasPagar, {});
      const ids = new Set(reading.rows.map((row) => row.codigo_lancamento_omie));
      expect(ids.size).toBe(reading.rows.length);
      expect(reading.complete).toBe(canBeWhole);
      if (canBeWhole) expect(reading.rows).toHaveLength(75);
      else expect(reading.reason).toBeDefined();
      expect(lying.journal.count()).toBeLessThanOrEqual(10);
    } finally {
      await lying.close();
    }
  });
});

describe('the server closes an idle connection', () => {
  it('and the next read goes through on a fresh one', async () => {
    client = newClient();
    omie.faults.next('ListarContasPagar', faults.keepAliveRace());
    await read();
    const next = await client.readPage(troubled(), listarContasPagar, {}, { number: 2, size: 50 });
    expect(next.rows).toHaveLength(10);
  });
});

describe('big bodies', () => {
  it('are cut at 20 MB, without filling the memory', async () => {
    client = newClient();
    const before = process.memoryUsage().rss;
    for (const [index, fault] of [faults.hugeBody(200 * MEGABYTE), faults.gzipBomb()].entries()) {
      omie.faults.next('ListarContasPagar', fault);
      await failed(() => client.readPage(troubled(), listarContasPagar, {}, { number: index + 1, size: 50 }));
    }
    // The simulator that makes these bodies lives in this process too.
    expect(process.memoryUsage().rss - before).toBeLessThan(140 * MEGABYTE);
  });
});

describe('no Omie at all', () => {
  it('connection refused: three attempts', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close();
    await once(server, 'close');
    client = newClient(`http://127.0.0.1:${port}/api/v1/`);
    const { error, tookMs } = await failed(read);
    expect(error.toErro()).toMatchObject({ codigo: 'omie_indisponivel', tente_novamente: true });
    expect(client.stats().requests).toBe(3);
    expect(tookMs).toBeLessThan(30_000);
  });

  it('a name that does not resolve: three attempts', async () => {
    client = newClient('http://omie.invalid/api/v1/');
    const { error } = await failed(read);
    expect(error.code).toBe('omie_indisponivel');
    expect(client.stats().requests).toBeLessThanOrEqual(3);
  });

  it('a certificate nobody vouches for: one attempt, and no key leaves', async () => {
    let bytes = 0;
    const server = createTlsServer(badCertificate, (socket) => socket.on('data', (chunk) => (bytes += chunk.length)));
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      client = newClient(`https://127.0.0.1:${port}/api/v1/`);
      const { error } = await failed(read);
      expect(error.toErro()).toMatchObject({ codigo: 'omie_indisponivel', tente_novamente: false });
      expect(error.message).toContain('certificado');
      expect(client.stats().requests).toBe(1);
      expect(bytes).toBe(0);
    } finally {
      server.close();
    }
  });

  it('a path without its slash is a redirect, and is not followed', async () => {
    client = newClient();
    const call = { ...listarContasPagar, path: 'financas/contapagar' };
    const { error } = await failed(() => client.readPage(troubled(), call, {}, PAGE));
    expect(error.code).toBe('omie_indisponivel');
    expect(omie.journal.filter((entry) => entry.outcome !== 'redirect')).toEqual([]);
  });
});
