import { createServer } from 'node:http';
import { fullAccess } from '../src/companies/principal.ts';
import { createMcpEndpoints } from '../src/transports/mcp-endpoints.ts';
import { readAnswer } from './servers/answer.ts';
import { listen } from './servers/listen.ts';

const answer = readAnswer();
const n = Number(process.env['BENCH_TOOLS'] ?? 1);
const a = { title: 'x', readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true };
const tools = [answer.tool, ...Array.from({ length: n - 1 }, (_, i) => `ferramenta_${i}`)].map((name) => ({
  name,
  title: name,
  description: 'Ferramenta',
  inputSchema: {
    type: 'object',
    properties: { empresa: { type: 'string' }, id: { type: 'integer' }, texto: { type: 'string', maxLength: 200 } },
  },
  annotations: a,
}));
const names = new Set(tools.map((t) => t.name));
const endpoints = createMcpEndpoints({
  catalog: {
    serverInfo: { name: 'b', title: 'b', version: '1' },
    instructions: '',
    tools: {
      list: () => tools,
      has: (x) => names.has(x),
      call: async () => ({ structured: answer.structured as never, isError: false }),
    },
    resources: { list: () => [], templates: () => [], read: async () => [] },
    prompts: { list: () => [], get: async () => ({ description: '', messages: [] }) },
    complete: () => ({ values: [], total: 0, hasMore: false }),
    onChange: () => () => {},
  },
  sessionCap: 5000,
});
const p = fullAccess('local');
if (process.env['BENCH_MODE'] === 'stdio')
  endpoints.stdio.serve(p, { stdin: process.stdin, stdout: process.stdout, onClose: () => process.exit(0) });
else
  listen(
    createServer((req, res) => {
      const u = req.url ?? '';
      if (u === '/heap') {
        global.gc?.();
        global.gc?.();
        res.end(String(process.memoryUsage().heapUsed));
      } else if (u.startsWith('/sse')) endpoints.sse.open(req, res, p);
      else if (u.startsWith('/messages')) endpoints.sse.message(req, res, p);
      else endpoints.streamableHttp.handle(req, res, p);
    }),
  );
