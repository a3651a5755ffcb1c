/** Requests as a client without an SDK would write them. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into
  readonly json: any;
}

export const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export async function post(
  url: string,
  body: string | object,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${url}/mcp`, { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, body: text });
  return read(response);
}

export async function read(response: Response): Promise<RawAnswer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

export function initialize(protocolVersion = '2025-11-25'): object {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
  return { jsonrpc: '2.0', id: 0, method: 'initialize', params };
}

/** Opens a session and returns the headers that later requests need. */
export async function openSession(url: string, headers: Record<string, string> = {}, version?: string) {
  const { headers: answer } = await post(url, initialize(version), headers);
  return { ...headers, 'mcp-session-id': answer.get('mcp-session-id') ?? '' };
}

export function call(id: unknown, name: string, args: object = {}): object {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } };
}

export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
};

export function modern(method: string, params: object = {}, name?: string) {
  return {
    body: { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: ENVELOPE } },
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(name === undefined ? {} : { 'mcp-name': name }),
    },
  };
}
