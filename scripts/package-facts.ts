// What package.json says of the package: the one place where name, version and registry name are written.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  mcpName: z.string(),
  license: z.string(),
  keywords: z.array(z.string()),
  engines: z.object({ node: z.string() }),
});

export const packageFacts = manifest.parse(
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')),
);

/** The name people see in registries and extension lists. */
export const displayName = 'Omie: muitas empresas';
