import { UriTemplate } from '@modelcontextprotocol/sdk/shared/uriTemplate.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mountedMeta, mountedUri, originalUri } from '../../../src/gateway/naming/uris.ts';

const domains = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/);
const uris = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc
    .tuple(fc.constantFrom('ui://', 'ui:', 'UI://', 'file:///', 'a+b://', 'sales+ui://', ''), fc.string())
    .map((p) => p.join('')),
  fc.tuple(domains, fc.webUrl()).map(([domain, uri]) => mountedUri(domain, uri)),
);

describe('a mounted URI', () => {
  it('leads back to its domain and its original, letter for letter', () => {
    fc.assert(
      fc.property(domains, uris, (domain, uri) => {
        expect(originalUri(mountedUri(domain, uri))).toEqual({ domain, uri });
      }),
      { numRuns: 3_000 },
    );
  });

  it('belongs to one domain and one original alone, and each original has one form', () => {
    fc.assert(
      fc.property(domains, uris, domains, uris, (d1, u1, d2, u2) => {
        const same = d1 === d2 && u1 === u2;
        expect(mountedUri(d1, u1) === mountedUri(d2, u2)).toBe(same);
      }),
    );
    fc.assert(
      fc.property(uris, (text) => {
        const original = originalUri(text);
        if (original !== undefined) expect(mountedUri(original.domain, original.uri)).toBe(text);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is still a URI, of which a parser rewrites dot segments at most', () => {
    fc.assert(
      fc.property(domains, fc.webUrl({ withQueryParameters: true }), (domain, uri) => {
        fc.pre(!/\/\.{1,2}(?:\/|\?|$)/.test(uri));
        expect(new URL(mountedUri(domain, uri)).href).toBe(mountedUri(domain, uri));
      }),
    );
  });

  it.each([
    ['sales', 'file:///a/b.txt', 'sales+file:///a/b.txt'],
    ['sales', 'ui://charts/cash.html', 'ui://sales/charts/cash.html'],
    ['sales', 'ui:other', 'sales+ui:other'],
  ])('of %s and %s is %s', (domain, uri, mounted) => expect(mountedUri(domain, uri)).toBe(mounted));

  it.each([
    'omie://companies',
    'omie://dashboard/{company_id}',
    'https://a/b+c',
    'ui://chart',
    'Sales+file:///a',
    '+x',
    'sales+ui://x',
  ])('is not %s', (uri) => expect(originalUri(uri)).toBeUndefined());
});

describe('a mounted template', () => {
  const literal = fc.stringMatching(/^[a-z/]{0,8}$/);
  const templates = fc
    .tuple(
      fc.constantFrom('file:///', 'ui://', 'db://', ''),
      fc.array(fc.tuple(literal, fc.constantFrom('{id}', '{+path}', '{?q}', '{name}')), { maxLength: 3 }),
    )
    .map(([scheme, parts]) => scheme + parts.map((part) => part.join('')).join(''));
  const values = fc.record({
    id: fc.stringMatching(/^[a-z0-9]{1,6}$/),
    path: fc.stringMatching(/^[a-z/+]{1,8}$/),
    q: fc.stringMatching(/^[a-z]{1,5}$/),
    name: fc.string({ minLength: 1, maxLength: 6 }),
  });

  it('keeps its variables, and its expansion leads back to that of the original', () => {
    fc.assert(
      fc.property(domains, templates, values, (domain, template, variables) => {
        const mounted = new UriTemplate(mountedUri(domain, template));
        const original = new UriTemplate(template);
        expect(mounted.variableNames).toEqual(original.variableNames);
        expect(originalUri(mounted.expand(variables))).toEqual({ domain, uri: original.expand(variables) });
      }),
    );
  });
});

it('a tool’s pointers to its interface follow, the rest of its _meta stays', () => {
  const meta = { ui: { resourceUri: 'ui://chart', visibility: ['model'] }, 'ui/resourceUri': 'ui://chart', other: 1 };
  expect(mountedMeta('sales', meta)).toEqual({
    ui: { resourceUri: 'ui://sales/chart', visibility: ['model'] },
    'ui/resourceUri': 'ui://sales/chart',
    other: 1,
  });
  expect(mountedMeta('sales', { ui: 'x', other: 1 })).toEqual({ ui: 'x', other: 1 });
});
