import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lockedPackages } from '../../../scripts/locked-packages.ts';
import { isSafe, minimumVersions } from '../../../scripts/minimum-versions.ts';

const locked = lockedPackages(new URL('../../../', import.meta.url));

describe('minimum safe versions', () => {
  it.each(minimumVersions)('$name: every copy in the lockfile is at least $fixedIn', (row) => {
    const copies = locked.filter(({ name }) => name === row.name);
    // A row about nothing guards nothing: take it out when the dependency goes.
    expect(copies).not.toEqual([]);
    expect(copies.filter(({ version }) => !isSafe(version, row))).toEqual([]);
    expect(row.advisory).toMatch(/^(CVE-\d{4}-\d{4,}|GHSA(-[2-9a-z]{4}){3})(, CVE-\d{4}-\d{4,})*$/);
  });

  it('names each package once', () => {
    expect(new Set(minimumVersions.map(({ name }) => name)).size).toBe(minimumVersions.length);
  });

  it.each([
    ['6.23.9', false],
    ['6.24.0', true],
    ['6.100.0', true],
    ['7.23.99', false],
    ['7.24.0-rc.1', false],
    ['7.24.1-rc.1', true],
    ['7.24.0', true],
    ['5.29.0', false],
    ['8.0.0', true],
    ['10.0.0', true],
  ])('with fixes in 6.24.0 and 7.24.0, %s is safe: %s', (version, safe) => {
    expect(isSafe(version, { name: 'x', fixedIn: ['6.24.0', '7.24.0'], advisory: '', why: '' })).toBe(safe);
  });

  it('orders versions by number, part by part', () => {
    const part = fc.nat(200);
    fc.assert(
      fc.property(fc.tuple(part, part, part), fc.tuple(part, part, part), (version, fixed) => {
        const [first, second] = [version, fixed].map(([major, minor, patch]) => major! * 1e6 + minor! * 1e3 + patch!);
        const row = { name: 'x', fixedIn: [fixed.join('.')], advisory: '', why: '' };
        expect(isSafe(version.join('.'), row)).toBe(first! >= second!);
      }),
    );
  });
});
