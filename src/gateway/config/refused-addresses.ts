import { isRefused, kindByText } from '../trust/private-address.ts';
import type { Finding } from './cross-checks.ts';
import type { GatewayConfig } from './gateway-config.ts';

const NEVER =
  'o endereço é reservado (como o de metadados de uma nuvem) e nunca é aceito; use o endereço público do servidor';
const INTERNAL =
  'o endereço é da rede interna e o gateway não se conectará a ele; se o servidor é mesmo interno, ponha nele allow_private_address: true';

/**
 * Servers that the gateway would not connect to because of what their `url` says itself, an address or a name; what a name
 * leads to is judged when it is resolved. No reason not to load the file: with `fail_fast: false` the other servers work.
 */
export function refusedAddresses({ servers }: GatewayConfig): Finding[] {
  return servers.flatMap(({ id, url, disabled, allowPrivateAddress: allowPrivate }): Finding[] => {
    const kind = url === undefined || disabled ? undefined : kindByText(new URL(url));
    if (kind === undefined || !isRefused(kind, { allowPrivate })) return [];
    return [[['mcp_servers', id, 'url'], kind === 'forbidden' ? NEVER : INTERNAL]];
  });
}
