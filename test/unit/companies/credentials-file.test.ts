import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAX_FILE_BYTES } from '../../../src/files/decode-text.ts';
import { CANARY, entry, file, parse, problemsOf, setOf } from './credential-files.ts';

describe('a good credentials file', () => {
  it('gives companies, keys and defaults', () => {
    const { content: set, warnings } = setOf({
      a: entry(1),
      b: entry(2, { ambiente: 'sandbox', rate_limit: 60, grupos: ['holding', 'holding'] }),
    });
    expect(warnings).toEqual([]);
    expect(set.companies.get('a')?.company).toEqual({
      id: 'a',
      nome: 'Empresa 1 LTDA',
      cnpj: '00.000.001/0001-36',
      ambiente: 'producao',
      grupos: [],
    });
    expect(set.companies.get('b')?.company).toMatchObject({
      ambiente: 'sandbox',
      rateLimitPerMinute: 60,
      grupos: ['holding'],
    });
    expect(set.companies.get('a')?.appKey.reveal()).toBe(`${CANARY}-chave-1`);
    expect(set.companies.get('a')?.appSecret.reveal()).toBe(`${CANARY}-par-1`);
  });

  it('shows no key when printed', () => {
    expect(JSON.stringify([...setOf(file(2)).content.companies])).not.toContain(CANARY);
  });

  it('may start with one BOM and end its lines with CRLF', () => {
    const text = JSON.stringify(file(2), null, 2).replaceAll('\n', '\r\n');
    expect(setOf(`\uFEFF${text}`).content.companies.size).toBe(2);
    expect(problemsOf(`\uFEFF\uFEFF${text}`)).toEqual(['credentials.json:1:1: JSON inválido: caractere inesperado']);
  });

  it('may hold a CNPJ with letters', () => {
    const { content: set, warnings } = setOf({ a: entry(1, { cnpj: '12.abc.345/01de-35' }) });
    expect(set.companies.get('a')?.company.cnpj).toBe('12.ABC.345/01DE-35');
    expect(warnings).toEqual([]);
  });

  it('is what credentials.example.json is: every company waits for its variables', () => {
    const example = readFileSync(new URL('../../../credentials.example.json', import.meta.url));
    const { content: set, warnings } = setOf(example);
    expect(warnings).toEqual([]);
    expect([...set.disabled.keys()]).toEqual(['empresa_001', 'empresa_002', 'empresa_003']);
    const names = [1, 2, 3].flatMap((n) => [`OMIE_EMPRESA_00${n}_APP_KEY`, `OMIE_EMPRESA_00${n}_APP_SECRET`]);
    expect(
      setOf(example, Object.fromEntries(names.map((name) => [name, `valor-${name}`]))).content.companies.size,
    ).toBe(3);
  });
});

describe('warnings', () => {
  it('names unknown keys, wrong check digits, shared nome and CNPJ, and shows no value', () => {
    const { warnings } = setOf({
      a: entry(1, { app_keyy: `${CANARY}-x`, cnpj: '12.345.678/0001-90' }),
      b: entry(2, { nome: ' empresa  1 ltda', cnpj: '12345678000190' }),
    });
    expect(warnings).toEqual([
      'credentials.json: a.app_keyy: chave desconhecida, ignorada',
      'credentials.json: a.cnpj: os dígitos verificadores não conferem',
      'credentials.json: b.cnpj: os dígitos verificadores não conferem',
      'credentials.json: b.nome: repete o nome de "a"; use o id para distinguir',
      'credentials.json: b.cnpj: repete o CNPJ de "a"; use o id para distinguir',
    ]);
  });
});

describe('a bad credentials file', () => {
  it.each([
    ['empty', '', 'credentials.json: o arquivo está vazio'],
    ['blank', ' \n', 'credentials.json: o arquivo está vazio'],
    ['only a BOM', '\uFEFF', 'credentials.json: o arquivo está vazio'],
    ['a list', '[]', 'credentials.json: o conteúdo deve ser um objeto { "id_da_empresa": { … } }'],
    ['null', 'null', 'credentials.json: o conteúdo deve ser um objeto { "id_da_empresa": { … } }'],
    ['without companies', '{}', 'credentials.json: o arquivo não tem nenhuma empresa'],
    [
      'flat',
      `{"app_key": "${CANARY}"}`,
      'credentials.json: app_key: deve ser um objeto com app_key, app_secret, nome e cnpj',
    ],
    [
      'UTF-16 LE with BOM',
      Buffer.from('\uFEFF{"a":1}', 'utf16le'),
      'credentials.json: o arquivo está em UTF-16; salve-o como UTF-8',
    ],
    ['UTF-16 LE', Buffer.from('{"a":1}', 'utf16le'), 'credentials.json: o arquivo está em UTF-16; salve-o como UTF-8'],
    [
      'UTF-16 BE',
      Buffer.from('{"a":1}', 'utf16le').swap16(),
      'credentials.json: o arquivo está em UTF-16; salve-o como UTF-8',
    ],
    [
      'Latin-1',
      Buffer.from('{"é":1}', 'latin1'),
      'credentials.json: o arquivo não é texto UTF-8 válido (ou foi cortado no meio)',
    ],
    [
      'with more companies than anybody has',
      JSON.stringify(Object.fromEntries(Array.from({ length: 10_001 }, (_, n) => [`e${n}`, {}]))),
      'credentials.json: tem 10001 empresas; o limite é 10000',
    ],
    ['too big', new Uint8Array(MAX_FILE_BYTES + 1), 'credentials.json: o arquivo passa de 50 MB'],
    [
      'with a trailing comma',
      `{"a": {\n  "app_key": "${CANARY}",\n}}`,
      'credentials.json:2:31: JSON inválido: vírgula sobrando',
    ],
    ['with two equal ids', '{"a": {},\n "a": {}}', 'credentials.json:2:2: a: chave repetida'],
    [
      'with a key twice in a company',
      `{"a": {"app_key": "${CANARY}", "app_key": "x"}}`,
      'credentials.json:1:38: a.app_key: chave repetida',
    ],
  ])('%s', (_name, content, problem) => {
    expect(problemsOf(content)).toEqual([problem]);
  });

  it('lists every problem with its path and no value', () => {
    const problems = problemsOf({
      a: entry(1, { app_key: '   ', app_secret: 'SUBSTITUA_PELO_SEGREDO', cnpj: '123' }),
      b: { app_key: 12345678, app_secret: '…', nome: '', cnpj: CANARY, ambiente: CANARY, rate_limit: 961, grupos: [1] },
      c: entry(3, { rate_limit: 1.5, grupos: CANARY }),
      d: entry(4, { rate_limit: 0 }),
      e: CANARY,
    });
    const rate = 'deve ser um número inteiro de 1 a 960 (requisições por minuto)';
    const blank = 'está em branco ou ainda com o valor de exemplo';
    expect(problems.map((line) => line.replace('credentials.json: ', ''))).toEqual([
      `a.app_key: ${blank}`,
      `a.app_secret: ${blank}`,
      'a.cnpj: deve ter os 14 dígitos de um CNPJ',
      'b.app_key: deve ser um texto',
      `b.app_secret: ${blank}`,
      'b.nome: está em branco',
      'b.cnpj: deve ter os 14 dígitos de um CNPJ',
      'b.ambiente: deve ser "producao" ou "sandbox"',
      `b.rate_limit: ${rate}`,
      'b.grupos[0]: deve ser um texto',
      `c.rate_limit: ${rate}`,
      'c.grupos: deve ser uma lista de textos',
      `d.rate_limit: ${rate}`,
      'e: deve ser um objeto com app_key, app_secret, nome e cnpj',
    ]);
    expect(problems.join()).not.toContain(CANARY);
  });

  it('misses what is missing by name', () => {
    expect(problemsOf({ a: {} })).toEqual(
      ['app_key', 'app_secret', 'nome', 'cnpj'].map((key) => `credentials.json: a.${key}: falta este campo`),
    );
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '../x', 'a b', '', 'é', '.a', 'x'.repeat(65)])(
    'refuses the id %j',
    (id) => {
      const text = `{${JSON.stringify(id)}: ${JSON.stringify(entry(1, { isAdmin: true }))}}`;
      expect(problemsOf(text).some((line) => / id (reservado|inválido):/.test(line))).toBe(true);
      expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );

  it('takes no field from a __proto__ inside a company', () => {
    const hidden = JSON.stringify({ a: { nome: 'A', cnpj: entry(1)['cnpj'], PROTO: entry(1) } }).replace(
      'PROTO',
      '__proto__',
    );
    expect(problemsOf(hidden)).toContain('credentials.json: a.app_key: falta este campo');
  });

  it.each([
    ['Alfa', 'alfa'],
    ['ação', 'acao'],
    ['ac\u0327ão', 'ação'],
  ])('refuses the twin ids %j and %j', (one, other) => {
    expect(problemsOf({ [one]: entry(1), [other]: entry(2) }).some((line) => line.includes('só difere de'))).toBe(true);
  });

  it('refuses one app_key under two ids', () => {
    const problems = problemsOf({ a: entry(1), b: entry(2, { app_key: ` ${CANARY}-chave-1 ` }) });
    expect(problems).toEqual(['credentials.json: b.app_key: repete a app_key de "a"']);
  });

  it('is any good file cut at any byte', () => {
    const text = JSON.stringify(file(2, { empresa_2: entry(2, { nome: 'Ação & Cia' }) }), null, 2);
    const bytes = Buffer.from(text);
    for (let length = 0; length < bytes.length; length += 1) {
      const problems = problemsOf(bytes.subarray(0, length));
      expect(problems, `cut at ${length}`).toHaveLength(1);
      expect(problems[0]).not.toContain(CANARY);
    }
    expect(problemsOf(bytes)).toEqual([]);
  });

  it('never quotes its text, whatever byte is spoilt', () => {
    const text = `{"a": {"app_key": "${CANARY}-1", "app_secret": "${CANARY}-2", "nome": "${CANARY}-3", "cnpj": "x"}}`;
    for (let at = 0; at < text.length; at += 1) {
      for (const spoilt of ['', '"', '}', '\\', 'S', ',']) {
        const parsed = parse(text.slice(0, at) + spoilt + text.slice(at + 1));
        // Keys are named in problems; values are not.
        const lines = 'problems' in parsed ? parsed.problems.join('\n') : '';
        expect(lines.includes(CANARY), `${at} ${spoilt}: ${lines}`).toBe(false);
      }
    }
  });
});
