/** Where a server comes from, as it was asked for and as it was found. */
import { z } from 'zod';

/** Variables a source says it wants: shown before anything is started, never filled in by us. */
export const wantedVariable = z.object({
  name: z.string(),
  description: z.string().optional(),
  required: z.boolean(),
  secret: z.boolean(),
});
export type WantedVariable = z.output<typeof wantedVariable>;

/** Each name once, as strictly as anybody says it is wanted. */
export function wantedOnce(all: readonly WantedVariable[]): WantedVariable[] {
  const byName = new Map<string, WantedVariable>();
  for (const one of all) {
    const { required = false, secret = false, ...before } = byName.get(one.name) ?? {};
    byName.set(one.name, {
      ...one,
      ...before,
      required: required || one.required,
      secret: secret || one.secret,
    });
  }
  return [...byName.values()];
}

/** One pinned thing that a runner may be able to run. Stored with the server. */
export const sourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('npm'), name: z.string(), version: z.string() }),
  z.object({ kind: z.literal('pypi'), name: z.string(), version: z.string() }),
  z.object({ kind: z.literal('image'), image: z.string() }),
  z.object({
    kind: z.literal('repository'),
    /** `https://github.com/{owner}/{repository}`, without `.git`. */
    url: z.string(),
    /** Full commit, so that what was looked at is what runs. */
    commit: z.string(),
    /** Path inside it; empty for the root. */
    folder: z.string(),
    /** Files that decide how it can be run, as far as they are there: `Dockerfile`, `package.json`, `requirements.txt`… */
    files: z.array(z.string()),
    /** The published package that the repository is the source of, when that was checked. */
    npm: z.object({ name: z.string(), version: z.string() }).optional(),
    /** What its Compose file says to build, in place of the folder's own `Dockerfile`. */
    build: z
      .object({
        /** From the root of the repository; empty for the root itself. */
        context: z.string(),
        /** Within the context. */
        dockerfile: z.string(),
        target: z.string().optional(),
      })
      .optional(),
  }),
  /** A subfolder of HUB_LOCAL_DIR. */
  z.object({ kind: z.literal('folder'), folder: z.string() }),
]);
export type Source = z.output<typeof sourceSchema>;

/** As people read it: `npm:@scope/name@1.2.3`, `pypi:name==1.2.3`, `image:…`, `github:owner/repository`, `folder:…`. */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'npm':
      return `npm:${source.name}@${source.version}`;
    case 'pypi':
      return `pypi:${source.name}==${source.version}`;
    case 'image':
      return `image:${source.image}`;
    case 'repository':
      return `github:${new URL(source.url).pathname.slice(1)}${source.folder === '' ? '' : `/${source.folder}`}`;
    case 'folder':
      return `folder:${source.folder}`;
  }
}

/** A word for a server of this source where nobody gave a name. */
export function sourceName(source: Source): string {
  switch (source.kind) {
    case 'npm':
    case 'pypi':
      return source.name;
    case 'image':
      return source.image.replace(/[@:][^/]*$/, '');
    case 'repository':
      return source.folder === '' ? source.url : source.folder;
    case 'folder':
      return source.folder;
  }
}
