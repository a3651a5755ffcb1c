import { describe, expect, it } from 'vitest';
import type { CompanyCredentials } from '../../../src/companies/company.ts';
import { listarCategorias } from '../../../src/omie/calls/categorias.ts';
import { listarClientes, listarClientesResumido } from '../../../src/omie/calls/clientes.ts';
import { listarContasCorrentes } from '../../../src/omie/calls/contas-correntes.ts';
import { listarContasPagar } from '../../../src/omie/calls/contas-pagar.ts';
import { listarContasReceber } from '../../../src/omie/calls/contas-receber.ts';
import { listarEmpresas } from '../../../src/omie/calls/empresas.ts';
import { listarMovimentos } from '../../../src/omie/calls/movimentos.ts';
import type { OmieClient } from '../../../src/omie/omie-client.ts';
import { openClient } from './open-client.ts';

describe('readList against the simulator, its limits on', () => {
  const calls = {
    movimentos: (company: CompanyCredentials, client: OmieClient) => client.readList(company, listarMovimentos, {}),
    'movimentos a pagar': (company: CompanyCredentials, client: OmieClient) =>
      client.readList(company, listarMovimentos, { cTpLancamento: 'CP' }),
    'contas a pagar': (company: CompanyCredentials, client: OmieClient) =>
      client.readList(company, listarContasPagar, {}),
    'contas a receber': (company: CompanyCredentials, client: OmieClient) =>
      client.readList(company, listarContasReceber, {}),
    categorias: (company: CompanyCredentials, client: OmieClient) => client.readList(company, listarCategorias, {}),
    clientes: (company: CompanyCredentials, client: OmieClient) => client.readList(company, listarClientes, {}),
    'clientes resumidos': (company: CompanyCredentials, client: OmieClient) =>
      client.readList(company, listarClientesResumido, {}),
    empresas: (company: CompanyCredentials, client: OmieClient) => client.readList(company, listarEmpresas, {}),
    'contas correntes': (company: CompanyCredentials, client: OmieClient) =>
      client.readList(company, listarContasCorrentes, {}),
  };
  it.each(Object.entries(calls))('brings %s whole', async (_name, read) => {
    const { omie, client, company } = await openClient({ limits: {}, titlesPerCompany: 1_500 });
    const { rows, ...reading } = await read(company(), client);
    expect(reading).toMatchObject({ complete: true, totalRows: rows.length });
    expect(rows.length).toBeGreaterThan(0);
    expect(omie.journal.filter((entry) => entry.outcome !== 'ok')).toEqual([]);
  });
});
