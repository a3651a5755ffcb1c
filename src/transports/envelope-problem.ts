import { classifyInboundRequest, UnsupportedProtocolVersionError } from '@modelcontextprotocol/server';
import type { Fields } from '../protocol/json-rpc.ts';
import { MODERN_REVISION } from '../protocol/revisions.ts';
import { withCarriedToken } from './carried-token.ts';

/** The error a message gets instead of being served; there are no headers to compare on a line. */
export function envelopeProblem(message: Fields): { code: number; message: string; data?: unknown } | undefined {
  const route = classifyInboundRequest({ httpMethod: 'POST', body: withCarriedToken(message) });
  if (route.kind === 'reject') return route;
  const revision = route.kind === 'modern' ? route.classification.revision : undefined;
  if (revision === MODERN_REVISION) return undefined;
  return new UnsupportedProtocolVersionError({ supported: [MODERN_REVISION], requested: revision ?? 'unknown' });
}
