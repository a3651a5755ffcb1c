import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expiryOf } from '../../../src/access/expiry.ts';
import { metadataAddresses } from '../../../src/access/oauth/discover-issuer.ts';
import { rightsOfScopes } from '../../../src/access/oauth/scope-rights.ts';
import { companiesOf, coversCompany, coversTool, type Rights } from '../../../src/access/rights.ts';
import { matchesToolGlob } from '../../../src/access/tool-glob.ts';
import { entry } from '../companies/credential-files.ts';

describe('tool globs', () => {
  it('fit what the same pattern as a regular expression fits', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '_', '*'), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '_'), maxLength: 10 });
    fc.assert(
      fc.property(text, name, (glob, tool) => {
        expect(matchesToolGlob(tool, glob)).toBe(new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(tool));
      }),
      { numRuns: 5_000 },
    );
  });

  it('take no time over a pattern made to be slow', { timeout: 10_000 }, () => {
    expect(matchesToolGlob('a'.repeat(50_000), `${'*a'.repeat(60)}*b`)).toBe(false);
  });
});

describe('rights', () => {
  const company = (id: string, grupos: string[]) => ({
    ...entry(1),
    id,
    grupos,
    nome: id,
    cnpj: '',
    ambiente: 'producao' as const,
  });
  const rights = (refs: string[], more: Partial<Rights> = {}): Rights => ({
    ...{ companies: companiesOf(refs), tools: ['*'], mode: 'leitura' as const },
    ...more,
  });

  it('cover companies by exact id or exact group, and by nothing like them', () => {
    expect(coversCompany(rights(['a']), company('a', []))).toBe(true);
    expect(coversCompany(rights(['a']), company('A', ['a']))).toBe(false);
    expect(coversCompany(rights(['grupo:a']), company('a', []))).toBe(false);
    expect(coversCompany(rights(['grupo: São João ']), company('x', ['São João']))).toBe(true);
    expect(coversCompany(rights(['*']), company('x', []))).toBe(true);
  });

  it('in mode leitura leave out what is not read-only, whatever the globs', () => {
    const tool = { name: 'reload_credenciais', readOnly: false };
    expect(coversTool(rights(['*']), tool)).toBe(false);
    expect(coversTool(rights(['*'], { mode: 'escrita' }), tool)).toBe(true);
    expect(coversTool(rights(['*'], { mode: 'escrita', tools: ['consultar_*'] }), tool)).toBe(false);
  });
});

describe('scopes', () => {
  it.each([
    [[]],
    [['openid', 'profile']],
    [['empresa:a']],
    [['omie:leitura']],
    [['empresa:*', 'omie:leitura']],
    [['empresa:grupo:x', 'omie:leitura']],
    [['grupo:%zz', 'omie:leitura']],
    [['EMPRESAS:TODAS', 'omie:leitura']],
    [['empresa:a', 'ferramenta:a b']],
  ])('%j grant nothing', (scopes) => {
    expect(rightsOfScopes(scopes)).toBeUndefined();
  });

  it('name groups percent-encoded, and never more than they say', () => {
    expect(rightsOfScopes(['grupo:contas%20sul', 'empresa:a', 'ferramenta:listar_*'])).toEqual({
      companies: { ids: new Set(['a']), groups: new Set(['contas sul']) },
      tools: ['listar_*'],
      mode: 'leitura',
    });
    expect(rightsOfScopes(['empresas:todas', 'omie:escrita'])).toEqual({
      companies: 'all',
      tools: ['*'],
      mode: 'escrita',
    });
  });
});

it('a date is good to its end in São Paulo, an instant to itself', () => {
  expect(new Date(expiryOf('2027-01-31') ?? 0).toISOString()).toBe('2027-02-01T03:00:00.000Z');
  expect(new Date(expiryOf('2027-01-31T12:00:00-03:00') ?? 0).toISOString()).toBe('2027-01-31T15:00:00.000Z');
  expect(expiryOf('31/01/2027')).toBeUndefined();
});

it('looks for an issuer’s metadata where the standards put it', () => {
  expect(metadataAddresses('https://as.exemplo/')).toEqual([
    'https://as.exemplo/.well-known/oauth-authorization-server',
    'https://as.exemplo/.well-known/openid-configuration',
  ]);
  expect(metadataAddresses('https://as.exemplo/realms/x')).toEqual([
    'https://as.exemplo/.well-known/oauth-authorization-server/realms/x',
    'https://as.exemplo/.well-known/openid-configuration/realms/x',
    'https://as.exemplo/realms/x/.well-known/openid-configuration',
  ]);
});
