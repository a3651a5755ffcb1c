import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dialect, detectDialect, dialects } from '../../../src/gateway/config/dialects/dialect.ts';
import type { GatewayFile } from '../../../src/gateway/config/gateway-schema.ts';
import { readGatewayYaml, writeGatewayYaml } from '../../../src/gateway/config/gateway-yaml.ts';
import { exportServers, importServers } from '../../../src/gateway/config/mcp-servers-json.ts';
import { parseGateway } from '../../../src/gateway/config/read-gateway-file.ts';

/** Through the text of the YAML file, as an import to disk would. */
function imported(root: unknown, dialect: Dialect): GatewayFile {
  const result = importServers(JSON.parse(JSON.stringify(root)), dialect);
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  const read = readGatewayYaml(Buffer.from(writeGatewayYaml(result.file)), 'gateway.yaml');
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.content;
}
const exported = (file: GatewayFile, dialect: Dialect): unknown =>
  JSON.parse(JSON.stringify(exportServers(file, dialect)));

const dialect = fc.constantFrom(...dialects);
const words = fc.oneof(
  fc.constantFrom(
    'npx',
    '-y',
    '${TOKEN}',
    '${env:TOKEN}',
    '${input:api-key}',
    '$TOKEN',
    'a $5 b',
    '${A:-b}',
    '${env:A:-b}',
    '~',
    'yes',
    '0x1F',
    '1e3',
    'null',
  ),
  fc.string({ minLength: 1, maxLength: 12 }),
);
const keys = fc.oneof(
  fc.constantFrom('my server', 'erp', 'ERP', 'a__b', 'omie', 'Ação', '发票', '1', '2', '', 'constructor'),
  fc.string({ maxLength: 10 }),
);
const foreign = fc.dictionary(
  fc.constantFrom('trust', 'tags', 'oauth', 'alwaysAllow', 'description', 'gallery'),
  fc.jsonValue(),
  { maxKeys: 2 },
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const map = fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,8}$/), words, { maxKeys: 3 });
const addresses = fc.constantFrom(
  'https://a.example/mcp',
  'http://localhost:8000/sse',
  'https://a.example/x?y=%20',
  '${URL}',
);
const shared = {
  timeout: optional(fc.oneof(fc.integer({ min: 0, max: 700_000 }), fc.double({ min: 0, max: 1e6, noNaN: true }))),
  disabled: optional(fc.boolean()),
  enabled: optional(fc.boolean()),
  includeTools: optional(fc.array(fc.constantFrom('a', 'b*', 'c(d e)'), { maxLength: 2 })),
  excludeTools: optional(fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 })),
};
const entries = fc
  .oneof(
    fc.record({
      type: optional(fc.constant('stdio')),
      command: words,
      args: optional(fc.array(words, { maxLength: 3 })),
      env: optional(
        fc.dictionary(fc.stringMatching(/^[A-Z_]{1,5}$/), fc.oneof(words, fc.integer(), fc.boolean()), { maxKeys: 3 }),
      ),
      cwd: optional(words),
      url: optional(fc.constant('')),
      ...shared,
    }),
    fc.record({
      type: optional(fc.constantFrom('http', 'sse', 'streamable-http', 'streamableHttp', 'streamable_http')),
      url: addresses,
      httpUrl: optional(addresses),
      headers: optional(map),
      command: optional(fc.constant('')),
      ...shared,
    }),
    fc.record({ serverUrl: addresses, headers: optional(map) }),
  )
  .chain((known) => foreign.map((other) => ({ ...other, ...known })));
const documents = fc.tuple(
  fc.dictionary(keys, entries, { maxKeys: 4 }),
  fc.dictionary(fc.constantFrom('inputs', 'theme', 'note'), fc.jsonValue(), { maxKeys: 2 }),
);

const globs = fc.array(fc.stringMatching(/^[a-z*_]{1,6}$/), { maxLength: 2 });
const common = {
  name: optional(words),
  priority: optional(fc.integer({ min: 1, max: 999 })),
  domains: fc.uniqueArray(
    fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/).filter((domain) => domain !== 'omie'),
    { minLength: 1, maxLength: 3 },
  ),
  capabilities: optional(fc.array(words, { maxLength: 2 })),
  timeout: optional(fc.double({ min: 0.1, max: 3_600, noNaN: true })),
  connect_timeout: optional(fc.integer({ min: 1, max: 300 })),
  aliases: optional(fc.dictionary(words, words, { maxKeys: 2 })),
  disabled: optional(fc.boolean()),
  tools: optional(fc.oneof(fc.record({ include: globs }), fc.record({ exclude: globs }), fc.constant({}))),
  extra: optional(
    fc.oneof(
      fc.constant({}),
      fc.record({ key: words }),
      fc.record({ fields: foreign }),
      fc.record({
        key: words,
        fields: fc.record({
          type: fc.constantFrom('streamableHttp', null),
          url: fc.constant(null),
          trust: fc.boolean(),
        }),
      }),
    ),
  ),
};
const servers = fc.oneof(
  fc.record({
    ...common,
    command: words,
    args: optional(fc.array(words, { maxLength: 2 })),
    env: optional(map),
    cwd: optional(words),
    transport: optional(fc.constant('stdio' as const)),
  }),
  fc.record({
    ...common,
    url: addresses,
    transport: optional(fc.constantFrom('sse' as const, 'http' as const, 'streamable-http' as const)),
    headers: optional(map),
    allow_private_address: optional(fc.boolean()),
    auth: optional(
      fc.oneof(
        fc.record({ bearer: words }),
        fc.record({ header: fc.constant('X-Key'), value: words }),
        fc.record({ basic: fc.record({ user: words, password: words }) }),
      ),
    ),
  }),
);
const files: fc.Arbitrary<unknown> = fc.record({
  mcp_servers: fc.dictionary(fc.stringMatching(/^[a-z0-9][a-zA-Z0-9-]{0,5}$/), servers, { maxKeys: 4 }),
  orchestration: optional(fc.record({ fail_fast: fc.boolean(), resource_cache_ttl: fc.integer({ min: 0, max: 600 }) })),
  extra: optional(
    fc.oneof(
      fc.constant({}),
      fc.dictionary(fc.constantFrom('inputs', 'servers', 'mcpServers', 'x-omie-mcp-hub'), fc.jsonValue(), {
        maxKeys: 2,
      }),
    ),
  ),
});

describe('files of other clients', () => {
  it('come back from our YAML as they were, whatever else they hold', () => {
    fc.assert(
      fc.property(documents, dialect, ([listed, others], spoken) => {
        const root: unknown = JSON.parse(
          JSON.stringify({ ...others, [spoken === 'vscode' ? 'servers' : 'mcpServers']: listed }),
        );
        expect(exported(imported(root, spoken), spoken)).toEqual(root);
      }),
      { numRuns: 400 },
    );
  });

  it.each([[['a b', 'a-b']], [[' b', 'b', 'b ']], [['a-b', 'a_b', 'a_b-2', 'A-B']]])(
    'keep their keys when ids made of them meet: %j',
    (names) => {
      const root = { mcpServers: Object.fromEntries(names.map((name) => [name, { command: name }])) };
      expect(exported(imported(root, 'cursor'), 'cursor')).toEqual(root);
    },
  );

  it('give every server a name of its own, whatever keys a file claims for them', () => {
    const claim = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), key: fc.constantFrom('a', 'b', 'c', 'd', 'e') });
    fc.assert(
      fc.property(fc.uniqueArray(claim, { selector: ({ id }) => id }), (claims) => {
        const file: GatewayFile = {
          mcp_servers: Object.fromEntries(
            claims.map(({ id, key }) => [id, { command: id, domains: [id], extra: { key } }]),
          ),
        };
        expect(imported(exported(file, 'claude-code'), 'claude-code')).toEqual(file);
      }),
    );
  });

  it('can be imported into settings that are good, but for what a person must decide', () => {
    fc.assert(
      fc.property(documents, dialect, ([listed], spoken) => {
        const file = imported({ [spoken === 'vscode' ? 'servers' : 'mcpServers']: listed }, spoken);
        const parsed = parseGateway(Buffer.from(writeGatewayYaml(file)), { file: 'g', baseDir: '/', variables: {} });
        const problems = 'problems' in parsed ? parsed.problems : [];
        // Variables without value, and addresses, headers and variables' names that no client could use either.
        expect(problems.filter((line) => !/variável|URL|cabeçalho|byte nulo/.test(line))).toEqual([]);
      }),
    );
  });

  it('carry our own settings there and back, in any dialect', () => {
    fc.assert(
      fc.property(files, dialect, (made, spoken) => {
        const read = readGatewayYaml(Buffer.from(JSON.stringify(made)), 'gateway.yaml');
        if ('problems' in read) throw new Error(read.problems.join('\n'));
        expect(imported(exported(read.content, spoken), spoken)).toEqual(read.content);
      }),
      { numRuns: 400 },
    );
  });

  it('let an edit win over how things once were spelled', () => {
    const file = imported(
      { mcpServers: { 'My shop': { type: 'streamableHttp', url: 'https://old.example/mcp', trust: true } } },
      'gemini-cli',
    );
    const [[id = '', server] = []] = Object.entries(file.mcp_servers);
    if (server === undefined) throw new Error('nothing imported');
    const edited = { ...file, mcp_servers: { [id]: { ...server, url: 'https://new.example/mcp' } } };
    const again = exported(edited, 'gemini-cli');
    expect(again).toEqual({
      mcpServers: {
        'My shop': {
          type: 'streamableHttp',
          httpUrl: 'https://new.example/mcp',
          trust: true,
          // The history itself, so that nothing is lost on the way back.
          'x-omie-mcp-hub': expect.anything(),
        },
      },
    });
    expect(imported(again, 'gemini-cli')).toEqual(edited);
  });

  it.each<[string, Dialect, unknown, unknown]>([
    [
      'Claude Desktop’s program',
      'claude-desktop',
      { command: 'npx', args: ['-y', 'x'], env: { K: '${K}' } },
      { command: 'npx', args: ['-y', 'x'], env: { K: '${K}' } },
    ],
    [
      'Claude Code’s address',
      'claude-code',
      { type: 'http', url: 'https://a/mcp', timeout: 5_000 },
      { transport: 'http', url: 'https://a/mcp', timeout: 5 },
    ],
    ['Gemini’s url', 'gemini-cli', { url: 'https://a/x' }, { transport: 'sse', url: 'https://a/x' }],
    [
      'Gemini’s httpUrl',
      'gemini-cli',
      { httpUrl: 'https://a/x', includeTools: ['b'], headers: { A: '$B' } },
      { transport: 'http', url: 'https://a/x', tools: { include: ['b'] }, headers: { A: '${B}' } },
    ],
    [
      'Cursor’s environment',
      'cursor',
      { url: 'https://a/x', headers: { A: '${env:B}' } },
      { transport: 'http', url: 'https://a/x', headers: { A: '${B}' } },
    ],
    ['an /sse path', 'cursor', { url: 'https://a/sse' }, { transport: 'sse', url: 'https://a/sse' }],
    [
      'VS Code’s inputs',
      'vscode',
      { type: 'stdio', command: 'x', env: { A: '${input:api-key}' } },
      { command: 'x', env: { A: '${INPUT_API_KEY}' } },
    ],
    ['enabled: false', 'cursor', { command: 'x', enabled: false }, { command: 'x', disabled: true }],
  ])('understand %s', (_name, spoken, entry, expected) => {
    const file = imported({ [spoken === 'vscode' ? 'servers' : 'mcpServers']: { one: entry } }, spoken);
    const { extra: _extra, ...server } = file.mcp_servers['one'] ?? {};
    expect(server).toEqual({ domains: ['one'], ...(expected instanceof Object ? expected : {}) });
  });

  it('show each client what it understands', () => {
    const read = readGatewayYaml(
      Buffer.from('mcp_servers: {shop: {url: "https://a/mcp", domains: [shop], auth: {bearer: "${T}"}, timeout: 9}}'),
      'gateway.yaml',
    );
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    const own = { 'x-omie-mcp-hub': expect.anything() };
    expect(exported(read.content, 'claude-code')).toEqual({
      mcpServers: {
        shop: { type: 'http', url: 'https://a/mcp', headers: { Authorization: 'Bearer ${T}' }, timeout: 9_000, ...own },
      },
    });
    expect(exported(read.content, 'vscode')).toEqual({
      servers: { shop: { type: 'http', url: 'https://a/mcp', headers: { Authorization: 'Bearer ${env:T}' }, ...own } },
    });
    expect(exported(read.content, 'claude-desktop')).toEqual({
      mcpServers: {
        shop: {
          command: 'npx',
          args: ['-y', 'mcp-remote', 'https://a/mcp', '--header', 'Authorization:Bearer ${T}'],
          ...own,
        },
      },
    });
  });

  it.each<[unknown, string]>([
    [{ mcpServers: { a: { args: [] } } }, 'mcpServers.a: falta command ou url'],
    [{ mcpServers: { a: { command: 'x', args: 'canario' } } }, 'mcpServers.a.args: deve ser uma lista de textos'],
    [
      { mcpServers: { a: { command: 'x', url: 'canario' } } },
      'mcpServers.a: tem command e url: diga o type, ou deixe só um',
    ],
    [{ mcpServers: { a: { type: 'ws', url: 'canario' } } }, 'mcpServers.a.type: deve ser stdio, sse ou http'],
    [{ mcpServers: { a: { type: 'sse', command: 'canario' } } }, 'mcpServers.a.type: pede url'],
    [{ mcpServers: { a: 'canario' } }, 'mcpServers.a: deve ser um objeto com command ou url'],
    [{ servers: {} }, 'deve ser um objeto { "mcpServers": { … } }'],
  ])('are refused by path when they make no sense: %j', (root, expected) => {
    expect(importServers(root, 'claude-code')).toEqual({ problems: [expected] });
  });

  it('are known by what gives them away', () => {
    expect(detectDialect({ servers: {} })).toBe('vscode');
    expect(detectDialect({ mcpServers: { a: { httpUrl: 'x' } } })).toBe('gemini-cli');
    expect(detectDialect({ mcpServers: { a: { url: 'x' } } })).toBe('claude-code');
  });
});
