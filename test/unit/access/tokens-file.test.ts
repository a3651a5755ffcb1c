import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTokens } from '../../../src/access/tokens-file.ts';

const HEX = 'a1'.repeat(32);
const good = { id: 'ana', sha256: HEX, empresas: ['empresa_001', 'grupo:holding'], ferramentas: ['*'] };
const parse = (value: unknown) =>
  parseTokens(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), 'tokens.json');
const problems = (...tokens: unknown[]) => {
  const parsed = parse({ tokens });
  return 'problems' in parsed ? parsed.problems : [];
};
const without = (key: string) => Object.fromEntries(Object.entries(good).filter(([name]) => name !== key));

describe('a tokens file', () => {
  it('is shown by an example that is good', () => {
    const bytes = readFileSync(new URL('../../../tokens.example.json', import.meta.url));
    expect(parseTokens(bytes, 'tokens.example.json')).toHaveProperty('content.length', 2);
  });

  it('is read whole, with a BOM too; mode falls back to the lesser', () => {
    const full = { ...good, modo: 'escrita', limite_por_minuto: 120, expira: '2027-01-31', nota: 'férias' };
    expect(parse(`\uFEFF${JSON.stringify({ tokens: [full] })}`)).toMatchObject({ content: [full] });
    expect(parse({ tokens: [good] })).toMatchObject({ content: [{ modo: 'leitura' }] });
    expect(parse({ tokens: [] })).toMatchObject({ content: [] });
  });

  it('has nobody whose token administers the hub', () => {
    const bytes = Buffer.from(JSON.stringify({ tokens: [{ ...good, id: 'rui', sha256: 'b2'.repeat(32) }, good] }));
    expect(parseTokens(bytes, 'tokens.json', Buffer.from(HEX, 'hex'))).toEqual({
      problems: [expect.stringMatching(/^tokens\.json: tokens\[1\]\.sha256: é o token de administração do hub/)],
    });
  });

  it.each([
    ['empresas missing: nothing is implied', without('empresas'), 'tokens[0].empresas: falta este campo'],
    ['ferramentas missing', without('ferramentas'), 'tokens[0].ferramentas: falta este campo'],
    ['no company', { ...good, empresas: [] }, /^tokens\[0\]\.empresas: está vazia/],
    ['all beside one', { ...good, empresas: ['*', 'empresa_001'] }, /^tokens\[0\]\.empresas: "\*" vale por todas/],
    [
      'an id no company can have',
      { ...good, empresas: ['empresa_001', 'x y'] },
      /^tokens\[0\]\.empresas\[1\]: deve ser/,
    ],
    ['a group without a name', { ...good, empresas: ['grupo: '] }, /^tokens\[0\]\.empresas\[0\]: deve ser/],
    ['a pattern for companies', { ...good, empresas: ['empresa_*'] }, /^tokens\[0\]\.empresas\[0\]: deve ser/],
    ['a digest cut short', { ...good, sha256: HEX.slice(1) }, /^tokens\[0\]\.sha256: deve ser o SHA-256/],
    ['a digest that is none', { ...good, sha256: 'z'.repeat(64) }, /^tokens\[0\]\.sha256: deve ser o SHA-256/],
    ['an id of the server’s own', { ...good, id: 'Local' }, 'tokens[0].id: id reservado: escolha outro'],
    ['an unknown mode', { ...good, modo: 'tudo' }, 'tokens[0].modo: deve ser "leitura" ou "escrita"'],
    ['a day that is not in the calendar', { ...good, expira: '2027-02-30' }, /^tokens\[0\]\.expira: deve ser uma data/],
    ['an instant without an offset', { ...good, expira: '2027-02-20T10:00:00' }, /^tokens\[0\]\.expira/],
    ['half a request', { ...good, limite_por_minuto: 0.5 }, /^tokens\[0\]\.limite_por_minuto: deve ser um número/],
    ['a slip in a name', { ...good, expirra: '2027-01-31' }, 'tokens[0].expirra: chave desconhecida'],
    ['no object', 'ana', /^tokens\[0\]: deve ser um objeto/],
  ])('refuses %s by its path', (_name, entry, expected) => {
    const [line = '', ...more] = problems(entry);
    expect(more).toEqual([]);
    expect(line.replace('tokens.json: ', '')).toMatch(expected);
  });

  it('names every problem at once: two ids alike, one digest twice, a bad date', () => {
    expect(problems(good, { ...good, id: 'ANA' })).toEqual([
      'tokens.json: tokens[1].id: repete o de tokens[0]',
      'tokens.json: tokens[1].sha256: repete o de tokens[0]',
    ]);
    expect(problems({ ...good, expira: 'x' }, { ...good, modo: 'y' })).toHaveLength(2);
  });

  it('says of broken JSON where, and of a key given twice which', () => {
    expect(parse('{"tokens": [\n  {"id": "canario" ')).toEqual({
      problems: ['tokens.json:2:20: JSON inválido: texto incompleto'],
    });
    expect(parse('{"tokens": [], "tokens": []}')).toEqual({ problems: ['tokens.json:1:16: tokens: chave repetida'] });
    expect(parse('[]')).toEqual({ problems: ['tokens.json: deve ser um objeto { "tokens": [ … ] }'] });
  });

  it('never repeats a value', () => {
    const canary = 'canario-0451';
    const junk = fc.oneof(fc.constant(canary), fc.constant([canary]), fc.constant({ [canary]: canary }), fc.integer());
    const field = fc.constantFrom(
      'id',
      'sha256',
      'empresas',
      'ferramentas',
      'modo',
      'expira',
      'limite_por_minuto',
      'nota',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(field, junk), { minLength: 1 }), (changes) => {
        const entry = { ...good, ...Object.fromEntries(changes) };
        for (const line of problems(entry)) expect(line.replaceAll(`.${canary}`, '')).not.toContain(canary);
      }),
    );
  });
});
