import type { ServerResponse } from 'node:http';
import { classifyInboundRequest, UnsupportedProtocolVersionError } from '@modelcontextprotocol/server';
import { INVALID_REQUEST } from '../../protocol/error-codes.ts';
import { echoableId, type Fields, isFields } from '../../protocol/json-rpc.ts';
import { MODERN_REVISION } from '../../protocol/revisions.ts';
import { withCarriedToken } from '../carried-token.ts';
import { type Refusal, refuse, writeEmpty } from '../http-reply.ts';
import { type StandardHeaders, standardHeaderProblem } from './standard-headers.ts';

/** The request in a body, as the SDK judges it; undefined once it has been answered otherwise. */
export function classifyPost(res: ServerResponse, body: unknown, headers: StandardHeaders): Fields | undefined {
  const judged = isFields(body) ? withCarriedToken(body) : body;
  const route = classifyInboundRequest({
    httpMethod: 'POST',
    body: judged,
    ...(headers.version === undefined ? {} : { protocolVersionHeader: headers.version }),
    ...(headers.method === undefined ? {} : { mcpMethodHeader: headers.method }),
    ...(headers.name === undefined ? {} : { mcpNameHeader: headers.name }),
  });
  if (route.kind === 'modern' && route.messageKind === 'notification') {
    writeEmpty(res, 202);
    return undefined;
  }
  if (route.kind === 'modern' && route.classification.revision === MODERN_REVISION) {
    const { method, params } = route.message;
    const problem = standardHeaderProblem(headers, method, params ?? {});
    if (problem === undefined) return isFields(body) && judged !== body ? body : route.message;
    refuse(res, problem, echoableId(body));
    return undefined;
  }
  refuse(res, route.kind === 'reject' ? rejection(route) : misdirected(route), echoableId(body));
  return undefined;
}

function rejection({
  httpStatus,
  code,
  message,
  data,
}: {
  httpStatus: number;
  code: number;
  message: string;
  data?: unknown;
}): Refusal {
  return { status: httpStatus, code, message, data };
}

/** A revision we do not serve, or a response or batch under the modern header. */
function misdirected(route: { kind: 'modern' | 'legacy'; classification?: { revision?: string } }): Refusal {
  if (route.kind === 'legacy')
    return { status: 400, code: INVALID_REQUEST, message: 'Bad Request: not a request of 2026-07-28' };
  const error = new UnsupportedProtocolVersionError({
    supported: [MODERN_REVISION],
    requested: route.classification?.revision ?? 'unknown',
  });
  return { status: 400, code: error.code, message: error.message, data: error.data };
}
