import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DOMAIN } from '../../../src/gateway/naming/domain.ts';
import { mountedName, mountNames, RESERVED_NAMES } from '../../../src/gateway/naming/names.ts';
import { tools } from '../../../src/tools/catalog.ts';

/** What every client accepts (Claude Desktop, OpenAI-style APIs). */
const MOUNTED_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
/** How a reader finds the domain of a mounted name; undefined for a name without one. */
function domainOfName(name: string): string | undefined {
  const end = name.indexOf('__');
  return end > 0 ? name.slice(0, end) : undefined;
}

const domains = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/);
const plainNames = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,70}$/);
/** Names that look like what mounting makes, so that forged ones are tried too. */
const forged = fc
  .tuple(domains, fc.oneof(plainNames, fc.string()))
  .map(([domain, name]) => mountedName(domain, name).slice(domain.length + 2));
const names = fc.oneof(
  plainNames,
  fc.string({ unit: 'binary' }),
  forged,
  fc.constantFrom('发票', 'a.b', 'a/b', 'a b', ''),
);

describe('a mounted name', () => {
  it('fits every client, begins with its domain, whatever the tool is called', () => {
    fc.assert(
      fc.property(domains, names, (domain, name) => {
        const mounted = mountedName(domain, name);
        expect(mounted).toMatch(MOUNTED_NAME);
        expect(domainOfName(mounted)).toBe(domain);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is another one for every other tool, also for tools named after mounted ones', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(domains, names), { selector: String, minLength: 2, maxLength: 60 }),
        (all) => {
          // `String` joins by a comma, which no domain holds: distinct pairs stay distinct.
          expect(new Set(all.map(([domain, name]) => mountedName(domain, name))).size).toBe(all.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a plain name as it is', 'sales', 'list_orders', 'sales__list_orders'],
    ['64 characters as they are', 'sales', 'x'.repeat(57), `sales__${'x'.repeat(57)}`],
    ['65 cut, with a hash', 'sales', 'x'.repeat(58), /^sales__x{48}_[0-9a-f]{8}$/],
    ['Chinese letters', 'sales', '发票', /^sales_____[0-9a-f]{8}$/],
    ['dots and slashes', 'sales', 'a.b/c', /^sales__a_b_c_[0-9a-f]{8}$/],
    ['a name that ends like a cut one', 'sales', 'x_0123abcd', /^sales__x_0123abcd_[0-9a-f]{8}$/],
    ['no name at all', 'sales', '', /^sales___[0-9a-f]{8}$/],
  ])('gives %s', (_name, domain, tool, expected) => {
    expect(mountedName(domain, tool)).toMatch(expected);
    if (typeof expected === 'string') expect(mountedName(domain, tool)).toBe(expected);
  });

  it('never is that of a built-in tool', () => {
    for (const { descriptor } of tools) expect(domainOfName(descriptor.name)).toBeUndefined();
    for (const name of RESERVED_NAMES) expect(domainOfName(name)).toBeUndefined();
    expect('omie').toMatch(DOMAIN);
  });
});

describe('naming a domain', () => {
  const offers = fc.array(
    fc.record({ server: fc.constantFrom('a', 'b', 'c'), name: fc.oneof(names, fc.constantFrom(...RESERVED_NAMES)) }),
    { maxLength: 30 },
  );

  it('keeps every name under reordering and when others come and go', () => {
    fc.assert(
      fc.property(offers, offers, fc.integer(), (offered, others, seed) => {
        const before = mountNames('sales', offered).names;
        const shuffled = [...others, ...offered].sort((x, y) => hash(x.name, seed) - hash(y.name, seed));
        const after = mountNames('sales', shuffled).names;
        for (const [mounted, { name }] of before) expect(after.get(mounted)?.name).toBe(name);
      }),
    );
  });

  it('mounts or reports each offer, and never mounts a reserved name', () => {
    fc.assert(
      fc.property(offers, (offered) => {
        const { names: mounted, problems } = mountNames('sales', offered);
        const served = [...mounted.values()].reduce((sum, { servers }) => sum + servers.length, 0);
        expect(served + problems.length).toBe(offered.length);
        for (const { name } of mounted.values()) expect(RESERVED_NAMES.has(name)).toBe(false);
      }),
    );
  });

  it('takes one name of two servers for alternatives, and reports what is reserved or repeated', () => {
    const { names: mounted, problems } = mountNames('sales', [
      { server: 'a', name: 'orders' },
      { server: 'b', name: 'orders' },
      { server: 'b', name: 'orders' },
      { server: 'b', name: 'call_tool' },
    ]);
    expect([...mounted]).toEqual([['sales__orders', { name: 'orders', servers: ['a', 'b'] }]]);
    expect(problems).toEqual([
      { kind: 'repeated', server: 'b', name: 'orders' },
      { kind: 'reserved', server: 'b', name: 'call_tool' },
    ]);
  });

  it('reports a collision of hashes and keeps the first, where one is found', () => {
    // Two names of which SHA-256 begins alike for this domain, found by trying; see `findCollision`.
    const [first, second] = findCollision();
    const { names: mounted, problems } = mountNames('sales', [
      { server: 'a', name: first },
      { server: 'b', name: second },
    ]);
    expect(mounted.size).toBe(1);
    expect(problems).toEqual([
      {
        kind: 'collision',
        server: 'b',
        name: second,
        mounted: mountedName('sales', first),
        keeps: { server: 'a', name: first },
      },
    ]);
  });
});

function hash(text: string, seed: number): number {
  let value = seed | 0;
  for (let at = 0; at < text.length; at += 1) value = (Math.imul(value, 31) + text.charCodeAt(at)) | 0;
  return value;
}

/** Names of invisible difference: 32 bits of hash meet after some 80,000 tries. */
function findCollision(): [string, string] {
  const seen = new Map<string, string>();
  for (let at = 0; at < 2_000_000; at += 1) {
    const name = String.fromCodePoint(0x4e00 + (at % 20_000)) + String.fromCodePoint(0x4e00 + Math.floor(at / 20_000));
    const mounted = mountedName('sales', name);
    const other = seen.get(mounted);
    if (other !== undefined) return [other, name];
    seen.set(mounted, name);
  }
  throw new Error('no collision found');
}
