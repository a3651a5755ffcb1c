import { classifyInboundRequest, UnsupportedProtocolVersionError } from '@modelcontextprotocol/server';
import { echoableId, errorText, type Fields } from '../protocol/json-rpc.ts';
import { MODERN_REVISION } from '../protocol/revisions.ts';

/** The error a message gets instead of being served; there are no headers to compare on a line. */
export function envelopeProblem(message: Fields): string | undefined {
  const route = classifyInboundRequest({ httpMethod: 'POST', body: message });
  const id = echoableId(message);
  if (route.kind === 'reject') return errorText(id, route.code, route.message, route.data);
  const revision = route.kind === 'modern' ? route.classification.revision : undefined;
  if (revision === MODERN_REVISION) return undefined;
  const error = new UnsupportedProtocolVersionError({ supported: [MODERN_REVISION], requested: revision ?? 'unknown' });
  return errorText(id, error.code, error.message, error.data);
}
