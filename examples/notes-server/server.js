// A small MCP server that keeps notes in its own home: one tool reads, one writes. No dependencies, so that it starts at once.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const file = join(process.env.HOME, 'notes.txt');
const text = (value) => ({ content: [{ type: 'text', text: value }] });
const tools = {
  read_notes: {
    description: 'Reads every note.',
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: true },
    run: () => text(existsSync(file) ? readFileSync(file, 'utf8') : 'no notes yet'),
  },
  add_note: {
    description: 'Adds a note.',
    inputSchema: { type: 'object', properties: { note: { type: 'string' } }, required: ['note'] },
    annotations: { readOnlyHint: false, destructiveHint: false },
    run: ({ note }) => {
      appendFileSync(file, `${note}\n`);
      return text(`added: ${note}`);
    },
  },
};
const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'notes', version: '1.0.0' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: Object.entries(tools).map(([name, { run, ...rest }]) => ({ name, ...rest })) }),
  'tools/call': ({ name, arguments: args = {} }) => tools[name].run(args),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const run = methods[method];
  const answer = run ? { result: run(params) } : { error: { code: -32601, message: 'Method not found' } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
});
