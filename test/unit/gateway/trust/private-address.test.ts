import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHttpLink } from '../../../../src/gateway/links/http-link.ts';
import type { Resolve } from '../../../../src/gateway/trust/guarded-connect.ts';
import { addressKind, BlockedAddressError, checkUrl } from '../../../../src/gateway/trust/private-address.ts';
import { opening, startRaw } from '../../../support/upstreams.ts';

const outside = { allowPrivate: false, allowPlainHttp: true };

let decoys: Server[] = [];
let visits = 0;
let port = 0;
beforeEach(async () => {
  visits = 0;
  const visit = (): void => {
    visits += 1;
  };
  const decoy = createServer((socket) => {
    visit();
    socket.destroy();
  }).listen(0, '::');
  await once(decoy, 'listening');
  decoys = [decoy];
  const address = decoy.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterEach(async () => {
  for (const decoy of decoys) await new Promise((resolve) => decoy.close(resolve));
});

const hostile = [
  'http://127.0.0.1:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7f.1:PORT/',
  'http://0x7f.0.0.1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://017700000001:PORT/',
  'http://127.255.255.254:PORT/',
  'http://0:PORT/',
  'http://0.0.0.0:PORT/',
  'http://0.1.2.3:PORT/',
  'http://[::1]:PORT/',
  'http://[::]:PORT/',
  'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[::ffff:0:127.0.0.1]:PORT/',
  'http://[64:ff9b::127.0.0.1]:PORT/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[64:ff9b:1::10.0.0.1]/',
  'http://[2002:7f00:1::]:PORT/',
  'http://[2002:a9fe:a9fe::1]/',
  'http://localhost:PORT/',
  'http://LOCALHOST:PORT/',
  'http://localhost.:PORT/',
  'http://a.localhost:PORT/',
  'http://ⓛocalhost:PORT/',
  'http://１２７.0.0.1:PORT/',
  'http://127。0。0。1:PORT/',
  'http://intranet:PORT/',
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://169.254.170.2/',
  'http://[fe80::1]/',
  'http://[fd00:ec2::254]/',
  'http://metadata.google.internal/',
  'http://instance-data/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://198.18.0.1/',
  'http://[fc00::1]/',
  'http://[fd12:3456::1]/',
  'http://[fec0::1]/',
  'http://224.0.0.1/',
  'http://239.255.255.250/',
  'http://255.255.255.255/',
  'http://240.0.0.1/',
  'http://[ff02::1]/',
  'http://192.0.0.170/',
  'http://printer.local/',
  'http://db.home.arpa/',
  'http://wiki.lan/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/plain,x',
  'gopher://127.0.0.1/',
  'unix:/run/docker.sock',
  'https://user:pw@example.com/',
  'https://example.com@127.0.0.1:PORT/',
  'http://',
  'not a url',
  '//127.0.0.1/',
  'http://[::1',
  '',
];

describe('addresses that lead inside', () => {
  it(`all ${hostile.length} are refused before anybody is called`, async () => {
    expect(hostile.length).toBeGreaterThanOrEqual(40);
    for (const template of hostile) {
      const url = template.replace('PORT', String(port));
      expect(() => checkUrl(url, outside), url).toThrow(BlockedAddressError);
      await expect(openHttpLink({ url, headers: {} }, opening(), { rule: outside }), url).rejects.toBeInstanceOf(
        BlockedAddressError,
      );
    }
    expect(visits).toBe(0);
  });

  it.each([
    'https://example.com/mcp',
    'https://1.1.1.1/',
    'https://8.8.8.8:8443/x?y',
    'https://[2606:4700::1111]/',
    'https://api.example.com.br/',
    'https://172.32.0.1/',
    'https://100.128.0.1/',
    'https://internal.example.com/',
  ])('%s is outside', (url) =>
    expect(checkUrl(url, { allowPrivate: false, allowPlainHttp: false }).href).toContain('https://'),
  );

  it('plain http and private networks are allowed by name only; metadata never is', () => {
    expect(() => checkUrl('http://example.com/', { allowPrivate: true, allowPlainHttp: false })).toThrow(/https/);
    const named = { allowPrivate: true, allowPlainHttp: true };
    for (const url of [
      'http://127.0.0.1:8000/sse',
      'http://localhost:8000/',
      'http://10.1.2.3/',
      'http://db/',
      'http://[::1]/',
    ]) {
      expect(checkUrl(url, named).href).toContain('http');
    }
    for (const url of [
      'http://169.254.169.254/',
      'http://[::ffff:169.254.169.254]/',
      'http://0.0.0.0/',
      'http://[fe80::1]/',
      'http://metadata/',
      'http://224.0.0.1/',
    ]) {
      expect(() => checkUrl(url, named), url).toThrow(BlockedAddressError);
    }
  });

  it('knows an address in all its notations', () => {
    expect(addressKind('::ffff:10.0.0.1')).toBe('internal');
    expect(addressKind('fe80::1%eth0')).toBe('forbidden');
    expect(addressKind('64:ff9b::8.8.8.8')).toBe('public');
    expect(addressKind('no address')).toBe('forbidden');
  });
});

describe('names that lead inside', () => {
  const open = (resolve: Resolve, rule = outside) =>
    openHttpLink({ url: `http://rebind.example.com:${port}/mcp`, headers: {} }, opening({ connectTimeoutMs: 2_000 }), {
      rule,
      resolve,
    });
  const says =
    (...addresses: string[]): Resolve =>
    async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

  it.each([
    ['127.0.0.1'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['169.254.169.254'],
    ['10.0.0.1'],
    ['1.1.1.1', '127.0.0.1'],
    ['127.0.0.1', '1.1.1.1'],
  ])('to %s are refused with nobody called', async (...addresses) => {
    const failed = await open(says(...addresses)).catch((error: unknown) => error);
    expect(failed).toMatchObject({ name: 'UpstreamGoneError', sent: false });
    expect(failed).toHaveProperty('cause.name', 'BlockedAddressError');
    expect(visits).toBe(0);
  });

  it('that change their mind are asked once a connection, and the address judged is the address called', async () => {
    let asked = 0;
    const resolve: Resolve = async () => {
      asked += 1;
      return [{ address: asked % 2 === 1 ? '192.0.3.1' : '127.0.0.1', family: 4 }];
    };
    const signal = AbortSignal.timeout(400);
    const first = await openHttpLink(
      { url: `http://rebind.example.com:${port}/mcp`, headers: {} },
      opening({ signal }),
      { rule: outside, resolve },
    ).catch((error: unknown) => error);
    expect(first).toBeInstanceOf(Error);
    expect(asked).toBe(1);
    await expect(open(resolve)).rejects.toMatchObject({ cause: { name: 'BlockedAddressError' } });
    expect(asked).toBe(2);
    expect(visits).toBe(0);
  });

  it('that the operator allows are called', async () => {
    await expect(open(says('127.0.0.1'), { allowPrivate: true, allowPlainHttp: true })).rejects.toMatchObject({
      sent: true,
    });
    expect(visits).toBeGreaterThan(0);
  });

  it('and a redirect to the inside leads nowhere', async () => {
    const server = await startRaw((_req, res) => res.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end());
    const rule = { allowPrivate: true, allowPlainHttp: true };
    await expect(openHttpLink({ url: server.url, headers: {} }, opening(), { rule })).rejects.toThrow(/redireciona/);
    await server.close();
    expect(visits).toBe(0);
  });
});
