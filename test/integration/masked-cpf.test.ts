// MASK_CPF: every answer a person or a model can get is searched for every CPF that Omie holds.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, it } from 'vitest';
import { onlyDigits } from '../../src/simulator/tax-ids.ts';
import { startHouse, type TestHouse } from '../support/house.ts';

const company_id = 'empresa_001';
const titleTools = ['consultar_contas_pagar_empresa', 'consultar_contas_receber_empresa'];

let house: TestHouse;
afterEach(() => house.close());

/** Sole traders among suppliers too: their CPF is their tax id and stands in their registered name. */
async function openHouse(variables: Record<string, string>): Promise<string[]> {
  house = await startHouse({ variables, titlesPerCompany: 200 });
  const company = house.simulator.store.company(company_id);
  const clients = [...company.clients.values()];
  const donor = clients.find(({ person }) => person)!;
  const supplied = new Set(
    [...company.titles.values()].filter(({ kind }) => kind === 'payable').map(({ clientId }) => clientId),
  );
  const supplier = clients.find(({ id }) => supplied.has(id))!;
  const digits = onlyDigits(donor.taxId);
  supplier.taxId = `${digits.slice(0, 3)}.${digits.slice(3, 6)}.${digits.slice(6, 9)}-${digits.slice(9)}`;
  supplier.legalName = `MARIA PRADO ${digits}`;
  return [...new Set(clients.map(({ taxId }) => onlyDigits(taxId)).filter((taxId) => taxId.length === 11))];
}

/** A CPF of no customer, ways to write it, and one with a wrong digit. */
const nobody = ['529.982.247-25', '529.982.247-26', '52998224726', 52998224725];

/** Every door: each tool in both formats, by CPF and by id, the panel, the prompt, REST. */
async function everything(cpfs: readonly string[]): Promise<string> {
  const seen: unknown[] = [];
  const client = new Client({ name: 'reader', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${house.origin}/mcp`)));
  for (const { name } of (await client.listTools()).tools) {
    const given = name.startsWith('consultar') ? { company_id, registros_por_pagina: 500 } : {};
    seen.push(await client.callTool({ name, arguments: given }));
    if (!titleTools.includes(name)) continue;
    seen.push(await client.callTool({ name, arguments: { ...given, formato: 'detalhado' } }));
    for (const [index, contraparte] of [cpfs[0]!, ...nobody].entries()) {
      // In turns: a company whose questions find nothing too often is held back.
      const asked = { ...given, company_id: index === 0 ? company_id : `empresa_00${1 + (index % 3)}` };
      seen.push(await client.callTool({ name, arguments: { ...asked, contraparte } }));
    }
    seen.push((await house.post(name, { ...given, situacao: 'em_aberto' })).body);
  }
  seen.push(await client.readResource({ uri: `omie://dashboard/${company_id}` }));
  seen.push(await client.readResource({ uri: 'omie://companies' }));
  seen.push(await client.getPrompt({ name: 'financial-analysis', arguments: { company_id } }));
  await client.close();
  return JSON.stringify(seen);
}

const spellings = (cpf: string): string[] => [
  cpf,
  `${cpf.slice(0, 3)}.${cpf.slice(3, 6)}.${cpf.slice(6, 9)}-${cpf.slice(9)}`,
];

describe('MASK_CPF', () => {
  it('lets no CPF of a customer or supplier out through any door', async () => {
    const cpfs = await openHouse({ MASK_CPF: 'true' });
    expect(cpfs.length).toBeGreaterThan(5);
    const seen = await everything(cpfs);
    for (const cpf of [...cpfs, '52998224725', '52998224726'].flatMap(spellings)) expect(seen).not.toContain(cpf);
    expect(seen).toContain(`***.${cpfs[0]!.slice(3, 6)}.${cpfs[0]!.slice(6, 9)}-**`);
    expect(seen).toMatch(/MARIA PRADO \*\*\*\./);
  });

  it('shows them when it is not asked for, as the contract says', async () => {
    const cpfs = await openHouse({});
    const seen = await everything(cpfs);
    expect(cpfs.flatMap(spellings).filter((cpf) => seen.includes(cpf)).length).toBeGreaterThan(5);
    expect(seen).not.toContain('***.');
  });

  it('still finds titles by the whole CPF and by the id, with the same sums', async () => {
    const [cpf = ''] = await openHouse({ MASK_CPF: 'true' });
    const tool = 'consultar_contas_receber_empresa';
    const byCpf = (await house.post(tool, { company_id, contraparte: cpf })).body;
    const books = house.simulator.store.totals(company_id, { kind: 'receivable', counterpartyTaxId: cpf });
    expect(byCpf.totais.quantidade).toBe(books.count);
    expect(Math.round(byCpf.totais.valor * 100)).toBe(books.amount);
    const id = byCpf.resultado.itens[0]?.contraparte.id;
    expect(id).toEqual(expect.any(Number));
    const byId = (await house.post(tool, { company_id, contraparte: id })).body;
    expect(byId.totais.valor).toBeGreaterThan(0);
    expect(byId.filtros.contraparte).toEqual({ tipo: 'id', valor: String(id) });
    expect(byCpf.filtros.contraparte).toEqual({ tipo: 'cpf', valor: `***.${cpf.slice(3, 6)}.${cpf.slice(6, 9)}-**` });
  });
});
