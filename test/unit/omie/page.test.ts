import { describe, expect, it } from 'vitest';
import { listarCategorias } from '../../../src/omie/calls/categorias.ts';
import { listarContasPagar } from '../../../src/omie/calls/contas-pagar.ts';
import { listarEmpresas } from '../../../src/omie/calls/empresas.ts';
import { listarMovimentos } from '../../../src/omie/calls/movimentos.ts';
import { OmieFault } from '../../../src/omie/faults.ts';
import { pageParams, readPageReply } from '../../../src/omie/page.ts';
import { PageSizes } from '../../../src/omie/page-size.ts';
import { repairText } from '../../../src/omie/tidy.ts';
import { manualClock } from './manual-clock.ts';

const read = (text: string, status = 200) =>
  readPageReply({ status, text, retryAfter: undefined }, listarContasPagar, 7);
const list = (rows: string, counters = '"pagina":1,"total_de_paginas":1,"total_de_registros":1') =>
  `{${counters},"conta_pagar_cadastro":[${rows}]}`;
const kindOf = (work: () => unknown): string => {
  try {
    work();
    return 'no failure';
  } catch (error) {
    return error instanceof OmieFault ? error.kind : String(error);
  }
};

describe('readPageReply', () => {
  it('keeps the fields we know, whatever type their value has, and drops the rest', () => {
    const row = '{"codigo_lancamento_omie":"41","valor_documento":"1250.50","numero_parcela":1,"zzz":{"a":1}}';
    expect(read(list(row)).rows).toEqual([
      { codigo_lancamento_omie: 41, valor_documento: 1250.5, numero_parcela: '1' },
    ]);
    const company = readPageReply(
      { status: 200, text: '{"empresas_cadastro":[{"codigo_empresa":12}]}', retryAfter: undefined },
      listarEmpresas,
      0,
    );
    expect(company.rows).toEqual([{ codigo_empresa: '12' }]);
  });

  it('takes null and empty text for a number left out', () => {
    const row = '{"codigo_projeto":null,"categorias":null,"codigo_cliente_fornecedor":"","data_emissao":""}';
    const [title] = read(list(row)).rows;
    expect(title).toEqual({ codigo_cliente_fornecedor: undefined, data_emissao: '' });
  });

  it('decodes entities once and replaces half pairs, escaped or not', () => {
    const row = '{"numero_documento":"A \\u0026amp; B &quot;x&quot; &amp;lt; \\ud83d\\ude00 \\ud800."}';
    expect(read(list(row)).rows[0]?.numero_documento).toBe('A & B "x" &lt; 😀 \ufffd.');
    expect(repairText('R&D A&copy')).toBe('R&D A&copy');
  });

  it('reads counters given as text, and none from nonsense', () => {
    const counters = (pages: string) => read(list('', `"total_de_paginas":${pages},"total_de_registros":"12"`));
    expect(counters('"3"')).toMatchObject({ totalPages: 3, totalRows: 12 });
    for (const nonsense of ['null', '-1', '1.5', '"x"', '[]', '1e400'])
      expect(counters(nonsense).totalPages).toBeUndefined();
  });

  it.each([
    ['', 200],
    ['null', 200],
    ['[]', 200],
    ['"x"', 200],
    ['{}', 200],
    ['{"conta_pagar_cadastro":{}}', 200],
    [list('{"valor_documento":1e400}'), 200],
    [list('{"valor_documento":"1.250,50"}'), 200],
    [list('{"valor_documento":{}}'), 200],
    [list('7'), 200],
    ['<html>', 200],
    ['<html>', 301],
  ])('%s with status %i is a bad response', (text, status) => {
    expect(kindOf(() => read(text, status))).toBe('bad-response');
  });

  it('survives ten thousand levels', () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    expect(read(list(`{"zzz":${deep},"codigo_projeto":null}`)).rows).toEqual([{}]);
  });

  it('reads the page of a reply even under an odd status, and the no-records fault as an absent page', () => {
    expect(
      read('{"faultstring":"ERROR: Não existem registros para a página [1]!","faultcode":"SOAP-ENV:Client-5113"}', 500),
    ).toMatchObject({ rows: [], absent: true, totalRows: 0 });
    expect(kindOf(() => read(list('{}'), 500))).toBe('server');
  });

  it('tells a title from the settlements that carry its id', () => {
    const text =
      '{"movimentos":[{"detalhes":{"nCodTitulo":1,"cGrupo":"CONTA_A_PAGAR"}},{"detalhes":{"nCodTitulo":1,"cGrupo":"CONTA_CORRENTE_PAG","nCodBaixa":9}},{}]}';
    const { rows } = readPageReply({ status: 200, text, retryAfter: undefined }, listarMovimentos, 0);
    const ids = rows.map(listarMovimentos.idOf);
    expect(new Set(ids).size).toBe(3);
    expect(ids[2]).toBeUndefined();
  });

  it('speaks both dialects', () => {
    expect(pageParams(listarMovimentos, { cNatureza: 'P' }, { number: 2, size: 500 })).toEqual({
      cNatureza: 'P',
      nPagina: 2,
      nRegPorPagina: 500,
    });
    expect(pageParams(listarCategorias, {}, { number: 2, size: 50 })).toEqual({ pagina: 2, registros_por_pagina: 50 });
  });
});

describe('PageSizes', () => {
  it('starts at what each list takes', () => {
    const sizes = new PageSizes(manualClock());
    expect(sizes.sizeFor('k', listarContasPagar, {})).toBe(100);
    expect(sizes.sizeFor('k', listarMovimentos, { cOrdenarPor: 'CODIGO', cStatus: undefined })).toBe(200);
    expect(sizes.sizeFor('k', listarMovimentos, { cTpLancamento: 'CP' })).toBe(500);
  });

  it('halves, remembers per application, and grows back after a while', async () => {
    const clock = manualClock();
    const sizes = new PageSizes(clock);
    const size = (key = 'k') => sizes.sizeFor(key, listarMovimentos, { cTpLancamento: 'CP' });
    expect(sizes.halve('k', listarMovimentos, 500)).toBe(250);
    expect(sizes.halve('k', listarMovimentos, 250)).toBe(125);
    expect(size()).toBe(125);
    expect(size('k2')).toBe(500);
    await clock.advance(600_000);
    expect(size()).toBe(250);
    await clock.advance(600_000);
    expect(size()).toBe(500);
    expect(sizes.halve('k', listarMovimentos, 25)).toBeUndefined();
  });
});
