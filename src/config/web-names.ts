import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { z } from 'zod';

/** Items between commas; empty ones are what an unset variable left. */
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** `scheme://host[:port]`: what browsers send as `Origin`. Extensions and desktop shells have schemes of their own. */
const originShape = /^[a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\]|[^\s/?#@*:,[\]]+)(?::\d{1,5})?$/;
const hostShape = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/** Origins as browsers write them: lower case, no slash at the end, no port that the scheme implies. */
export const browserOrigins = eachOf(
  originOf,
  'não é uma origem: escreva como https://painel.exemplo.com.br, sem caminho e sem curinga (*)',
);

/** Host names as they arrive in `Host`, without ports. */
export const hostNames = eachOf(
  hostNameOf,
  'não é um nome de host: escreva como hub.exemplo.com.br, sem https://, porta, caminho nem curinga (*)',
);

/** Each item read, or named by its position; the value itself is not shown. */
function eachOf(read: (item: string) => string | undefined, complaint: string) {
  return list.transform((items, context) =>
    items.map((item, index) => {
      const understood = read(item);
      if (understood === undefined) context.addIssue(`o item ${index + 1} ${complaint}`);
      return understood ?? '';
    }),
  );
}

function originOf(item: string): string | undefined {
  const origin = item.toLowerCase().replace(/\/$/, '');
  if (!originShape.test(origin) || !URL.canParse(origin)) return undefined;
  const { protocol, origin: canonical } = new URL(origin);
  return protocol === 'http:' || protocol === 'https:' ? canonical : origin;
}

function hostNameOf(item: string): string | undefined {
  const name = item.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (isIPv6(name)) return `[${name}]`;
  const ascii = domainToASCII(name);
  return hostShape.test(name) || /[^\x20-\x7e]/.test(name) ? (hostShape.exec(ascii)?.[0] ?? undefined) : undefined;
}
