import { describe, expect, it } from 'vitest';
import { CANARY, entry, problemsOf, setOf } from './credential-files.ts';

describe(`\${VAR} in values`, () => {
  it('is replaced in every text, numbers and groups included', () => {
    const raw = entry(1, {
      app_key: `\${KEY}`,
      nome: `Loja \${CITY:-Recife}`,
      rate_limit: `\${RATE}`,
      grupos: [`\${GROUP}`],
    });
    const { content: set } = setOf({ a: raw }, { KEY: 'chave-da-variavel', RATE: '30', GROUP: 'norte' });
    expect(set.companies.get('a')?.appKey.reveal()).toBe('chave-da-variavel');
    expect(set.companies.get('a')?.company).toMatchObject({
      nome: 'Loja Recife',
      rateLimitPerMinute: 30,
      grupos: ['norte'],
    });
  });

  it('is not read again in what it gives', () => {
    const { content: set } = setOf({ a: entry(1, { app_key: `\${KEY}` }) }, { KEY: `\${OTHER}-literal`, OTHER: 'x' });
    expect(set.companies.get('a')?.appKey.reveal()).toBe(`\${OTHER}-literal`);
  });

  it('runs nothing', () => {
    expect(
      setOf({ a: entry(1, { app_key: '$(id)-chave' }) })
        .content.companies.get('a')
        ?.appKey.reveal(),
    ).toBe('$(id)-chave');
  });

  it('disables only the company that lacks one, and says which', () => {
    const { content: set } = setOf(
      { a: entry(1, { app_key: `\${KEY}`, app_secret: `\${PAIR}` }), b: entry(2) },
      { PAIR: '' },
    );
    expect([...set.companies.keys()]).toEqual(['b']);
    expect(set.disabled.get('a')?.motivo).toBe(
      'app_key: a variável KEY não está definida; app_secret: a variável PAIR não está definida',
    );
    expect(set.disabled.get('a')?.company.nome).toBe('Empresa 1 LTDA');
  });

  it('disables a company whose variable is blank or a placeholder', () => {
    const { content: set } = setOf({ a: entry(1, { app_key: `\${KEY}` }) }, { KEY: 'SUBSTITUA_AQUI' });
    expect(set.disabled.get('a')?.motivo).toBe('app_key: a variável dá um valor em branco ou de exemplo');
  });

  it.each(['toString', '__proto__', 'constructor'])('does not find %s on the prototype', (name) => {
    const { content: set } = setOf({ a: entry(1, { app_key: `\${${name}}` }) });
    expect(set.disabled.get('a')?.motivo).toBe(`app_key: a variável ${name} não está definida`);
  });

  it.each([`\${`, `\${1X}`, `\${A-B}`, `\${${CANARY}`])('refuses the malformed %j', (text) => {
    const problems = problemsOf({ a: entry(1, { app_key: text }) });
    expect(problems).toEqual([
      `credentials.json: a.app_key: referência de variável malformada: use \${NOME} ou \${NOME:-padrão}`,
    ]);
  });

  it('still checks the rest of a company it disables', () => {
    expect(problemsOf({ a: entry(1, { app_key: `\${KEY}`, cnpj: '1' }) })).toEqual([
      'credentials.json: a.cnpj: deve ter os 14 dígitos de um CNPJ',
    ]);
  });
});
