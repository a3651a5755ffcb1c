import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EntitySource, resolveEntity } from '../../../src/gateway/entities/resolve-entity.ts';

const names = (...all: string[]) => all.map((name) => ({ name }));
const erp: EntitySource = {
  server: 'erp',
  priority: 10,
  entities: [
    { name: 'Construtora São João Ltda', id: '11.222.333/0001-81' },
    { name: 'Padaria Pão de Açúcar', id: 'C-7' },
    { name: 'Comércio de Peças Irmãos Conceição' },
    { name: 'João da Silva' },
    { name: 'Petróleo Brasileiro S.A.' },
  ],
  aliases: { Petrobras: 'Petróleo Brasileiro S.A.', 'o padeiro': 'C-7' },
};
const crm: EntitySource = {
  server: 'crm',
  priority: 20,
  entities: names('CONSTRUTORA SAO JOAO LTDA', 'Joana da Silva'),
};

const found = (query: string, ...sources: EntitySource[]) => {
  const resolution = resolveEntity(query, sources);
  return resolution.kind === 'found' ? `${resolution.match.reason}: ${resolution.match.entity.name}` : resolution.kind;
};

describe('resolving an entity', () => {
  it.each([
    ['exactly', 'João da Silva', 'exact: João da Silva'],
    ['without accents, case and double spaces', 'padaria  PAO de acucar', 'exact: Padaria Pão de Açúcar'],
    ['in decomposed letters', 'Padaria Pão de Açúcar'.normalize('NFD'), 'exact: Padaria Pão de Açúcar'],
    ['by tax id', '11.222.333/0001-81', 'exact: Construtora São João Ltda'],
    ['by alias', 'petrobrás', 'alias: Petróleo Brasileiro S.A.'],
    ['by an alias that names an id', 'O Padeiro', 'alias: Padaria Pão de Açúcar'],
    ['with a slip', 'Comercio de Pecas Irmaos Conceicao', 'exact: Comércio de Peças Irmãos Conceição'],
    ['with two slips', 'Comersio de Peças Irmãos Conseição', 'fuzzy: Comércio de Peças Irmãos Conceição'],
    ['not at all', 'Usina Hidrelétrica', 'none'],
    ['an empty name', '', 'none'],
  ])('%s', (_how, query, expected) => expect(found(query, erp)).toBe(expected));

  it('takes the better priority, whatever the order, and returns the conflict', () => {
    for (const sources of [
      [erp, crm],
      [crm, erp],
    ]) {
      const resolution = resolveEntity('Construtora São João Ltda', sources);
      expect(resolution).toMatchObject({
        kind: 'found',
        match: { server: 'erp', score: 1 },
        conflicts: [{ server: 'crm' }],
      });
    }
  });

  it('an exact name of a lesser server comes before a fuzzy one of a better', () => {
    expect(found('Joana da Silva', erp, crm)).toBe('exact: Joana da Silva');
  });

  it('names the runners-up with their scores', () => {
    const resolution = resolveEntity('Joana da Silva', [erp, crm]);
    if (resolution.kind !== 'found') throw new Error(resolution.kind);
    const [next] = resolution.runnersUp;
    expect(next).toMatchObject({ server: 'erp', entity: { name: 'João da Silva' }, reason: 'fuzzy' });
    expect(next?.score).toBeLessThan(1);
  });

  it('never picks one of two that fit alike', () => {
    const silvas: EntitySource = {
      server: 'erp',
      priority: 1,
      entities: names('Silva Norte Ltda', 'Silva Sorte Ltda'),
    };
    expect(resolveEntity('Silva Xorte Ltda', [silvas])).toMatchObject({ kind: 'tie', candidates: [{}, {}] });
    const twice: EntitySource = {
      server: 'erp',
      priority: 1,
      entities: [
        { name: 'José Souza', id: '1' },
        { name: 'JOSE SOUZA', id: '2' },
      ],
    };
    expect(resolveEntity('josé souza', [twice])).toMatchObject({ kind: 'tie', candidates: [{}, {}] });
    expect(found('2', twice)).toBe('exact: JOSE SOUZA');
  });

  it('says none with the nearest, when the best is only a guess', () => {
    const resolution = resolveEntity('Padoca do Zé', [erp]);
    expect(resolution.kind).toBe('none');
  });

  it('finds every name by any spelling of itself, and only by names that are alike does it tie', () => {
    const people = fc.tuple(
      fc.constantFrom('João', 'José', 'Conceição', 'Antônio', 'Inês', 'Luís', 'Márcia'),
      fc.constantFrom('Silva', 'Souza', 'Araújo', 'Gonçalves', 'Magalhães', 'Assunção'),
    );
    const spelling = fc.constantFrom(
      (text: string) => text.toUpperCase(),
      (text: string) => text.normalize('NFD'),
      (text: string) => text.normalize('NFD').replace(/\p{M}/gu, ''),
      (text: string) => `  ${text.replace(' ', '   ')} `,
    );
    fc.assert(
      fc.property(fc.uniqueArray(people, { selector: String, minLength: 1 }), spelling, (all, spell) => {
        const entities = all.map((parts) => ({ name: parts.join(' ') }));
        for (const { name } of entities) {
          expect(found(spell(name), { server: 'erp', priority: 1, entities })).toBe(`exact: ${name}`);
        }
      }),
    );
  });

  it('survives any text, and answers with what it was given', () => {
    const source = fc.record({
      server: fc.constantFrom('a', 'b'),
      priority: fc.integer({ min: 1, max: 3 }),
      entities: fc.array(fc.record({ name: fc.string({ unit: 'binary' }) }), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(source, { maxLength: 3 }), (query, sources) => {
        const resolution = resolveEntity(query, sources);
        if (resolution.kind === 'tie') expect(resolution.candidates.length).toBeGreaterThan(1);
        if (resolution.kind !== 'found') return;
        expect(sources.some(({ entities }) => entities.includes(resolution.match.entity))).toBe(true);
      }),
    );
  });
});
