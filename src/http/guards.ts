import type { IncomingMessage } from 'node:http';
import type { RefusalReason } from '../server/refusal-reason.ts';

export interface GuardOptions {
  /** The address listened on; its own name is always an allowed Host. */
  readonly host: string;
  /** Further Host names, without ports. */
  readonly allowedHosts: readonly string[];
  /** Browser origins let in besides same-host ones, e.g. `https://painel.exemplo.com.br`. */
  readonly corsOrigins: readonly string[];
}

export type Refusal = {
  readonly status: 400 | 403;
  readonly reason: RefusalReason;
  readonly message: string;
  /** What to do next, Portuguese. */
  readonly hint: string;
};

const ONLY_ONE = 'Envie um só.';

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * DNS-rebinding protection for every route (MCP transports, "Security Warning"): a web page that resolves its own
 * name to this machine sends that name as Host and itself as Origin, and gets 403 before anything runs. `authority` is the
 * one that the target of the request names, if it does: it counts before Host, so both have to be allowed.
 */
export function createGuards({
  host,
  allowedHosts,
  corsOrigins,
}: GuardOptions): (req: IncomingMessage, authority: string | undefined) => Refusal | undefined {
  const names = new Set([...loopbackNames, bracketed(host), ...allowedHosts].map((name) => name.toLowerCase()));
  const origins = new Set(corsOrigins.map((origin) => origin.toLowerCase()));

  const isOurs = (host: string | undefined): boolean => {
    const name = hostName(host);
    return name !== undefined && names.has(name);
  };

  return (req, authority) => {
    const repeated = repeatedHeader(req.rawHeaders);
    if (repeated !== undefined) return repeated;
    if (!isOurs(req.headers.host) || (authority !== undefined && !isOurs(authority))) {
      return {
        status: 403,
        reason: 'host',
        message: 'Host não permitido.',
        hint: 'O operador pode liberá-lo em MCP_ALLOWED_HOSTS.',
      };
    }
    const { origin } = req.headers;
    if (origin !== undefined && !origins.has(origin.toLowerCase()) && !isOwnOrigin(origin, names)) {
      return {
        status: 403,
        reason: 'origin',
        message: 'Origin não permitido.',
        hint: 'O operador pode liberá-lo em MCP_CORS_ORIGINS.',
      };
    }
    return undefined;
  };
}

/**
 * Node keeps only the first of two such headers and goes on; proxies may believe the second (RFC 9110 §5.3). Names are
 * compared only where their length fits: every request passes here.
 */
function repeatedHeader(rawHeaders: readonly string[]): Refusal | undefined {
  let hosts = 0;
  let credentials = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i] ?? '';
    if (header.length === 4 && header.toLowerCase() === 'host') hosts += 1;
    else if (header.length === 13 && header.toLowerCase() === 'authorization') credentials += 1;
  }
  if (hosts > 1) return { status: 400, reason: 'host', message: 'Cabeçalho Host repetido.', hint: ONLY_ONE };
  return credentials > 1
    ? { status: 400, reason: 'auth', message: 'Cabeçalho Authorization repetido.', hint: ONLY_ONE }
    : undefined;
}

function hostName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header)?.[1]?.toLowerCase();
}

/** `null`, `file:` and anything that is not http(s) on an allowed name is refused. */
function isOwnOrigin(origin: string, names: ReadonlySet<string>): boolean {
  const name = /^https?:\/\/(.+)$/i.exec(origin)?.[1];
  const host = hostName(name);
  return host !== undefined && names.has(host);
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
