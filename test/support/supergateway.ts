import type { TestPackage } from './npm-registry.ts';

/**
 * A stand-in for supergateway 4.0.0 as we start it: `--stdio` goes to a shell, each session is a process, messages pass
 * unread. What it cannot show is shown with the real one, where npm can have it (test/e2e/e2b.test.ts).
 */
const program = `const { spawn } = require('node:child_process'), http = require('node:http'), { randomUUID } = require('node:crypto');
const option = (name) => process.argv[process.argv.indexOf(name) + 1];
for (const wanted of ['--stateful', '--outputTransport']) if (!process.argv.includes(wanted)) process.exit(9);
const sessions = new Map();
const open = () => {
  const child = spawn(option('--stdio'), { shell: true });
  const session = { id: randomUUID(), child, waiting: new Map() };
  let rest = '';
  child.stdout.on('data', (data) => {
    const lines = (rest + data).split('\\n');
    rest = lines.pop();
    for (const line of lines) {
      console.log('[supergateway] Child → StreamableHttp:', line);
      const message = JSON.parse(line);
      session.waiting.get(message.id)?.(line);
    }
  });
  child.stderr.on('data', (data) => console.error('[supergateway]', 'Child stderr: ' + data));
  child.on('exit', () => sessions.delete(session.id));
  sessions.set(session.id, session);
  return session;
};
http.createServer(async (req, res) => {
  if (req.url === option('--healthEndpoint')) return res.end('ok');
  if (req.url !== option('--streamableHttpPath')) return res.writeHead(404).end();
  const id = req.headers['mcp-session-id'];
  if (req.method === 'DELETE') { sessions.get(id)?.child.kill(); return res.writeHead(200).end(); }
  if (req.method !== 'POST') return res.writeHead(405).end();
  const text = Buffer.concat(await req.toArray()).toString();
  const message = JSON.parse(text);
  const session = message.method === 'initialize' ? open() : sessions.get(id);
  if (session === undefined) {
    const error = { code: -32000, message: 'Bad Request: No valid session ID provided' };
    return res.writeHead(id === undefined ? 400 : 404, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', error, id: null }));
  }
  session.child.stdin.write(text + '\\n');
  if (message.id === undefined) return res.writeHead(202).end();
  session.waiting.set(message.id, (line) => {
    res.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': session.id }).end(line);
  });
  session.child.once('exit', () => res.destroy());
}).listen(Number(option('--port')));
`;

export const supergatewayPackage: TestPackage = {
  name: 'supergateway',
  version: '4.0.0',
  files: { 'dist/index.js': program },
  manifest: { bin: { supergateway: 'dist/index.js' } },
};
