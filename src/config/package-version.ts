import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';

const manifest = z.object({ version: z.string() });

/** The version in package.json, found by the package's own name: our files are bundled, so none has a fixed place. */
export function packageVersion(): string {
  const path = createRequire(import.meta.url).resolve('omie-mcp-hub/package.json');
  return manifest.parse(JSON.parse(readFileSync(path, 'utf8'))).version;
}
