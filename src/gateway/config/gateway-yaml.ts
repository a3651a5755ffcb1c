import { stringify } from 'yaml';
import type { Parsed } from '../../files/file-source.ts';
import { type GatewayFile, gatewayFileSchema } from './gateway-schema.ts';
import { SCHEMA_URL } from './json-schema.ts';
import { explain } from './read-gateway-file.ts';
import { readYaml } from './yaml-text.ts';

/** The text of a gateway file. */
export function writeGatewayYaml(file: GatewayFile): string {
  return `# yaml-language-server: $schema=${SCHEMA_URL}\n${stringify(file, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

/** The file as written, references to variables untouched: for the way to another client's file. */
export function readGatewayYaml(bytes: Uint8Array, file: string): Parsed<GatewayFile> {
  const yaml = readYaml(bytes, file);
  if ('problems' in yaml) return yaml;
  const parsed = gatewayFileSchema.safeParse(yaml.root);
  if (parsed.success) return { content: parsed.data, warnings: [] };
  return { problems: parsed.error.issues.flatMap(explain).map(([path, message]) => `${yaml.where(path)}: ${message}`) };
}
