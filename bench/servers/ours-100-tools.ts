/** Our transports and dispatcher over BENCH_TOOLS synthetic tools: what the size of a catalog costs. */
import { createServer } from 'node:http';
import { z } from 'zod';
import { fullAccess } from '../../src/companies/principal.ts';
import type { Catalog } from '../../src/server/catalog.ts';
import { toJsonSchema } from '../../src/tools/json-schema.ts';
import type { ToolDescriptor, ToolSource } from '../../src/tools/tool-source.ts';
import { createMcpEndpoints } from '../../src/transports/mcp-endpoints.ts';
import { listen } from './listen.ts';
import { fillerDescription, fillerName, fillerShape } from './tool-shapes.ts';

const descriptors = Array.from({ length: Number(process.env['BENCH_TOOLS'] ?? 100) }, (_, index) => describe(index));
const names = new Set(descriptors.map(({ name }) => name));

const tools: ToolSource = {
  list: () => descriptors,
  has: (name) => names.has(name),
  call: async () => ({ structured: {}, isError: false }),
};

const catalog: Catalog = {
  serverInfo: { name: 'bench', title: 'Bench', version: '1' },
  instructions: () => '',
  tools,
  resources: { list: () => [], templates: () => [], read: async () => ({ contents: [] }) },
  prompts: { list: () => [], get: async () => ({ description: '', messages: [] }) },
  complete: () => ({ values: [], total: 0, hasMore: false }),
  onChange: () => () => {},
};

const endpoints = createMcpEndpoints({ catalog, sessionCap: 5_000 });
const principal = fullAccess('local');
listen(createServer((req, res) => endpoints.streamableHttp.handle(req, res, principal)));

function describe(index: number): ToolDescriptor {
  const title = fillerDescription(index);
  return {
    name: fillerName(index),
    title,
    description: title,
    inputSchema: toJsonSchema(z.object(fillerShape), 'input'),
    annotations: { title, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  };
}
