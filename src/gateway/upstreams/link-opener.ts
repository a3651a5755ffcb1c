/** Opens conversations with one upstream, whatever its transport, over connections they share. */

import type { Logger } from '../../logging/logger.ts';
import type { Secret } from '../../logging/secret.ts';
import type { UpstreamConfig } from '../config/gateway-config.ts';
import type { HttpTarget } from '../links/http-headers.ts';
import { openHttpLink } from '../links/http-link.ts';
import { type HttpWire, openHttpWire } from '../links/http-wire.ts';
import type { JsonObject, Link, LinkInfo } from '../links/link.ts';
import { openSseLink } from '../links/sse-link.ts';
import { openStdioLink } from '../links/stdio-link.ts';

export interface LinkParts {
  readonly logger: Logger;
  /** What a child process gets besides its declared variables. */
  readonly baseEnvironment: Readonly<Record<string, string>>;
  /** Hears what a server's program prints for people. */
  readonly onStderr?: ((server: string, line: string) => void) | undefined;
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly clientCapabilities: JsonObject;
}

export class LinkOpener {
  readonly #config: UpstreamConfig;
  readonly #parts: LinkParts;
  #wire: Promise<HttpWire> | undefined;

  constructor(config: UpstreamConfig, parts: LinkParts) {
    this.#config = config;
    this.#parts = parts;
  }

  /**
   * @param own what its one user can be asked besides
   * @throws what the links throw: UpstreamGoneError, UpstreamTimeoutError, UpstreamAnswerError, AppError */
  async open(signal: AbortSignal, era?: LinkInfo['era'], own: JsonObject = {}): Promise<Link> {
    const { transport, connectTimeoutMs } = this.#config;
    const { clientInfo, baseEnvironment, logger, onStderr } = this.#parts;
    const clientCapabilities = { ...this.#parts.clientCapabilities, ...own };
    const options = { signal, connectTimeoutMs, clientInfo, clientCapabilities, era };
    if (transport === 'stdio') {
      const { id, command = '', args, env, cwd } = this.#config;
      const child = { baseEnvironment, logger, onStderr: (line: string) => onStderr?.(id, line) };
      return openStdioLink({ command, args, env: revealed(env), cwd }, options, child);
    }
    const wire = await this.#openWire();
    const parts = { rule: this.#rule, wire };
    return (transport === 'sse' ? openSseLink : openHttpLink)(targetOf(this.#config), options, parts);
  }

  async close(): Promise<void> {
    const wire = await this.#wire?.catch(() => undefined);
    await wire?.close();
  }

  get #rule(): { allowPrivate: boolean; allowPlainHttp: boolean } {
    // The file may name http:// on purpose; where a private address is meant is said by the flag alone.
    return { allowPrivate: this.#config.allowPrivateAddress, allowPlainHttp: true };
  }

  #openWire(): Promise<HttpWire> {
    const { url = '', connectTimeoutMs } = this.#config;
    this.#wire ??= openHttpWire(url, { rule: this.#rule, connectTimeoutMs });
    return this.#wire;
  }
}

function targetOf({ url = '', headers, auth }: UpstreamConfig): HttpTarget {
  const plain = revealed(headers);
  if (auth === undefined) return { url, headers: plain };
  switch (auth.kind) {
    case 'bearer':
      return { url, headers: plain, bearer: auth.token.reveal() };
    case 'header':
      return { url, headers: { ...plain, [auth.name]: auth.value.reveal() } };
    case 'basic': {
      const pair = Buffer.from(`${auth.user}:${auth.password.reveal()}`).toString('base64');
      return { url, headers: { ...plain, Authorization: `Basic ${pair}` } };
    }
  }
}

const revealed = (secrets: Readonly<Record<string, Secret>>): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]));

/**
 * What a connection depends on, as one text to compare: while it is the same, a reload keeps the connection. It holds
 * credentials, so it is compared and forgotten.
 */
export function connectionKey(config: UpstreamConfig): string {
  const { transport, url, command, args, cwd, connectTimeoutMs, allowPrivateAddress, stateful } = config;
  const target = transport === 'stdio' ? revealed(config.env) : targetOf(config);
  return JSON.stringify([transport, url, command, args, cwd, connectTimeoutMs, allowPrivateAddress, stateful, target]);
}
