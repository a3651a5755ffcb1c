import type { SourceResolver } from './asked.ts';

/** What its tag stands for its runner finds out: only the Engine can ask the image's registry. */
export const imageResolver: SourceResolver = {
  kind: 'image',
  async resolve(asked) {
    if (asked.kind !== 'image') throw new TypeError('not an image');
    const { image } = asked;
    return { source: { kind: 'image', image }, why: [`Imagem ${image}.`], wanted: [] };
  },
};
