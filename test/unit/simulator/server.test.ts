import { describe, expect, it } from 'vitest';
import { findCall, serviceOf } from '../../../src/simulator/calls/catalog.ts';
import { brokenResponse } from '../../../src/simulator/faults.ts';
import { startSimulator } from '../../../src/simulator/server.ts';
import { type Answer, openOmie } from './open-omie.ts';

describe('the simulator', () => {
  it('writes a credentials file in the shape the server reads', async () => {
    const { omie } = await openOmie({ companies: 2, rateLimit: 60 });
    expect(omie.credentialsFile()).toEqual({
      empresa_001: {
        app_key: omie.companies[0]?.appKey,
        app_secret: omie.companies[0]?.appSecret,
        nome: 'Empresa Alpha LTDA',
        cnpj: omie.companies[0]?.cnpj,
        ambiente: 'producao',
        rate_limit: 60,
        grupos: ['holding'],
      },
      empresa_002: expect.objectContaining({ nome: 'Alvorada Distribuidora de Alimentos LTDA', grupos: ['holding'] }),
    });
  });

  it('keeps a journal of what came and how it ended', async () => {
    const { omie, post } = await openOmie();
    omie.faults.next('ListarMovimentos', brokenResponse());
    await post('ListarMovimentos', { nPagina: 1 });
    await post('ListarMovimentos', { nPagina: 1 }, { company: 1 });
    await post('ListarContasPagar', { pagina: 99 });
    await post('ListarContasPagar', { pagina: 1 }, { appKey: '42' });
    await fetch(omie.url.slice(0, -1));
    const entries = omie.journal.entries.map(({ call, companyId, outcome, faultcode, status, param }) => ({
      call,
      companyId,
      outcome,
      faultcode,
      status,
      param,
    }));
    expect(entries).toMatchInlineSnapshot(`
      [
        {
          "call": "ListarMovimentos",
          "companyId": "empresa_001",
          "faultcode": undefined,
          "outcome": "brokenResponse",
          "param": {
            "nPagina": 1,
          },
          "status": 500,
        },
        {
          "call": "ListarMovimentos",
          "companyId": "empresa_002",
          "faultcode": undefined,
          "outcome": "ok",
          "param": {
            "nPagina": 1,
          },
          "status": 200,
        },
        {
          "call": "ListarContasPagar",
          "companyId": "empresa_001",
          "faultcode": "SOAP-ENV:Client-5113",
          "outcome": "EMPTY",
          "param": {
            "pagina": 99,
          },
          "status": 500,
        },
        {
          "call": "ListarContasPagar",
          "companyId": undefined,
          "faultcode": "SOAP-ENV:Server",
          "outcome": "AUTH",
          "param": {
            "pagina": 1,
          },
          "status": 403,
        },
        {
          "call": undefined,
          "companyId": undefined,
          "faultcode": undefined,
          "outcome": "redirect",
          "param": undefined,
          "status": 301,
        },
        {
          "call": undefined,
          "companyId": undefined,
          "faultcode": undefined,
          "outcome": "html",
          "param": undefined,
          "status": 404,
        },
      ]
    `);
    expect([omie.journal.count(), omie.journal.count('ListarMovimentos'), omie.journal.count('ListarExtrato')]).toEqual(
      [6, 2, 0],
    );
    expect([...omie.journal].length).toBe(6);
    expect(omie.journal.filter((entry) => entry.companyId === 'empresa_002')).toHaveLength(1);
    omie.journal.clear();
    expect(omie.journal.count()).toBe(0);
  });

  it('keeps companies apart: the same id is another title for another key', async () => {
    const { post, omie } = await openOmie();
    const id = [...omie.store.company('empresa_001').titles.keys()].find((one) =>
      omie.store.company('empresa_002').titles.has(one),
    );
    const rows = await Promise.all(
      [0, 1].map(
        async (company) => (await post('ConsultarContaPagar', { codigo_lancamento_omie: id }, { company })).body,
      ),
    );
    expect(rows[0].codigo_lancamento_omie).toBe(rows[1].codigo_lancamento_omie);
    expect(rows[0].id_conta_corrente).not.toBe(rows[1].id_conta_corrente);
  });

  it('reset brings the seed back', async () => {
    const { omie, post } = await openOmie();
    const total = async () => (await post('ListarContasPagar', { pagina: 1 })).body.total_de_registros;
    const before = await total();
    omie.store.company('empresa_001').titles.clear();
    omie.store.company('empresa_001').touch();
    expect(await total()).toBeUndefined();
    omie.reset();
    expect(await total()).toBe(before);
  });

  it('listens where told, and several at once do not mix', async () => {
    const first = await startSimulator({ seed: 7 });
    const second = await startSimulator({ seed: 7, host: 'localhost' });
    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/$/);
    expect(second.url).toMatch(/^http:\/\/localhost:/);
    expect(second.companies).toEqual(first.companies);
    await expect(startSimulator({ port: first.port })).rejects.toThrow(/EADDRINUSE/);
    await first.close();
    await second.close();
    await expect(fetch(first.url)).rejects.toThrow();
  });

  it('refuses oversized bodies', async () => {
    const { omie } = await openOmie();
    const reply = await fetch(`${omie.url}financas/mf/`, { method: 'POST', body: 'x'.repeat(5_000_000) }).catch(
      (error) => error,
    );
    expect(reply.status ?? 413).toBe(413);
  });

  it('knows each call once, under its own service', () => {
    expect(serviceOf.size).toBeGreaterThan(60);
    for (const [name, service] of serviceOf) expect(findCall(service, name)?.name).toBe(name);
    const writes = [...serviceOf]
      .filter(([name, service]) => !(findCall(service, name) as Answer).read)
      .map(([name]) => name);
    expect(writes.filter((name) => /^(Listar|Consulta|Obter|Pesquisar)/.test(name))).toEqual([]);
    expect(writes).toContain('LancarPagamento');
  });
});
