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
};

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * DNS-rebinding protection for every route (MCP transports, "Security Warning"): a web page that resolves its own
 * name to this machine sends that name as Host and itself as Origin, and gets 403 before anything runs.
 */
export function createGuards({
  host,
  allowedHosts,
  corsOrigins,
}: GuardOptions): (req: IncomingMessage) => Refusal | undefined {
  const names = new Set([...loopbackNames, bracketed(host), ...allowedHosts].map((name) => name.toLowerCase()));
  const origins = new Set(corsOrigins.map((origin) => origin.toLowerCase()));

  return (req) => {
    if (hasDuplicateHost(req.rawHeaders)) return { status: 400, reason: 'host', message: 'Cabeçalho Host repetido.' };
    const name = hostName(req.headers.host);
    if (name === undefined || !names.has(name)) {
      return {
        status: 403,
        reason: 'host',
        message: 'Host não permitido. O operador pode liberá-lo em MCP_ALLOWED_HOSTS.',
      };
    }
    const { origin } = req.headers;
    if (origin !== undefined && !origins.has(origin.toLowerCase()) && !isOwnOrigin(origin, names)) {
      return {
        status: 403,
        reason: 'origin',
        message: 'Origin não permitido. O operador pode liberá-lo em MCP_CORS_ORIGINS.',
      };
    }
    return undefined;
  };
}

/** Node keeps only the first of two Host headers and goes on; proxies may believe the second. */
function hasDuplicateHost(rawHeaders: readonly string[]): boolean {
  let seen = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i];
    if (header !== undefined && header.length === 4 && header.toLowerCase() === 'host') seen += 1;
  }
  return seen > 1;
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
