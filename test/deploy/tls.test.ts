import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../support/installed-tool.ts';
import { startBench } from '../support/program.ts';
import { startProxy } from './proxy.ts';
import { startRecorder } from './recorder.ts';

const hasTools = isInstalled('nginx', 'nginx-light') && isInstalled('openssl');

const servername = 'hub.example.com';
const token = 'token-of-this-test-only';

/** A certificate of its own, and nginx with it as the shipped examples say. */
async function startTlsProxy(hub: number, more: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-tls-'));
  const [key, cert] = [join(folder, 'privkey.pem'), join(folder, 'fullchain.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const subject = ['-subj', `/CN=${servername}`, '-addext', `subjectAltName=DNS:${servername}`];
  spawnSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const example = (name: string) => readFileSync(`deploy/nginx/${name}.example`, 'utf8');
  const proxy = await startProxy({
    hubA: hub,
    hubB: hub,
    site: {
      'default-tls.conf': example('default-tls.conf'),
      'server-name.conf': example('server-name.conf'),
      'server-tls.conf': example('server-tls.conf')
        .replace('/etc/nginx/tls/fullchain.pem', cert)
        .replace('/etc/nginx/tls/privkey.pem', key),
      ...more,
    },
  });
  return {
    /** One request as it is written, and the head of its answer. */
    ask: (options: ConnectionOptions, request = 'GET /tools HTTP/1.1\r\n'): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectTls({ host: '127.0.0.1', port: proxy.tlsPort, ca: readFileSync(cert), ...options });
        let answer = '';
        socket.on('secureConnect', () =>
          socket.write(`${request}Host: ${servername}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`),
        );
        socket.on('data', (chunk) => {
          answer += chunk;
          if (answer.includes('\r\n\r\n')) socket.destroy();
        });
        socket.on('error', (error) => resolve(`failed: ${error.message}`));
        socket.on('close', () => resolve(answer.split('\r\n\r\n', 1).join()));
      }),
    async close() {
      await proxy.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

describe.skipIf(!hasTools)('TLS, as the shipped examples set it up', () => {
  it('answers over TLS 1.2 and 1.3 under its own name, and to nothing else', async () => {
    const hub = await startRecorder('a');
    const door = await startTlsProxy(hub.port);
    try {
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const answer = await door.ask({ servername, minVersion: version, maxVersion: version });
        expect(answer).toMatch(/^HTTP\/1.1 200 /);
      }
      expect(hub.seen.map(({ headers }) => headers['x-forwarded-proto'])).toEqual(['https', 'https']);
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      expect(await door.ask({ servername, ...old })).toMatch(/^failed: .*(alert|protocol)/i);
      expect(await door.ask({ servername: 'evil.example.com' })).toMatch(/^failed: .*unrecognized name/i);
      expect(hub.seen).toHaveLength(2);
    } finally {
      await door.close();
      await hub.close();
    }
  });

  it('says Strict-Transport-Security and X-Request-Id once in every answer, whoever gives it', async () => {
    const bench = await startBench();
    const hub = bench.run(['serve', '--transports', 'sse,http'], {
      MCP_AUTH_TOKEN: token,
      MCP_TRUST_PROXY: '127.0.0.1',
      MCP_ALLOWED_HOSTS: servername,
    });
    // A limit that is reached at once, in the place where nginx answers when one is.
    const door = await startTlsProxy(await hub.port(), { 'server-full.conf': 'location = /full { return 429; }' });
    const expectOnce = async (line: string, status: number, headers = ''): Promise<void> => {
      const head = await door.ask({ servername }, `${line} HTTP/1.1\r\n${headers}`);
      expect(head.split(' ')[1], line).toBe(String(status));
      const names = head.split('\r\n').map((text) => text.split(':', 1).join().toLowerCase());
      for (const once of ['strict-transport-security', 'x-request-id'])
        expect(
          names.filter((name) => name === once),
          `${line}: ${head}`,
        ).toEqual([once]);
      expect(new Set(names).size, `${line}: ${head}`).toBe(names.length);
    };
    try {
      await expectOnce('GET /tools', 200);
      await expectOnce('POST /tools/unknown', 404);
      await expectOnce('GET /metrics', 404);
      await expectOnce('GET /tools/../api', 400);
      await expectOnce('POST /mcp', 413, 'Content-Length: 5000000\r\n');
      await expectOnce('GET /full', 429);
      hub.kill('SIGTERM');
      expect((await hub.exit()).code).toBe(0);
      await expectOnce('GET /tools', 503);
      await expectOnce('GET /mcp', 404, 'Mcp-Session-Id: hub-a.gone\r\n');
    } finally {
      await door.close();
      await bench.close();
    }
  });
});
