import type { CheckedLoadSpec } from './load-spec.ts';

export const LEGACY_REVISION = '2025-06-18';
export const MODERN_REVISION = '2026-07-28';

const client = { name: 'bench', version: '1' };

export const initialized = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

export function initialize(id: number): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'initialize',
    params: { protocolVersion: LEGACY_REVISION, capabilities: {}, clientInfo: client },
  });
}

/** Bodies of the measured request: all but the id is made once per set of arguments. */
export function requestBodies(spec: CheckedLoadSpec): (id: number) => string {
  const tails = spec.argumentSets.map((args) => {
    const params = {
      ...(spec.method === 'tools/call' ? { name: spec.tool, arguments: args } : {}),
      ...(spec.transport === 'modern' ? { _meta: modernEnvelope } : {}),
    };
    return `,"method":${JSON.stringify(spec.method)},"params":${JSON.stringify(params)}}`;
  });
  return (id) => `{"jsonrpc":"2.0","id":${id}${tails[id % tails.length] ?? ''}`;
}

const modernEnvelope = {
  'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
  'io.modelcontextprotocol/clientInfo': client,
  'io.modelcontextprotocol/clientCapabilities': {},
};

export function baseHeaders(spec: CheckedLoadSpec): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(spec.token === undefined ? {} : { authorization: `Bearer ${spec.token}` }),
  };
  if (spec.transport !== 'modern') return headers;
  headers['mcp-protocol-version'] = MODERN_REVISION;
  headers['mcp-method'] = spec.method;
  if (spec.method === 'tools/call') headers['mcp-name'] = spec.tool;
  return headers;
}
