// The lockfile, read: what is installed, and what of it the product needs at run time.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const lockfile = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      dev: z.boolean().default(false),
      devOptional: z.boolean().default(false),
    }),
  ),
});

export interface LockedPackage {
  /** Its folder below the root: `node_modules/a/node_modules/b`. */
  readonly path: string;
  /** `b` or `@scope/b`. */
  readonly name: string;
  readonly version: string;
  readonly production: boolean;
}

/** Every copy of every package, nested ones too. */
export function lockedPackages(root: URL): readonly LockedPackage[] {
  const { packages } = lockfile.parse(JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')));
  return Object.entries(packages).flatMap(([path, { version, dev, devOptional }]) =>
    path === '' || version === undefined
      ? []
      : { path, name: path.split('node_modules/').at(-1) ?? path, version, production: !dev && !devOptional },
  );
}
