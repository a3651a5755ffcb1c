import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createClientAddress, isLoopbackAddress } from '../../../src/http/client-address.ts';

function seen(proxies: readonly string[], peer: string, forwarded?: string): string {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer });
  const req = new IncomingMessage(socket);
  if (forwarded !== undefined) req.headers['x-forwarded-for'] = forwarded;
  return createClientAddress(proxies)(req);
}

it.each([
  ['nobody is trusted', [], '203.0.113.1', '198.51.100.7', '203.0.113.1'],
  ['the peer is not a proxy', ['10.0.0.0/8'], '203.0.113.1', '198.51.100.7', '203.0.113.1'],
  ['one proxy', ['10.0.0.1'], '10.0.0.1', '198.51.100.7', '198.51.100.7'],
  ['what the client made up', ['10.0.0.0/8'], '10.0.0.1', '1.1.1.1, 198.51.100.7', '198.51.100.7'],
  ['two proxies', ['10.0.0.0/8', '192.0.2.1'], '10.0.0.1', '198.51.100.7, 192.0.2.1', '198.51.100.7'],
  ['nobody but proxies', ['uniquelocal'], '10.0.0.1', '10.0.0.3, 192.168.0.2', '10.0.0.3'],
  ['proxies within IPv6', ['loopback'], '::ffff:127.0.0.1', '198.51.100.7', '198.51.100.7'],
  ['one hop', ['1'], '203.0.113.1', '1.1.1.1, 198.51.100.7', '198.51.100.7'],
  ['two hops', ['2'], '203.0.113.1', '1.1.1.1, 198.51.100.7', '1.1.1.1'],
  ['an address with its port', ['10.0.0.1'], '10.0.0.1', '198.51.100.7:5678', '198.51.100.7'],
  ['IPv6 with its port', ['10.0.0.1'], '10.0.0.1', '[2001:db8::1]:99', '2001:db8:0:0::/64'],
  ['IPv6 in brackets', ['10.0.0.1'], '10.0.0.1', '[::1]', '::1'],
  ['two proxies with their ports', ['uniquelocal'], '10.0.0.1', '198.51.100.7:1, 10.0.0.2:2', '198.51.100.7'],
  ['a word', ['10.0.0.1'], '10.0.0.1', 'unknown', '10.0.0.1'],
  ['a word through a proxy on this machine', ['loopback'], '127.0.0.1', 'x7', 'unknown'],
  ['a word, by hops', ['1'], '10.0.0.1', '_hidden', '10.0.0.1'],
  ['a word of the client, before a proxy', ['10.0.0.0/8'], '10.0.0.1', 'x1, 10.0.0.2', '10.0.0.2'],
  ['no header', ['1'], '203.0.113.1', undefined, '203.0.113.1'],
  ['IPv4 in IPv6', [], '::ffff:203.0.113.1', undefined, '203.0.113.1'],
  ['a network of IPv6', [], '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
  ['a short IPv6', [], '2001:db8::1', undefined, '2001:db8:0:0::/64'],
  ['this machine', [], '::1', undefined, '::1'],
])('%s', (_name, proxies, peer, forwarded, expected) => {
  expect(seen(proxies, peer, forwarded)).toBe(expected);
});

it('what a client writes before the proxy speaks changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2_000 }), (lies) => {
      expect(seen(['10.0.0.1'], '10.0.0.1', `${lies}, 198.51.100.7`)).toBe('198.51.100.7');
    }),
  );
});

it('nobody gets more than one limit out of ports and words', () => {
  const port = fc.nat(65_535);
  const word = fc.string({ maxLength: 70 }).filter((text) => !/[,.:]/.test(text));
  fc.assert(
    fc.property(port, word, (number, garbage) => {
      expect(seen(['10.0.0.1'], '10.0.0.1', `198.51.100.7:${number}`)).toBe('198.51.100.7');
      expect(seen(['10.0.0.1'], '10.0.0.1', `[2001:db8::1]:${number}`)).toBe('2001:db8:0:0::/64');
      expect(seen(['10.0.0.1'], '10.0.0.1', garbage)).toBe('10.0.0.1');
    }),
  );
});

it('knows this machine', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '198.51.100.7', '1.127.0.1'].map(isLoopbackAddress)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
