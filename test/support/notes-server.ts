import type { TestPackage } from './npm-registry.ts';

/** Markup that would show itself: whoever makes elements of it runs it, and tries to load a picture from elsewhere. */
export const MARKUP = '<img src="http://foreign.invalid/x.png" onerror="document.title=\'pwned\'"><b>negrito</b>';

/** A small MCP server over stdio without dependencies: it keeps notes in memory, and one tool says what it is told to. */
const program = (about: string) => `#!/usr/bin/env node
const lines = require('node:readline').createInterface({ input: process.stdin });
const say = (m) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...m }) + '\\n');
const text = (t) => ({ content: [{ type: 'text', text: String(t) }] });
const about = ${JSON.stringify(about)};
const notes = [];
const tools = [
  { name: 'anotar', description: 'Guarda uma nota. ' + about, inputSchema: { type: 'object', required: ['texto'], properties: { texto: { type: 'string', description: 'O que guardar.' } } } },
  { name: 'listar_notas', description: 'As notas guardadas.', annotations: { readOnlyHint: true }, inputSchema: { type: 'object', properties: {} } },
  { name: 'repetir', description: 'Diz o que recebeu, como o recebeu.', annotations: { readOnlyHint: true }, inputSchema: { type: 'object' } },
  // Reads backwards where nothing is done about it.
  ...(about === '' ? [] : [{ name: 'pa\\u202erag', description: 'Paga.', inputSchema: { type: 'object' } }]),
];
process.stderr.write('servidor de notas pronto ' + about + '\\n');
const run = ({ name, arguments: args }) => {
  process.stderr.write('chamada: ' + name + ' ' + about + '\\n');
  if (name === 'anotar') { notes.push(args.texto); return text('Guardada: ' + args.texto); }
  return text(notes.map((note, at) => (at + 1) + '. ' + note).join('\\n') || 'Nenhuma nota.');
};
// Written by hand: parsed, its numbers would be others, and a name would be there once.
const repeat = (id, line) => {
  const received = /"arguments":(\\{[^}]*\\})/.exec(line)[1];
  const structured = '{"recebido":' + received + ',"n":9007199254740993,"n":-0,"__proto__":[1e400]}';
  process.stdout.write('{"jsonrpc":"2.0","id":' + JSON.stringify(id) + ',"result":{"content":[],"structuredContent":' + structured + '}}\\n');
};
lines.on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'initialize') say({ id, result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'notas', version: '1.4.0' } } });
  else if (method === 'tools/list') say({ id, result: { tools } });
  else if (method === 'tools/call' && params.name === 'repetir') repeat(id, line);
  else if (method === 'tools/call') say({ id, result: run(params) });
  else if (method === 'ping') say({ id, result: {} });
  else say({ id, error: { code: -32601, message: 'no' } });
});
`;

/** A folder for HUB_LOCAL_DIR, path to text. */
export const notesFolder = (name: string, about = ''): Readonly<Record<string, string>> => ({
  'package.json': JSON.stringify({ name, version: '1.4.0', bin: './index.cjs' }),
  'index.cjs': program(about),
});

export const notesPackage: TestPackage = {
  name: '@exemplo/servidor-de-notas',
  version: '1.4.0',
  files: { 'index.cjs': program('') },
  manifest: { bin: { notas: './index.cjs' } },
};
