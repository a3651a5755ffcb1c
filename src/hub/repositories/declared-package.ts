/** The npm package that a `package.json` says to be. Pure. */
import { z } from 'zod';
import { isDeeperThan } from '../../json-depth.ts';
import { isPinnedPackage } from '../safety/source-grammar.ts';

export interface NamedPackage {
  readonly name: string;
  readonly version: string;
}

const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  private: z.boolean().catch(false).default(false),
  bin: z.unknown(),
});

/** Nobody's manifest nests as much. */
const MAX_LEVELS = 64;

/** Undefined for what is not the manifest of a program that is to be published. */
export function declaredPackage(manifest: string): NamedPackage | undefined {
  const parsed = manifestSchema.safeParse(parse(manifest)).data;
  if (parsed === undefined || parsed.private || parsed.bin === undefined) return undefined;
  const { name, version } = parsed;
  return isPinnedPackage(`${name}@${version}`) ? { name, version } : undefined;
}

function parse(text: string): unknown {
  try {
    return isDeeperThan(text, MAX_LEVELS) ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
