import { describe, expect, it } from 'vitest';
import type { CompanyCredentials } from '../../../src/companies/company.ts';
import { AppError } from '../../../src/errors.ts';
import { Secret } from '../../../src/logging/secret.ts';
import { listarCategorias } from '../../../src/omie/calls/categorias.ts';
import { listarClientes, listarClientesResumido } from '../../../src/omie/calls/clientes.ts';
import { listarContasCorrentes } from '../../../src/omie/calls/contas-correntes.ts';
import { listarContasPagar } from '../../../src/omie/calls/contas-pagar.ts';
import { listarContasReceber } from '../../../src/omie/calls/contas-receber.ts';
import { listarEmpresas } from '../../../src/omie/calls/empresas.ts';
import { listarMovimentos } from '../../../src/omie/calls/movimentos.ts';
import { createOmieClient } from '../../../src/omie/client.ts';
import { systemClock } from '../../../src/omie/clock.ts';
import type { OmieCall, OmieClient, ReadOptions } from '../../../src/omie/omie-client.ts';
import { readList } from '../../../src/omie/read-list.ts';
import { blocked, brokenResponse, emptyPage, lock, slowHeaders } from '../../../src/simulator/faults.ts';
import { fastClock, openClient } from './open-client.ts';

type Read = (client: OmieClient, company: CompanyCredentials) => Promise<{ rows: readonly unknown[] }>;
const whole =
  <Row>(call: OmieCall<Row>, params = {}): Read =>
  (client, company) =>
    client.readList(company, call, params);

const failure = (work: Promise<unknown>): Promise<AppError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => (error instanceof AppError ? error : expect.fail(String(error))),
  );

describe('readList against the simulator, its limits on', () => {
  const reads: Record<string, Read> = {
    movimentos: whole(listarMovimentos),
    'movimentos a pagar': whole(listarMovimentos, { cTpLancamento: 'CP' }),
    'contas a pagar': whole(listarContasPagar),
    'contas a receber': whole(listarContasReceber),
    categorias: whole(listarCategorias),
    clientes: whole(listarClientes),
    'clientes resumidos': whole(listarClientesResumido),
    empresas: whole(listarEmpresas),
    'contas correntes': whole(listarContasCorrentes),
  };

  it.each(Object.entries(reads))('brings %s whole, and a repeat from memory', async (_name, read) => {
    const { omie, client, company } = await openClient({ limits: {}, titlesPerCompany: 1_500 });
    const { rows, ...reading } = await read(client, company());
    expect(reading).toMatchObject({ complete: true, totalRows: rows.length });
    expect(rows.length).toBeGreaterThan(0);
    expect(omie.journal.filter((entry) => entry.outcome !== 'ok')).toEqual([]);
    const requests = omie.journal.count();
    await Promise.all([read(client, company()), read(client, company())]);
    expect(omie.journal.count()).toBe(requests);
  });

  it('asks many companies at once and never over Omie’s limits', async () => {
    const { omie, client, company } = await openClient({
      limits: {},
      companies: 10,
      titlesPerCompany: 1_200,
      latencyMs: 20,
    });
    const all = Array.from({ length: 10 }, (_, index) =>
      [listarContasPagar, listarContasReceber].map((call) => client.readList(company(index), call, {})),
    );
    const readings = await Promise.all(all.flat());
    expect(readings.every((reading) => reading.complete)).toBe(true);
    expect(omie.journal.filter((entry) => entry.outcome !== 'ok')).toEqual([]);
    const most = Math.max(...omie.journal.entries.map((entry) => entry.inFlight));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('is empty, and remembers it, when there is nothing', async () => {
    const { omie, client, company } = await openClient({ limits: {} });
    const filter = { filtrar_por_emissao_de: '01/01/1990', filtrar_por_emissao_ate: '02/01/1990' };
    for (const call of [listarContasPagar, listarContasReceber]) {
      for (let time = 0; time < 3; time += 1) {
        const reading = await client.readList(company(), call, filter);
        expect(reading).toMatchObject({ rows: [], totalRows: 0, totalPages: 0, complete: true });
      }
      expect(omie.journal.count(call.name)).toBe(1);
    }
  });

  it('names clients by code in one cheap call, entities decoded', async () => {
    const { client, company } = await openClient({ limits: {} });
    const all = await client.readList(company(), listarClientes, {});
    const withAmpersand = all.rows.filter((row) => row.razao_social?.includes('&'));
    expect(withAmpersand.length).toBeGreaterThan(0);
    expect(all.rows.some((row) => /&(amp|quot|#)/.test(`${row.razao_social}${row.nome_fantasia}`))).toBe(false);
    const wanted = withAmpersand.slice(0, 3).map((row) => ({ codigo_cliente_omie: row.codigo_cliente_omie }));
    const named = await client.readList(company(), listarClientesResumido, { clientesPorCodigo: wanted });
    expect(named.rows.map((row) => ({ codigo_cliente_omie: row.codigo_cliente }))).toEqual(wanted);
  });
});

describe('a list of one page that memory holds', () => {
  const opened = async () => {
    let later = 0;
    const clock = { now: () => systemClock.now() + later, after: systemClock.after };
    const { omie, client, company, observed } = await openClient({}, { clock });
    const read = (options?: ReadOptions, credentials = company()) =>
      client.readList(credentials, listarEmpresas, {}, options);
    const first = await read();
    return {
      omie,
      client,
      company,
      observed,
      read,
      first,
      pass: (ms: number) => {
        later += ms;
      },
    };
  };

  it('comes as the rows that are remembered, is reported as a page, counted and observed as a hit', async () => {
    const { client, observed, read, first } = await opened();
    const pages: number[][] = [];
    const again = await read({ onPage: (...page) => pages.push(page) });
    expect(again).toEqual(first);
    expect(again.rows).toBe(first.rows);
    expect(pages).toEqual([[1, 1]]);
    expect(client.stats()).toMatchObject({ requests: 1, cache: { hits: 1, misses: 1, shared: 0 } });
    expect(observed.at(-1)).toMatchObject({ call: 'ListarEmpresas', outcome: 'ok', cached: true });
  });

  it('is not told to one who has cancelled, nor after the close', async () => {
    const { client, read } = await opened();
    expect((await failure(read({ signal: AbortSignal.abort() }))).code).toBe('cancelado');
    await client.close();
    expect((await failure(read())).code).toBe('cancelado');
  });

  it('is asked again when its minute is over or its keys are others', async () => {
    const { omie, company, read, first, pass } = await opened();
    pass(61_000);
    const fresh = await read();
    expect(fresh.rows).not.toBe(first.rows);
    const rekeyed = { ...company(1), company: company().company };
    expect((await read({}, rekeyed)).rows).not.toEqual(fresh.rows);
    expect(omie.journal.count()).toBe(3);
  });

  it('is not told to another secret of the application, a wrong one maybe', async () => {
    const { omie, company, read } = await opened();
    const wrong = { ...company(), appSecret: new Secret('0'.repeat(32)) };
    expect((await failure(read({}, wrong))).code).toBe('credencial_invalida');
    expect(omie.journal.count()).toBe(2);
  });
});

describe('readPage', () => {
  it('gives the page as the server cuts it', async () => {
    const { client, company } = await openClient({ titlesPerCompany: 500 });
    const page = await client.readPage(company(), listarContasPagar, {}, { number: 2, size: 50 });
    expect(page).toMatchObject({ totalRows: 250, totalPages: 5, pagesRead: 1, complete: false });
    expect(page.rows).toHaveLength(50);
    const past = await client.readPage(company(), listarContasPagar, {}, { number: 9, size: 50 });
    expect(past.rows).toEqual([]);
    const beyond = await client.readPage(company(), listarEmpresas, {}, { number: 2, size: 50 });
    expect(beyond.rows).toEqual([]);
  });
});

describe('read only', () => {
  it.each(['IncluirContaPagar', 'LancarPagamento', 'ExcluirCliente', 'UpsertCliente', 'listarMovimentos', ''])(
    'refuses %j before a socket opens',
    async (name) => {
      const { omie, client, company } = await openClient();
      const call = { ...listarContasPagar, name };
      expect((await failure(client.readList(company(), call, {}))).code).toBe('erro_interno');
      expect((await failure(client.readPage(company(), call, {}, { number: 1, size: 1 }))).code).toBe('erro_interno');
      expect(omie.journal.count()).toBe(0);
      expect(client.stats().requests).toBe(0);
    },
  );

  it('lists names that read, and no others', () => {
    for (const name of readList) expect(name).toMatch(/^(Listar|Consultar|Pesquisar)[A-Z]/);
  });
});

describe('limits met on the way', () => {
  it('blocked: not one further call until the countdown ends; other methods and companies go on', async () => {
    const { omie, client, company } = await openClient();
    omie.faults.next('ListarContasPagar', blocked(1_678));
    const first = await failure(client.readList(company(), listarContasPagar, {}));
    expect(first.toErro()).toMatchObject({
      codigo: 'omie_bloqueada',
      tente_novamente: true,
      espera_segundos: 1_678,
      empresa: 'empresa_001',
    });
    const again = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        failure(client.readList(company(), listarContasPagar, { filtrar_cliente: index + 1 })),
      ),
    );
    expect(again.every((error) => error.code === 'omie_bloqueada')).toBe(true);
    expect(omie.journal.count('ListarContasPagar')).toBe(1);
    expect(client.stats().openBreakers).toBe(1);
    await client.readList(company(), listarContasReceber, {});
    await client.readList(company(1), listarContasPagar, {});
  });

  it('a method that takes one call at a time costs one refusal', async () => {
    const { omie, client, company } = await openClient(
      {
        limits: { concurrency: 1, redundancyMs: false, perMethodPerMinute: false },
        titlesPerCompany: 4_000,
        latencyMs: 5,
      },
      { clock: fastClock(2) },
    );
    const reading = await client.readList(company(), listarContasPagar, {});
    expect(reading).toMatchObject({ complete: true, totalRows: 2_000 });
    const refused = omie.journal.filter((entry) => entry.outcome === 'LOCK');
    expect(refused.length).toBeLessThanOrEqual(1);
  });

  it('a lock is waited out, 3 s and then 10 s', async () => {
    const { omie, client, company } = await openClient({}, { clock: fastClock(20) });
    omie.faults.next('ListarContasPagar', lock(), { times: 2 });
    const reading = await client.readList(company(), listarContasPagar, {});
    expect(reading.complete).toBe(true);
    expect(client.stats().retries).toBe(2);
  });

  it('too heavy a page: half the size, remembered', async () => {
    const { omie, client, company } = await openClient({ titlesPerCompany: 2_000 });
    omie.faults.next('ListarMovimentos', brokenResponse(), { times: 2 });
    const reading = await client.readList(company(), listarMovimentos, { cTpLancamento: 'CP' });
    expect(reading).toMatchObject({ complete: true, totalRows: 1_000 });
    const sizes = omie.journal.entries.map((entry) => Object(entry.param)['nRegPorPagina']);
    expect(sizes.slice(0, 3)).toEqual([500, 250, 125]);
    await client.readList(company(), listarMovimentos, { cTpLancamento: 'CR' });
    expect(Object(omie.journal.entries.at(-1)?.param)['nRegPorPagina']).toBe(125);
  });

  it('the smaller pages are asked after a moment, not at once', async () => {
    const { omie, client, company } = await openClient({ titlesPerCompany: 100 }, { random: () => 0 });
    omie.faults.next('ListarMovimentos', brokenResponse());
    const startedAt = performance.now();
    await client.readList(company(), listarMovimentos, { cTpLancamento: 'CP' });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(245);
  });

  it('an outage costs at most a tenth more calls, and then none', async () => {
    const { omie, client, company } = await openClient({}, { clock: fastClock(20) });
    omie.faults.always('*', brokenResponse(), { company: 'empresa_001' });
    let failed = 0;
    for (let index = 0; index < 60; index += 1) {
      const error = await failure(
        client.readPage(company(), listarContasPagar, { filtrar_cliente: index + 1 }, { number: 1, size: 50 }),
      );
      expect(error.code).toBe('omie_indisponivel');
      failed += 1;
    }
    expect(omie.journal.count()).toBeLessThanOrEqual(failed * 1.1 + 10);
    expect((await client.readList(company(1), listarContasPagar, {})).complete).toBe(true);
  });

  it('a list longer than 30 s of a slow Omie ends there, short and said', async () => {
    let later = 0;
    const clock = { now: () => systemClock.now() + later, after: systemClock.after };
    const { omie, client, company } = await openClient({ titlesPerCompany: 10_000 }, { clock });
    // Half a minute goes by while the third page is on its way.
    const onPage = (read: number): void => {
      if (read === 3) later = 30_000;
    };
    const reading = await client.readList(company(), listarContasPagar, {}, { onPage });
    expect(reading).toMatchObject({ complete: false, reason: 'tempo_esgotado', totalRows: 5_000 });
    expect(reading.rows.length).toBeGreaterThanOrEqual(100);
    expect(client.stats()).toMatchObject({ openBreakers: 0, inFlight: 0, queued: 0 });
    const requests = omie.journal.count();
    const due = await failure(client.readList(company(), listarContasReceber, {}, { timeoutMs: 0 }));
    expect(due.toErro()).toMatchObject({ codigo: 'omie_limite', tente_novamente: true });
    expect(omie.journal.count()).toBe(requests);
  });

  it('an empty page in the middle ends the walk and is told', async () => {
    const { omie, client, company } = await openClient({ titlesPerCompany: 1_000 });
    await client.readPage(company(), listarContasPagar, {}, { number: 1, size: 100 });
    omie.faults.next('ListarContasPagar', emptyPage());
    const reading = await client.readList(company(), listarContasPagar, {});
    expect(reading).toMatchObject({ complete: false, reason: 'pagina_vazia' });
  });
});

describe('cancelling', () => {
  it('reaches the socket, and leaves others who asked the same', async () => {
    const { omie, client, company } = await openClient();
    omie.faults.next('ListarContasPagar', slowHeaders(300));
    const abort = new AbortController();
    const page = { number: 1, size: 50 };
    const given = failure(client.readPage(company(), listarContasPagar, {}, page, { signal: abort.signal }));
    const kept = client.readPage(company(), listarContasPagar, {}, page);
    setTimeout(() => abort.abort(), 50);
    expect((await given).code).toBe('cancelado');
    expect((await kept).rows).toHaveLength(50);
    expect(omie.journal.count()).toBe(1);
    expect(client.stats().cache.shared).toBe(1);
  });

  it('close ends what is under way and starts nothing more', async () => {
    const { omie, client, company } = await openClient();
    omie.faults.next('ListarContasPagar', slowHeaders(5_000));
    const cut = failure(client.readList(company(), listarContasPagar, {}));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await client.close();
    expect((await cut).code).toBe('cancelado');
    expect((await failure(client.check(company()))).code).toBe('cancelado');
    expect(client.stats().inFlight).toBe(0);
  });
});

describe('a company that leaves the file and comes back, or has a new secret', () => {
  const reread = (client: OmieClient, company: CompanyCredentials) => {
    client.forget(company.company.id);
    return client.readList(company, listarCategorias, {});
  };

  it('with the same keys is answered from the minute before: Omie would refuse the same question', async () => {
    const { omie, client, company } = await openClient({ limits: {} });
    const before = await client.readList(company(), listarCategorias, {});
    const requests = omie.journal.count();
    expect((await reread(client, company())).rows).toEqual(before.rows);
    expect(omie.journal.count()).toBe(requests);
  });

  it('with a new secret is shown nothing of the minute before: Omie is asked, and says how long it refuses the same question', async () => {
    const { omie, client, company } = await openClient({ limits: {} });
    await client.readList(company(), listarCategorias, {});
    const renewed = { ...company(), appSecret: new Secret('f'.repeat(32)) };
    expect((await failure(reread(client, renewed))).code).toBe('credencial_invalida');
    Object.assign(omie.companies[0]!, { appSecret: 'f'.repeat(32) });
    expect((await failure(reread(client, renewed))).code).toBe('omie_limite');
    expect(omie.journal.filter(({ outcome }) => outcome === 'ok')).toHaveLength(1);
    expect((await client.readList(renewed, listarContasPagar, {})).complete).toBe(true);
  });

  it('waits for the end of a block, whatever its keys are now', async () => {
    const { omie, client, company } = await openClient();
    omie.faults.next('ListarCategorias', blocked(1_678));
    expect((await failure(client.readList(company(), listarCategorias, {}))).code).toBe('omie_bloqueada');
    for (const credentials of [company(), { ...company(), appSecret: new Secret('f'.repeat(32)) }]) {
      const error = await failure(reread(client, credentials));
      expect(error.toErro()).toMatchObject({ codigo: 'omie_bloqueada', espera_segundos: expect.closeTo(1_678, -2) });
    }
    expect(omie.journal.count()).toBe(1);
  });
});

describe('check, forget and what is observed', () => {
  it('proves the keys; refused ones rest for a minute or until forgotten', async () => {
    const { omie, client, company } = await openClient();
    await client.check(company());
    const wrong = { ...company(1), appSecret: new Secret('0'.repeat(32)) };
    const error = await failure(client.check(wrong));
    expect(error.toErro()).toMatchObject({
      codigo: 'credencial_invalida',
      tente_novamente: false,
      empresa: 'empresa_002',
    });
    const requests = omie.journal.count();
    expect((await failure(client.readList(wrong, listarContasPagar, {}))).code).toBe('credencial_invalida');
    expect(omie.journal.count()).toBe(requests);
    client.forget('empresa_002');
    await client.check(company(1));
    await client.readList(company(), listarContasPagar, {});
  });

  it('is content when Omie says that it was asked a moment ago: it says so to good keys alone', async () => {
    const { omie, client, company } = await openClient({ limits: {} });
    await client.check(company());
    const next = createOmieClient({ baseUrl: omie.url });
    await next.check(company(), { timeoutMs: 10_000 });
    expect(omie.journal.filter(({ outcome }) => outcome !== 'ok')).toHaveLength(1);
    const wrong = { ...company(), appSecret: new Secret('0'.repeat(32)) };
    expect((await failure(next.check(wrong))).code).toBe('credencial_invalida');
    await next.close();
  });

  it('tells what happened to each page, and never a key', async () => {
    const { omie, client, company, observed } = await openClient();
    await client.check(company());
    await client.check(company());
    omie.faults.next('ListarContasPagar', blocked());
    await failure(client.readList(company(), listarContasPagar, {}));
    expect(observed.map(({ ms, ...rest }) => rest)).toEqual([
      { call: 'ListarEmpresas', companyId: 'empresa_001', outcome: 'ok', attempts: 1, cached: false },
      { call: 'ListarEmpresas', companyId: 'empresa_001', outcome: 'ok', attempts: 0, cached: true },
      { call: 'ListarContasPagar', companyId: 'empresa_001', outcome: 'blocked', attempts: 1, cached: false },
    ]);
    expect(client.stats()).toMatchObject({ requests: 2, cache: { hits: 1, misses: 2, shared: 0 }, queued: 0 });
  });
});
