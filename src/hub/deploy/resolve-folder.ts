import type { SourceResolver } from './asked.ts';

/** Where the folder leads, and whether there is one, its runner finds out. */
export const folderResolver: SourceResolver = {
  kind: 'folder',
  async resolve(asked) {
    if (asked.kind !== 'folder') throw new TypeError('not a folder');
    return { source: asked, why: [`Pasta ${asked.folder} de HUB_LOCAL_DIR.`], wanted: [] };
  },
};
