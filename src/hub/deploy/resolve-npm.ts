import type { SourceResolver } from './asked.ts';

/** A package that was named with its version is a source already; whether it exists its runner finds out. */
export const npmResolver: SourceResolver = {
  kind: 'npm',
  async resolve(asked) {
    if (asked.kind !== 'npm') throw new TypeError('not a package');
    const { name, version } = asked;
    return { source: { kind: 'npm', name, version }, why: [`Pacote npm ${name}@${version}.`], wanted: [] };
  },
};
