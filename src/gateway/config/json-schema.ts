import { z } from 'zod';
import { gatewayFileSchema } from './gateway-schema.ts';

/** Where editors find the schema; in the first line of the example and of every file we write. Published with the package. */
export const SCHEMA_URL = 'https://unpkg.com/omie-mcp-hub/docs/schemas/gateway.schema.json';

/** The gateway file for editors: draft-07, which the YAML language server knows best. */
export function gatewayJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    ...z.toJSONSchema(gatewayFileSchema, { target: 'draft-7', io: 'input' }),
    $id: SCHEMA_URL,
    title: 'omie-mcp-hub: gateway',
  };
}
