import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GatewayConfig } from '../../../src/gateway/config/gateway-config.ts';
import { isOffered } from '../../../src/gateway/config/offered-tools.ts';
import { parseGateway } from '../../../src/gateway/config/read-gateway-file.ts';
import { cpuMs } from '../../support/cpu-time.ts';

type Variables = Record<string, string>;
const parse = (yaml: string, variables: Variables = {}) =>
  parseGateway(Buffer.from(yaml), { file: 'gateway.yaml', baseDir: '/etc/hub', variables });
const problems = (yaml: string, variables?: Variables) => {
  const parsed = parse(yaml, variables);
  return 'problems' in parsed ? parsed.problems : [];
};
function config(yaml: string, variables?: Variables): GatewayConfig {
  const parsed = parse(yaml, variables);
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.content;
}

const full = `mcp_servers:
  database_mcp:
    name: "Database MCP Server"
    url: "http://localhost:8000/sse"
    transport: sse
    priority: 10
    domains: [sales, transactions, orders]
    capabilities: [execute_query, list_resources]
    timeout: 30
    auth: {bearer: "\${DATABASE_MCP_TOKEN}"}
orchestration:
  resource_cache_ttl: 300
  fail_fast: true
  max_retries: 3
  max_connections: 10
  log_level: INFO
  enable_logging: true
`;
const one = (lines: string, id = 'erp') =>
  `mcp_servers:\n  ${id}:\n    domains: [sales]\n${lines
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('')}`;

describe('a gateway file', () => {
  it('is read whole', () => {
    const { servers, orchestration } = config(full, { DATABASE_MCP_TOKEN: 'canario' });
    const [server] = servers;
    expect(server).toMatchObject({
      id: 'database_mcp',
      name: 'Database MCP Server',
      transport: 'sse',
      url: 'http://localhost:8000/sse',
      priority: 10,
      domains: ['sales', 'transactions', 'orders'],
      capabilities: ['execute_query', 'list_resources'],
      timeoutMs: 30_000,
      connectTimeoutMs: 5_000,
      allowPrivateAddress: true,
      disabled: false,
    });
    expect(server?.auth?.kind === 'bearer' && server.auth.token.reveal()).toBe('canario');
    expect(JSON.stringify(servers)).not.toContain('canario');
    expect(orchestration).toEqual({
      resourceCacheTtlMs: 300_000,
      failFast: true,
      maxRetries: 3,
      maxConnections: 10,
      logLevel: 'info',
      enableLogging: true,
    });
  });

  it('fills in what is not said', () => {
    const [local, remote] = config(`mcp_servers:
  files: {command: npx, domains: [files], cwd: data, env: {KEY: "v"}}
  shop: {url: "https://shop.example/mcp", domains: [shop]}`).servers;
    expect(local).toMatchObject({ name: 'files', transport: 'stdio', args: [], cwd: '/etc/hub/data', priority: 100 });
    expect(local?.env['KEY']?.reveal()).toBe('v');
    expect(remote).toMatchObject({ transport: 'http', timeoutMs: 30_000, allowPrivateAddress: false });
    expect(config('mcp_servers: {}').orchestration).toEqual(config(full, { DATABASE_MCP_TOKEN: 'x' }).orchestration);
  });

  it.each(['http', 'streamable-http', 'streamableHttp', 'streamable_http'])(
    'takes %s for Streamable HTTP',
    (spelling) => {
      expect(config(one(`url: https://a.example/mcp\ntransport: ${spelling}`)).servers[0]?.transport).toBe('http');
    },
  );

  it.each([
    ['auth: {header: X-Api-Key, value: k}', { kind: 'header', name: 'X-Api-Key' }],
    ['auth: {basic: {user: u, password: p}}', { kind: 'basic', user: 'u' }],
  ])('knows %s', (line, expected) => {
    expect(config(one(`url: https://a.example/mcp\n${line}`)).servers[0]?.auth).toMatchObject(expected);
  });

  it.each([
    [
      'a slip in a key',
      'url: https://a.example/mcp\npriorty: 3',
      '5:5: mcp_servers.erp.priorty: chave desconhecida; você quis dizer "priority"?',
    ],
    [
      'a name of another client',
      'url: https://a.example/mcp\ntype: sse',
      '5:5: mcp_servers.erp.type: chave desconhecida; você quis dizer "transport"?',
    ],
    [
      'one inside auth',
      'url: https://a.example/mcp\nauth: {berer: x}',
      '5:12: mcp_servers.erp.auth.berer: chave desconhecida; você quis dizer "bearer"?',
    ],
    [
      'both url and command',
      'url: https://a.example/mcp\ncommand: npx',
      '4:5: mcp_servers.erp.url: use url ou command, não os dois',
    ],
    ['neither', 'priority: 3', '2:3: mcp_servers.erp: falta url (servidor remoto) ou command (programa local)'],
    [
      'stdio with a url',
      'url: https://a.example/mcp\ntransport: stdio',
      '5:5: mcp_servers.erp.transport: stdio pede command, não url',
    ],
    [
      'sse with a command',
      'command: npx\ntransport: sse',
      '5:5: mcp_servers.erp.transport: sse e http pedem url, não command',
    ],
    [
      'an unknown transport',
      'url: https://a.example/mcp\ntransport: ws',
      '5:5: mcp_servers.erp.transport: deve ser stdio, sse ou http',
    ],
    ['priority 0', 'command: npx\npriority: 0', '5:5: mcp_servers.erp.priority: deve ser um número inteiro de 1 a 999'],
    [
      'priority 1000',
      'command: npx\npriority: 1000',
      '5:5: mcp_servers.erp.priority: deve ser um número inteiro de 1 a 999',
    ],
    [
      'half a priority',
      'command: npx\npriority: 1.5',
      '5:5: mcp_servers.erp.priority: deve ser um número inteiro de 1 a 999',
    ],
    ['a file URL', 'url: file:///etc/passwd', '4:5: mcp_servers.erp.url: deve ser uma URL http ou https completa'],
    ['no URL', 'url: shop.example', '4:5: mcp_servers.erp.url: deve ser uma URL http ou https completa'],
    [
      'a password in the URL',
      'url: https://u:canario@a.example/',
      '4:5: mcp_servers.erp.url: não deve levar usuário e senha: use auth.basic',
    ],
    [
      'two kinds of auth',
      'url: https://a.example\nauth: {bearer: a, header: X-A, value: b}',
      '5:5: mcp_servers.erp.auth: use exatamente uma forma: bearer, ou header com value, ou basic',
    ],
    [
      'half an auth',
      'url: https://a.example\nauth: {header: X-A}',
      '5:5: mcp_servers.erp.auth: header e value vão juntos',
    ],
    ['auth for a program', 'command: npx\nauth: {bearer: a}', '5:5: mcp_servers.erp.auth: só vale com url'],
    ['env for an address', 'url: https://a.example\nenv: {A: b}', '5:5: mcp_servers.erp.env: só vale com command'],
    [
      'a header split in two',
      'url: https://a.example\nheaders: {X-A: "b\\r\\nX-B: c"}',
      '5:15: mcp_servers.erp.headers.X-A: não é um cabeçalho HTTP válido, ou é um que o protocolo define',
    ],
    [
      'a header of the protocol',
      'url: https://a.example\nheaders: {Mcp-Session-Id: b}',
      '5:15: mcp_servers.erp.headers.Mcp-Session-Id: não é um cabeçalho HTTP válido, ou é um que o protocolo define',
    ],
    [
      'a number as env',
      'command: npx\nenv: {PORT: 8080}',
      '5:11: mcp_servers.erp.env.PORT: deve ser um texto (números entre aspas)',
    ],
    [
      'a time that is text',
      'command: npx\ntimeout: trinta',
      '5:5: mcp_servers.erp.timeout: deve ser um número de 0.1 a 3600',
    ],
    [
      'a glob of spaces',
      'command: npx\ntools: {include: ["a b"]}',
      '5:23: mcp_servers.erp.tools.include[0]: deve ser o nome de uma ferramenta; "*" vale por qualquer trecho',
    ],
    [
      'a variable without value',
      'command: npx\nargs: ["${NOWHERE}"]',
      '5:12: mcp_servers.erp.args[0]: a variável NOWHERE não está definida',
    ],
    [
      'a broken reference',
      'command: "${1}"',
      '4:5: mcp_servers.erp.command: referência de variável malformada: use ${NOME} ou ${NOME:-padrão}',
    ],
    [
      'a reference in a default',
      'url: https://a.example\nauth: {bearer: "${A:-${B}}"}',
      '5:12: mcp_servers.erp.auth.bearer: referência de variável malformada: use ${NOME} ou ${NOME:-padrão}',
    ],
    [
      'one header twice',
      'url: https://a.example\nheaders: {X-A: "1", x-a: "2"}',
      '5:25: mcp_servers.erp.headers.x-a: é o mesmo cabeçalho que "X-A": deixe só um dos dois',
    ],
    ['a NUL in an argument', 'command: npx\nargs: ["a\\0b"]', '5:12: mcp_servers.erp.args[0]: tem um byte nulo'],
    ['a NUL in a name', 'command: npx\nname: "a\\0b"', '5:5: mcp_servers.erp.name: tem um byte nulo'],
  ])('refuses %s, by line and path', (_name, lines, expected) => {
    expect(problems(one(lines))).toEqual([`gateway.yaml:${expected}`]);
  });

  it.each([
    ['an upper-case domain', '[Sales]', 'mcp_servers.a.domains[0]: deve ter de 1 a 16'],
    ['an underscore', '[my_sales]', 'mcp_servers.a.domains[0]: deve ter de 1 a 16'],
    ['17 letters', `[${'x'.repeat(17)}]`, 'mcp_servers.a.domains[0]: deve ter de 1 a 16'],
    ['the domain of the house', '[omie]', 'mcp_servers.a.domains[0]: é o domínio das ferramentas do próprio servidor'],
    ['none', '[]', 'mcp_servers.a.domains: está vazia'],
  ])('refuses %s as domains', (_name, domains, expected) => {
    const [line = '', ...more] = problems(`mcp_servers: {a: {command: npx, domains: ${domains}}}`);
    expect(more).toEqual([]);
    expect(line).toContain(expected);
  });

  it('refuses an id and a name that JavaScript would drop without a word', () => {
    const entry = '{command: npx, domains: [a]}';
    expect(problems(`mcp_servers: {"__proto__": ${entry}, a: ${entry}}`)).toEqual([
      'gateway.yaml:1:15: mcp_servers.__proto__: nome reservado: escolha outro',
    ]);
    expect(problems(one('command: npx\nenv: {__proto__: x}'))).toEqual([
      'gateway.yaml:5:11: mcp_servers.erp.env.__proto__: nome reservado: escolha outro',
    ]);
  });

  it.each(['a__b', '_a', 'á', 'x y', 'constructor', 'x'.repeat(65)])('refuses %s as id', (id) => {
    expect(problems(`mcp_servers: {"${id}": {command: npx, domains: [a]}}`)).toEqual([
      expect.stringMatching(/: id (inválido|reservado)/),
    ]);
  });

  it('refuses ids that an override could not tell apart', () => {
    expect(problems('mcp_servers: {my-erp: {command: a, domains: [a]}, MY_ERP: {command: a, domains: [b]}}')).toEqual([
      'gateway.yaml:1:51: mcp_servers.MY_ERP: confunde-se com o id "my-erp": mude um deles',
    ]);
  });

  it('refuses one priority twice in a domain, but not in two, nor of a server that is off', () => {
    const two = (second: string) => `mcp_servers:
  a: {command: x, priority: 5, domains: [sales, stock]}
  b: {command: x, priority: 5, ${second}}`;
    expect(problems(two('domains: [crm, stock]'))).toEqual([
      'gateway.yaml:3:19: mcp_servers.b.priority: 5 já é a de "a" no domínio stock: cada um precisa da sua',
    ]);
    expect(problems(two('domains: [crm]'))).toEqual([]);
    expect(problems(two('domains: [stock], disabled: true'))).toEqual([]);
    expect(problems('mcp_servers: {a: {command: x, domains: [s]}, b: {command: x, domains: [s]}}')).toEqual([
      expect.stringContaining('mcp_servers.b: 100 já é a de "a"'.replace('b:', 'b.priority:')),
    ]);
  });

  it('lists every problem at once', () => {
    expect(
      problems(`mcp_servers:
  a: {command: "\${NOWHERE}", domains: [UPPER], priority: 0}
orchestration: {fail_fasst: true, max_retries: -1}
other: 1`).map((line) => line.split(': ')[1]),
    ).toEqual([
      'mcp_servers.a.command',
      'mcp_servers.a.priority',
      'mcp_servers.a.domains[0]',
      'orchestration.max_retries',
      'orchestration.fail_fasst',
      'other',
    ]);
  });

  it.each([
    ['a repeated key', 'mcp_servers: {}\nmcp_servers: {}', 'gateway.yaml:2:1: YAML inválido: chave repetida'],
    ['a tab', '\tmcp_servers: {}', 'gateway.yaml:1:1: YAML inválido: tabulação no recuo: use espaços'],
    ['an open bracket', 'mcp_servers: {a: [canario', /^gateway\.yaml:1:\d+: YAML inválido: /],
    ['a code tag', 'mcp_servers: !!js/function canario', /^gateway\.yaml:1:14: YAML inválido: etiqueta/],
    ['an alias of nothing', 'mcp_servers: *canario', /^gateway\.yaml: YAML inválido: uma referência/],
    [
      'a list within itself',
      'mcp_servers: {}\nx: &canario\n  - *canario',
      /referência \(\*nome\) dentro da sua própria âncora/,
    ],
    ['a map merged into itself', 'mcp_servers:\n  a: &canario\n    <<: *canario', /^gateway\.yaml/],
    ['two documents', 'mcp_servers: {}\n---\nb: 1', /^gateway\.yaml:2:1: YAML inválido: o arquivo tem mais/],
    ['nothing', '', 'gateway.yaml: o arquivo está vazio'],
    ['a list', '[]', 'gateway.yaml:1:1: deve ser um mapa com mcp_servers'],
    ['a map of other things', 'a: 1', /mcp_servers: falta este campo/],
  ])('refuses %s', (_name, yaml, expected) => {
    const [line = ''] = problems(yaml);
    expect(line).toMatch(expected);
    expect(problems(yaml).join()).not.toContain('canario');
  });

  it('refuses an alias bomb at once', () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) => `l${at}: &l${at} [${Array(10).fill(at === 0 ? 'x' : `*l${at - 1}`)}]`,
    );
    const started = cpuMs();
    expect(problems(levels.join('\n'))).toEqual([expect.stringContaining('referências demais')]);
    expect(cpuMs() - started).toBeLessThan(4_000);
  });

  it.each([
    ['brackets', '['.repeat(50_000)],
    ['closed brackets', '['.repeat(5_000) + ']'.repeat(5_000)],
    ['braces', '{a: '.repeat(5_000)],
    ['dashes', '- '.repeat(5_000)],
    ['questions', '? '.repeat(5_000)],
    ['indents', Array.from({ length: 1_000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    ['too much of it', `mcp_servers: {}\n#${'x'.repeat(1_100_000)}`],
  ])('refuses a depth of %s and lives on', (_name, yaml) => {
    const started = cpuMs();
    expect(problems(yaml)).toEqual([
      expect.stringMatching(/^gateway\.yaml: (YAML inválido: níveis demais|o arquivo passa de 1 MB)/),
    ]);
    expect(cpuMs() - started).toBeLessThan(6_000);
  });

  it('names the first of very many faults', () => {
    expect(problems('- &a '.repeat(5_000))).toHaveLength(10);
  });

  it('a missing variable of a server that is off is no matter', () => {
    expect(problems(one('url: "${NOWHERE:-https://a.example}"\nauth: {bearer: "${NOWHERE}"}\ndisabled: true'))).toEqual(
      [],
    );
  });

  it('a variable may stand for a number and for a truth', () => {
    const [server] = config(one('command: npx\npriority: ${P}\ndisabled: ${OFF}\ntimeout: "${T:-2.5}"'), {
      P: '7',
      OFF: 'true',
    }).servers;
    expect(server).toMatchObject({ priority: 7, disabled: true, timeoutMs: 2_500 });
  });

  it('what comes from a variable is not read again', () => {
    const [server] = config(one('command: npx\nenv: {A: "${A}"}'), { A: '${B}*&!' }).servers;
    expect(server?.env['A']?.reveal()).toBe('${B}*&!');
  });

  it('warns of a credential in clear', () => {
    const parsed = parse(one('url: http://shop.example/mcp\nauth: {bearer: x}'));
    expect(parsed).toMatchObject({
      warnings: ['gateway.yaml:4:5: mcp_servers.erp.url: a credencial viaja sem cifra: use https'],
    });
  });

  it('offers tools by globs, exclude first', () => {
    const [server] = config(one('command: npx\ntools: {include: ["get_*", list], exclude: ["*_secret"]}')).servers;
    const offered = ['get_a', 'get_secret', 'list', 'lists'].filter((tool) => server && isOffered(server, tool));
    expect(offered).toEqual(['get_a', 'list']);
    const [open] = config(one('command: npx')).servers;
    expect(open && isOffered(open, '发票')).toBe(true);
  });

  it('never repeats a value, wherever it stands', () => {
    const canary = 'canario-0451';
    const junk = fc.constantFrom(
      canary,
      [canary],
      { a: canary },
      `\${${canary}`,
      `https://${canary}@x/`,
      `\n${canary}: [`,
    );
    const keys = fc.constantFrom(
      'name',
      'url',
      'command',
      'args',
      'env',
      'cwd',
      'transport',
      'priority',
      'domains',
      'capabilities',
      'timeout',
      'auth',
      'headers',
      'aliases',
      'disabled',
      'tools',
      'allow_private_address',
    );
    fc.assert(
      fc.property(fc.dictionary(keys, junk), fc.boolean(), (entry, flow) => {
        const text = JSON.stringify({ mcp_servers: { erp: { domains: ['Bad Domain'], ...entry } } });
        const found = problems(flow ? text : text.replace('"erp":', `"erp"  ${canary}`));
        expect(found.length).toBeGreaterThan(0);
        expect(found.join('\n')).not.toContain(canary);
      }),
    );
  });

  it('cut at any byte is good or refused, never half read or thrown', () => {
    for (let at = 0; at <= full.length; at += 1) {
      const parsed = parse(full.slice(0, at), { DATABASE_MCP_TOKEN: 'x' });
      expect('problems' in parsed ? parsed.problems.length : parsed.content.servers.length).toBeGreaterThan(0);
    }
  });
});

describe('overrides from the environment', () => {
  const over = (variables: Variables) => ({ DATABASE_MCP_TOKEN: 'x', ...variables });

  it('win over the file, as numbers, truths, lists and texts', () => {
    const { servers, orchestration } = config(
      full,
      over({
        GATEWAY__ORCHESTRATION__FAIL_FAST: 'false',
        GATEWAY__ORCHESTRATION__RESOURCE_CACHE_TTL: '0',
        GATEWAY__ORCHESTRATION__LOG_LEVEL: 'warn',
        GATEWAY__MCP_SERVERS__DATABASE_MCP__URL: 'https://db.example/sse',
        GATEWAY__MCP_SERVERS__DATABASE_MCP__PRIORITY: '20',
        GATEWAY__MCP_SERVERS__DATABASE_MCP__DOMAINS: 'crm, sales',
        GATEWAY__MCP_SERVERS__DATABASE_MCP__AUTH__BEARER: '${literal}',
        GATEWAY__MCP_SERVERS__DATABASE_MCP__HEADERS__X_TENANT: '7',
        GATEWAY__MCP_SERVERS__DATABASE_MCP__TOOLS__EXCLUDE: '["drop_*"]',
        GATEWAY__MCP_SERVERS__DATABASE_MCP__NAME: '',
        GATEWAY_OTHER: 'x',
      }),
    );
    expect(orchestration).toMatchObject({ failFast: false, resourceCacheTtlMs: 0, logLevel: 'warn' });
    const [server] = servers;
    expect(server).toMatchObject({
      name: 'Database MCP Server',
      url: 'https://db.example/sse',
      priority: 20,
      domains: ['crm', 'sales'],
      tools: { exclude: ['drop_*'] },
    });
    expect(server?.auth?.kind === 'bearer' && server.auth.token.reveal()).toBe('${literal}');
    expect(server?.headers['x-tenant']?.reveal()).toBe('7');
  });

  it('stand in for a variable that the file lacks', () => {
    const { servers } = config(full, { GATEWAY__MCP_SERVERS__DATABASE_MCP__AUTH__BEARER: 'tok' });
    const [server] = servers;
    expect(server?.auth?.kind === 'bearer' && server.auth.token.reveal()).toBe('tok');
  });

  it('keep the case of a variable’s name and find ids and headers under their spelling', () => {
    const file =
      'mcp_servers: {My-Erp: {command: x, domains: [a]}, shop: {url: "https://a.example", domains: [b], headers: {X-Tenant: "1"}}}';
    const { servers } = config(file, {
      GATEWAY__MCP_SERVERS__MY_ERP__ENV__Api_Key: 'k',
      GATEWAY__MCP_SERVERS__SHOP__HEADERS__X_TENANT: '2',
    });
    expect(servers[0]?.env['Api_Key']?.reveal()).toBe('k');
    expect(Object.entries(servers[1]?.headers ?? {}).map(([name, value]) => [name, value.reveal()])).toEqual([
      ['X-Tenant', '2'],
    ]);
  });

  it.each([
    ['GATEWAY__MCP_SERVERS__DATABSE_MCP__URL', 'o arquivo não tem este servidor; você quis dizer "database_mcp"?'],
    ['GATEWAY__MCP_SERVERS__DATABASE_MCP__PRIORTY', 'chave desconhecida; você quis dizer "priority"?'],
    ['GATEWAY__ORCHESTRATION__FAILFAST', 'chave desconhecida; você quis dizer "fail_fast"?'],
    ['GATEWAY__MCP_SERVERS__DATABASE_MCP__AUTH', 'não é um valor único do arquivo'],
    ['GATEWAY__MCP_SERVERS__DATABASE_MCP__URL__X', 'não é um valor único do arquivo'],
    ['GATEWAY__SERVERS__X', 'deve começar por GATEWAY__ORCHESTRATION__ ou GATEWAY__MCP_SERVERS__'],
  ])('%s is refused by name', (name, expected) => {
    expect(problems(full, over({ [name]: 'canario' }))).toEqual([`${name}: ${expected}`]);
  });

  it('are named when one entry of their list is bad', () => {
    expect(problems(full, over({ GATEWAY__MCP_SERVERS__DATABASE_MCP__DOMAINS: 'sales,Canario' }))).toEqual([
      expect.stringMatching(
        /^GATEWAY__MCP_SERVERS__DATABASE_MCP__DOMAINS \(mcp_servers\.database_mcp\.domains\[1\]\): /,
      ),
    ]);
  });

  it('are named when their value is bad', () => {
    expect(problems(full, over({ GATEWAY__MCP_SERVERS__DATABASE_MCP__PRIORITY: 'canario' }))).toEqual([
      'GATEWAY__MCP_SERVERS__DATABASE_MCP__PRIORITY (mcp_servers.database_mcp.priority): deve ser um número inteiro de 1 a 999',
    ]);
  });
});
