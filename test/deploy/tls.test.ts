import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../support/installed-tool.ts';
import { startProxy } from './proxy.ts';
import { startRecorder } from './recorder.ts';

const hasTools = isInstalled('nginx', 'nginx-light') && isInstalled('openssl');

describe.skipIf(!hasTools)('TLS, as the shipped examples set it up', () => {
  it('answers over TLS 1.2 and 1.3 under its own name, and to nothing else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-tls-'));
    const [key, cert] = [join(folder, 'privkey.pem'), join(folder, 'fullchain.pem')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    const subject = ['-subj', '/CN=hub.example.com', '-addext', 'subjectAltName=DNS:hub.example.com'];
    spawnSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const example = (name: string) => readFileSync(`deploy/nginx/${name}.example`, 'utf8');
    const hub = await startRecorder('a');
    const proxy = await startProxy({
      hubA: hub.port,
      hubB: hub.port,
      site: {
        'default-tls.conf': example('default-tls.conf'),
        'server-name.conf': example('server-name.conf'),
        'server-tls.conf': example('server-tls.conf')
          .replace('/etc/nginx/tls/fullchain.pem', cert)
          .replace('/etc/nginx/tls/privkey.pem', key),
      },
    });
    const ask = (options: ConnectionOptions): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectTls({ host: '127.0.0.1', port: proxy.tlsPort, ca: readFileSync(cert), ...options });
        let answer = '';
        socket.on('secureConnect', () =>
          socket.write('GET /tools HTTP/1.1\r\nHost: hub.example.com\r\nConnection: close\r\n\r\n'),
        );
        socket.on('data', (chunk) => {
          answer += chunk;
        });
        socket.on('error', (error) => resolve(`failed: ${error.message}`));
        socket.on('close', () => resolve(answer));
      });
    try {
      const servername = 'hub.example.com';
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const answer = await ask({ servername, minVersion: version, maxVersion: version });
        expect(answer).toMatch(/^HTTP\/1.1 200 /);
        expect(answer).toMatch(/Strict-Transport-Security/);
      }
      expect(hub.seen.map(({ headers }) => headers['x-forwarded-proto'])).toEqual(['https', 'https']);
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      expect(await ask({ servername, ...old })).toMatch(/^failed: .*(alert|protocol)/i);
      expect(await ask({ servername: 'evil.example.com' })).toMatch(/^failed: .*unrecognized name/i);
      expect(hub.seen).toHaveLength(2);
    } finally {
      await proxy.stop();
      await hub.close();
      rmSync(folder, { recursive: true });
    }
  });
});
