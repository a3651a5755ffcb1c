import { ENVELOPE } from '../integration/transports/raw-http.ts';

/** One well-made message of every kind a client sends, to be spoilt. */
const plain: readonly [method: string, params: object, named?: string][] = [
  ['tools/call', { name: 'listar_empresas', arguments: {} }, 'listar_empresas'],
  [
    'tools/call',
    { name: 'consultar_categorias_empresa', arguments: { company_id: 'empresa_001', pagina: 1 } },
    'consultar_categorias_empresa',
  ],
  ['tools/list', {}],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['resources/read', { uri: 'omie://companies' }, 'omie://companies'],
  ['prompts/list', {}],
  [
    'prompts/get',
    { name: 'financial-analysis', arguments: { company_id: 'empresa_001', period: 'monthly' } },
    'financial-analysis',
  ],
  [
    'completion/complete',
    {
      ref: { type: 'ref/prompt', name: 'financial-analysis' },
      argument: { name: 'company_id', value: 'emp' },
    },
  ],
];
const legacyOnly: readonly [method: string, params: object][] = [
  ['ping', {}],
  ['logging/setLevel', { level: 'info' }],
  ['resources/subscribe', { uri: 'omie://companies' }],
];

export interface KnownMessage {
  readonly message: object;
  readonly headers: Readonly<Record<string, string>>;
}

export function legacyMessages(): readonly KnownMessage[] {
  const requests = [...plain, ...legacyOnly].map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }));
  const others = [
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 77 } },
    { jsonrpc: '2.0', id: 77, result: { a: 1 } },
    { jsonrpc: '2.0', id: 77, error: { code: 1, message: 'x' } },
  ];
  return [...requests, ...others].map((message) => ({ message, headers: {} }));
}

export function modernMessages(): readonly KnownMessage[] {
  return [...plain, ['server/discover', {}] as const].map(([method, params, name], id) => ({
    message: { jsonrpc: '2.0', id, method, params: { ...params, _meta: ENVELOPE } },
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(name === undefined ? {} : { 'mcp-name': name }),
    },
  }));
}
