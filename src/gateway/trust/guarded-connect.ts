/** The rule of {@link checkUrl} once more where the connection is made: the address judged is the address called. */
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type AddressRule, addressesAllowed } from './private-address.ts';

/** How names become addresses; the system's way unless a test has another. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const resolveWithSystem: Resolve = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true, order: 'verbatim' }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });

/**
 * For `net.connect`'s `lookup`: it resolves once, judges every answer, and hands over those very addresses. A name that
 * is public when asked first and private when asked again (DNS rebinding) is never asked again.
 */
export function guardedLookup(rule: AddressRule, resolve: Resolve = resolveWithSystem): LookupFunction {
  return (host, options, callback) => {
    resolve(host).then(
      (found) => {
        const wanted = options.family === 4 || options.family === 6 ? options.family : undefined;
        const addresses = found.filter(({ family }) => wanted === undefined || family === wanted);
        const [first] = addresses;
        try {
          addressesAllowed(
            host,
            found.map(({ address }) => address),
            rule,
          );
          if (first === undefined) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
        } catch (thrown) {
          callback(thrown instanceof Error ? thrown : new Error('lookup failed'), '');
          return;
        }
        if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
}
