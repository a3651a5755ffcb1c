import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6, type Socket } from 'node:net';

/** More hops than any real way has; a longer header is somebody's attempt to keep us busy. */
const maxHops = 16;

export type ClientAddress = (req: IncomingMessage) => string;

/**
 * Whom a request comes from, as limits count it. Each proxy appends to `X-Forwarded-For` whom it speaks for, so the
 * list is read from its end as long as trusted proxies speak; the first address that is not one is the client, and what
 * stands before it is hearsay. An entry that is no address (`unknown`, or what a proxy let through) ends the reading: the
 * request counts as the proxy's own that passed it on, or every invented word would have a limit of its own.
 *
 * @param proxies addresses, networks and names like `loopback`, or one number: how many proxies stand before us
 */
export function createClientAddress(proxies: readonly string[]): ClientAddress {
  if (proxies.length === 0) return (req) => addressOf(req.socket);
  const trusts = trustOf(proxies);
  return (req) => {
    let client = req.socket.remoteAddress ?? '';
    const forwarded = req.headers['x-forwarded-for'];
    if (typeof forwarded !== 'string') return countedAs(client);
    const before = forwarded.split(',').slice(-maxHops).reverse();
    for (const [hop, address] of before.entries()) {
      if (!trusts(client, hop)) break;
      const named = addressIn(address.trim());
      if (named === undefined) return nameless(countedAs(client));
      client = named;
    }
    return countedAs(client);
  };
}

/** A connection has one peer for as long as it lasts, and brings many requests. */
const known = new WeakMap<Socket, string>();

function addressOf(socket: Socket): string {
  const address = known.get(socket) ?? countedAs(socket.remoteAddress);
  // A socket that is gone no longer tells.
  if (socket.remoteAddress !== undefined) known.set(socket, address);
  return address;
}

/** Some proxies add the client's port, and with it the brackets of IPv6; an IPv6 may also name a zone. */
function addressIn(entry: string): string | undefined {
  const address = (/^\[([^\]]*)\](?::\d+)?$/.exec(entry) ?? /^([\d.]+):\d+$/.exec(entry))?.[1] ?? entry;
  return isIP(address) === 0 ? undefined : address.replace(/%.*$/, '');
}

/** Who came through a proxy is not this machine, which no limit counts, even if the proxy is. */
function nameless(proxy: string): string {
  return isLoopbackAddress(proxy) ? 'unknown' : proxy;
}

/** True for addresses of this machine itself. */
export function isLoopbackAddress(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** The names that proxy-addr made customary. */
const namedNetworks: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

function trustOf(proxies: readonly string[]): (address: string, hop: number) => boolean {
  const hops = Number(proxies[0]);
  if (proxies.length === 1 && !Number.isNaN(hops)) return (_address, hop) => hop < hops;
  const trusted = new BlockList();
  for (const network of proxies.flatMap((proxy) => namedNetworks[proxy] ?? [proxy])) {
    const [address = '', prefix] = network.split('/');
    if (prefix === undefined) trusted.addAddress(address, familyOf(address));
    else trusted.addSubnet(address, Number(prefix), familyOf(address));
  }
  return (address) => isIP(address) !== 0 && trusted.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}

/** IPv4 as such even inside IPv6; IPv6 by its /64, which is what one customer is given whole. */
function countedAs(address = ''): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address) || address === '::1') return address.slice(0, 64);
  const [head = '', tail = ''] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::') ? 8 - before.length - after.length : 0;
  const groups = [...before, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
