import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';
import { PROTOCOL_VERSION_HEADER, SESSION_ID_HEADER } from '../protocol/headers.ts';

/** What a page's script may read besides the body (MCP transports; RFC 9110 §10.2.3, §11.6.1). */
const exposedHeaders = [
  SESSION_ID_HEADER,
  PROTOCOL_VERSION_HEADER,
  'WWW-Authenticate',
  'Retry-After',
  'X-Request-Id',
  'Content-Length',
];
const preflightSeconds = 3_600;

/** True when the request was a preflight and has been answered. */
export type CrossOrigin = (req: IncomingMessage, res: ServerResponse) => boolean;

/**
 * Lets pages of the listed origins call every route (Fetch, "CORS protocol"). The request headers that a preflight asks
 * for are granted as asked: `Mcp-Param-*` has no end, and who is listed is trusted. No credentials: tokens come in
 * `Authorization`, never in cookies.
 */
export function createCrossOrigin(origins: readonly string[]): CrossOrigin {
  if (origins.length === 0) return () => false;
  const listed = new Set(origins.map((origin) => origin.toLowerCase()));
  const grant = cors({
    origin: true,
    methods: ['GET', 'POST', 'DELETE'],
    exposedHeaders,
    maxAge: preflightSeconds,
  });

  return (req, res) => {
    // For whatever keeps answers: one without `Origin` is not the one a page may see.
    res.setHeader('vary', 'Origin');
    const { origin } = req.headers;
    if (origin === undefined || !listed.has(origin.toLowerCase())) return false;
    const isPreflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined;
    // An OPTIONS that is no preflight is the route's to answer; cors would take it for one.
    if (req.method === 'OPTIONS' && !isPreflight) return false;
    grant(req, res, nothingMore);
    return isPreflight;
  };
}

function nothingMore(): void {}
