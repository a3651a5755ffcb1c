/**
 * Where the gateway may connect. It is a client that runs inside somebody's network and is told addresses by files and,
 * one day, by other servers: an address must not lead it to what only the inside may see (SSRF).
 */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { AppError } from '../../errors.ts';

export interface AddressRule {
  /** Loopback and private networks, because the operator named this very upstream. */
  readonly allowPrivate: boolean;
  /** `http:` as well as `https:`. */
  readonly allowPlainHttp: boolean;
}

/** An address the gateway does not go to. Says the host as it was given, never what it resolves to inside. */
export class BlockedAddressError extends AppError {
  constructor(message: string, hint: string) {
    super('configuracao_invalida', message, { hint });
  }
}

/** Never an upstream's address, whoever asks: cloud metadata and its neighbours, "this host", groups, reserved. */
const forbidden = new BlockList();
/** An upstream's address only when the operator says so. */
const internal = new BlockList();

const add = (list: BlockList, ...ranges: readonly string[]): void => {
  for (const range of ranges) {
    const [network = '', prefix = ''] = range.split('/');
    list.addSubnet(network, Number(prefix), isIPv6(network) ? 'ipv6' : 'ipv4');
  }
};

// IANA IPv4 and IPv6 Special-Purpose Address Registries; 168.63.129.16 and fd00:ec2::254 are Azure's and AWS's own.
add(forbidden, '0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '224.0.0.0/4', '240.0.0.0/4', '100.100.100.200/32');
add(forbidden, '168.63.129.16/32', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '192.88.99.0/24');
add(
  forbidden,
  '::/128',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  'fd00:ec2::/32',
  '2001:db8::/32',
  '100::/64',
  '2001::/32',
);
add(forbidden, '3fff::/20', '5f00::/16', '2001:10::/28', '2001:20::/28');
add(internal, '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '100.64.0.0/10', '198.18.0.0/15');
add(internal, '::1/128', 'fc00::/7');

export type AddressKind = 'public' | 'internal' | 'forbidden';

/** @param address an IP address as Node writes it. What is not one is `forbidden`. */
export function addressKind(address: string): AddressKind {
  const plain = address.replace(/%.*$/, '');
  if (isIPv4(plain)) return kindIn(plain, 'ipv4');
  if (!isIPv6(plain)) return 'forbidden';
  const inner = embeddedIpv4(plain);
  return inner === undefined ? kindIn(plain, 'ipv6') : kindIn(inner, 'ipv4');
}

function kindIn(address: string, family: 'ipv4' | 'ipv6'): AddressKind {
  if (forbidden.check(address, family)) return 'forbidden';
  return internal.check(address, family) ? 'internal' : 'public';
}

/**
 * The IPv4 address that an IPv6 one stands for: mapped (::ffff:0:0/96), translated (::ffff:0:0:0/96), compatible
 * (::/96), NAT64 (64:ff9b::/96 and 64:ff9b:1::/48) and 6to4 (2002::/16).
 */
function embeddedIpv4(address: string): string | undefined {
  const words = ipv6Words(address);
  const head = words.slice(0, 6).join(':');
  const last = dotted(words[6], words[7]);
  if (head === '0:0:0:0:0:ffff' || head === '0:0:0:0:ffff:0' || head.startsWith('64:ff9b:')) return last;
  if (head === '0:0:0:0:0:0' && words[6] !== '0') return last;
  if (words[0] === '2002') return dotted(words[1], words[2]);
  return undefined;
}

function dotted(high = '0', low = '0'): string {
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

/** Eight groups in lower-case hexadecimal without leading zeros; the URL parser does the work. */
function ipv6Words(address: string): string[] {
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = written.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}

/** Names that mean the inside without asking any resolver (RFC 6761, RFC 6762, ICANN's .internal). */
const INTERNAL_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|localdomain)$/;
const METADATA_NAME = /^(?:metadata(?:\.google)?\.internal|metadata|instance-data(?:\.ec2\.internal)?)$/;

/**
 * The address, if the gateway may go there as far as its text tells; names are judged again when they are resolved
 * ({@link addressesAllowed}). Octal, hexadecimal and whole-number hosts are what the WHATWG parser makes of them.
 *
 * @throws BlockedAddressError with the rule that was broken and what to change.
 */
export function checkUrl(text: string, rule: AddressRule): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw new BlockedAddressError('O endereço não é uma URL válida.', 'Use https://servidor/caminho.');
  const { protocol, hostname } = url;
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new BlockedAddressError(`O endereço usa ${protocol}, que não é aceito.`, 'Use https://.');
  }
  if (protocol === 'http:' && !rule.allowPlainHttp) {
    throw new BlockedAddressError(
      `O endereço de ${hostname} não usa https.`,
      'Use https:// ou permita o endereço na configuração.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new BlockedAddressError(`O endereço de ${hostname} traz usuário ou senha.`, 'Use auth ou headers.');
  }
  const kind = kindByText(url);
  if (isRefused(kind, rule)) throw blocked(hostname, kind);
  return url;
}

/** Of the host as the URL spells it, an address or a name: what is known before anything is resolved. */
export function kindByText(url: URL): AddressKind {
  const host = hostOf(url);
  return isIP(host) === 0 ? kindOfName(host) : addressKind(host);
}

export function isRefused(kind: AddressKind, { allowPrivate }: Pick<AddressRule, 'allowPrivate'>): boolean {
  return kind === 'forbidden' || (kind === 'internal' && !allowPrivate);
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function kindOfName(host: string): AddressKind {
  if (host === '' || METADATA_NAME.test(host)) return 'forbidden';
  // A name without a dot is looked up in the machine's own search domains.
  return INTERNAL_NAME.test(host) || !host.includes('.') ? 'internal' : 'public';
}

/**
 * All of a name's addresses must be allowed, not one of them: whoever answers for the name chooses their order.
 *
 * @throws BlockedAddressError
 */
export function addressesAllowed(host: string, addresses: readonly string[], rule: AddressRule): void {
  for (const address of addresses) {
    const kind = addressKind(address);
    if (isRefused(kind, rule)) throw blocked(host, kind);
  }
}

function blocked(host: string, kind: AddressKind): BlockedAddressError {
  return kind === 'internal'
    ? new BlockedAddressError(
        `O endereço ${host} leva à rede interna.`,
        'Se este servidor é mesmo interno, permita-o pelo nome na configuração.',
      )
    : new BlockedAddressError(
        `O endereço ${host} é reservado e nunca é aceito.`,
        'Use o endereço público do servidor.',
      );
}
