import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GrantedPrincipal } from '../../../../src/access/granted-principal.ts';
import type { Principal } from '../../../../src/companies/principal.ts';
import { UpstreamUnavailableError, UserInputError } from '../../../../src/errors.ts';
import { DomainHandles } from '../../../../src/gateway/domains/handles.ts';
import {
  HttpRefusalError,
  MalformedAnswerError,
  OversizedAnswerError,
  UpstreamAnswerError,
} from '../../../../src/gateway/links/link-errors.ts';
import { gatewayStatus } from '../../../../src/gateway/mount/gateway-status.ts';
import { RESERVED_NAMES } from '../../../../src/gateway/naming/names.ts';
import { ResourceCache } from '../../../../src/gateway/resources/resource-cache.ts';
import { addressDomains } from '../../../../src/http/address-domains.ts';
import { withListedNumbers } from '../../../../src/protocol/exact-number.ts';
import type { Caller } from '../../../../src/tools/tool-source.ts';
import { type ToolBody, toolBody } from '../../../support/house.ts';
import { callContext, local, openMount, rawTool } from './open-mount.ts';

const caller = { principal: local };
const grant = (tools: string[], mode: 'leitura' | 'escrita') => ({
  principal: new GrantedPrincipal(
    { id: 't', rights: { companies: 'all', tools, mode }, expiresAt: Number.POSITIVE_INFINITY },
    Date.now,
  ),
});

/** Sees no company; `sales__*` stands for all that begins so. */
const narrow = (...globs: string[]): Principal => ({
  id: 't',
  canSee: () => false,
  canCall: ({ name }) =>
    globs.some((glob) => (glob.endsWith('*') ? name.startsWith(glob.slice(0, -1)) : name === glob)),
});

describe('the union', () => {
  it('is the catalog itself, the same array, while nothing is mounted', async () => {
    const { catalog, names, call, registry } = openMount([]);
    expect(names(caller)).not.toContain('list_domains');
    expect(catalog.tools.has('list_domains', caller)).toBe(false);
    expect(toolBody(await call(caller, 'call_tool', { name: 'echo' })).erro.codigo).toBe('nao_encontrado');
    registry.mount([{ id: 'a', domains: ['sales'], tools: ['list'] }]);
    expect(names(caller)).toEqual(expect.arrayContaining(['list_domains', 'call_tool', 'sales__list']));
    registry.mount([]);
    expect(names(caller)).not.toContain('call_tool');
  });

  it('opens nothing to an address of one domain when the last server goes', async () => {
    const { catalog, registry, call } = openMount([{ id: 'a', domains: ['sales'], tools: ['list'] }]);
    const one = { principal: local, domains: ['sales'] };
    const selected = { principal: local, session: { id: 's' } };
    await call(selected, 'select_domain', { domain: 'sales' });
    registry.mount([]);
    expect([...catalog.tools.list(one), ...catalog.prompts.list(one), ...catalog.resources.list(one)]).toEqual([]);
    expect(catalog.instructions(one)).toBe('');
    expect(toolBody(await call(one, 'echo')).erro.codigo).toBe('fora_do_dominio');
    const refused = { code: 'fora_do_dominio' };
    const context = callContext(one);
    await expect(catalog.resources.read('sample://a', context)).rejects.toMatchObject(refused);
    await expect(catalog.prompts.get('p', { x: '1' }, context)).rejects.toMatchObject(refused);
    // What was selected among domains lapses with the last of them.
    expect(toolBody(await call(selected, 'echo')).isError).toBe(false);
    expect(catalog.tools.list(selected)).toEqual(catalog.tools.list(caller));
  });

  it('gives the same array while nothing changed, for each scope its own', () => {
    const { catalog, registry } = openMount([{ id: 'a', domains: ['sales'], tools: ['list'] }]);
    const scoped = { principal: local, domains: ['sales'] };
    const [whole, narrow] = [catalog.tools.list(caller), catalog.tools.list(scoped)];
    expect(catalog.tools.list({ principal: local })).toBe(whole);
    expect(catalog.tools.list(scoped)).toBe(narrow);
    expect(narrow).not.toBe(whole);
    registry.mount([{ id: 'a', domains: ['sales'], tools: ['list', 'more'] }]);
    expect(catalog.tools.list(caller)).not.toBe(whole);
  });

  it('tells of the lists that changed, and of no other', () => {
    const { gateway, registry } = openMount([{ id: 'a', domains: ['sales'], tools: ['list'] }]);
    const told: string[] = [];
    gateway.onListChange(({ kind }) => void told.push(kind));
    registry.mount([{ id: 'a', domains: ['sales'], tools: ['list'] }]);
    expect(told).toEqual([]);
    registry.mount([{ id: 'a', domains: ['sales'], tools: ['list'], more: { prompts: [{ name: 'p' }] } }]);
    expect(told).toEqual(['prompts']);
  });

  it('tells nobody of a change that makes no list of theirs another, and those for whom a domain was opened', () => {
    const other = { id: 'b', domains: ['people'] as [string], tools: ['find'] };
    const { gateway, registry } = openMount([{ id: 'a', domains: ['sales'], tools: ['list'] }, other]);
    const callers = {
      whole: caller,
      sales: { principal: local, domains: ['sales'] },
      people: { principal: local, domains: ['people'] },
      finder: grant(['people__*'], 'leitura'),
    };
    let told: string[] = [];
    gateway.onListChange(({ kind, visibleTo }) => {
      for (const [name, one] of Object.entries(callers)) if (visibleTo(one)) told.push(`${kind} ${name}`);
    });
    registry.mount([{ id: 'a', domains: ['sales'], tools: ['list', 'more'] }, other]);
    expect(told).toEqual(['tools whole', 'tools sales']);
    told = [];
    // Under the same names, through one more domain.
    registry.mount([{ id: 'a', domains: ['sales', 'people'], tools: ['list', 'more'] }, other]);
    expect(told).toEqual(['tools people']);
    told = [];
    registry.mount([]);
    expect(told).toEqual(['tools whole', 'tools sales', 'tools people', 'tools finder']);
  });

  it('tells whom a selection left without prompts that they are back when the last server goes', async () => {
    const { call, catalog, gateway, registry } = openMount([{ id: 'a', domains: ['sales'], tools: ['list'] }]);
    const selected = { principal: local, session: { id: 's' } };
    await call(selected, 'select_domain', { domain: 'sales' });
    expect(catalog.prompts.list(selected)).toEqual([]);
    const told: string[] = [];
    gateway.onListChange(({ kind, visibleTo }) => {
      if (visibleTo(selected)) told.push(kind);
      if (kind !== 'tools') expect(visibleTo(caller)).toBe(false);
    });
    registry.mount([]);
    expect(catalog.prompts.list(selected)).not.toEqual([]);
    expect(told).toEqual(['tools', 'resources', 'prompts']);
  });

  it('tells whoever may only read of a tool that a spare makes one that writes, and nobody else', () => {
    const first = { id: 'a', domains: ['sales'] as [string], tools: ['list'] };
    const spare = (readOnly: boolean) => ({ ...first, id: 'b', priority: 20, readOnly });
    const { gateway, names, registry } = openMount([first, spare(true)]);
    const reader = grant(['*'], 'leitura');
    const told: boolean[] = [];
    gateway.onListChange(({ visibleTo }) => void told.push(visibleTo(reader), visibleTo(caller)));
    registry.mount([first, spare(false)]);
    expect(names(reader)).not.toContain('sales__list');
    expect(told).toEqual([true, false]);
  });

  it('tells of a schema in which only a number of many digits is another', () => {
    const server = (digits: string) => {
      const json = `{"type":"object","maximum":${digits}}`;
      const inputSchema = z.looseObject({ type: z.literal('object') }).parse(withListedNumbers(json, JSON.parse(json)));
      return [{ id: 'a', domains: ['sales'] as [string], tools: [], more: { tools: [{ name: 't', inputSchema }] } }];
    };
    const { gateway, registry } = openMount(server('9007199254740992001'));
    const told: string[] = [];
    gateway.onListChange(({ kind, visibleTo }) => void told.push(`${kind} ${visibleTo(caller)}`));
    registry.mount(server('9007199254740992001'));
    expect(told).toEqual([]);
    registry.mount(server('9007199254740992002'));
    expect(told).toEqual(['tools true']);
  });

  it('looks at a long list once, for however many it is', () => {
    let texts = 0;
    const count = 200;
    const tools = Array.from({ length: count }, (_, at) => ({
      ...rawTool(`tool_${at}`, true),
      _meta: {
        toJSON: () => {
          texts += 1;
        },
      },
    }));
    const servers = (more: number) => [
      { id: 'a', domains: ['sales'] as [string], tools: [], more: { tools: tools.slice(0, count - more) } },
    ];
    const { gateway, registry } = openMount(servers(1));
    let told = 0;
    gateway.onListChange(({ visibleTo }) => {
      for (let n = 0; n < 20; n += 1) if (visibleTo(grant(['sales__*'], 'leitura'))) told += 1;
    });
    registry.mount(servers(0));
    expect(told).toBe(20);
    expect(texts).toBeLessThanOrEqual(2 * count);
    texts = 0;
    registry.mount(servers(1));
    expect(texts).toBeLessThan(count);
  });

  it('names a long list without going through it for each of its items', () => {
    let looks = 0;
    const count = 300;
    const tools = Array.from({ length: count }, (_, at) => ({
      inputSchema: { type: 'object' as const },
      get name() {
        looks += 1;
        return `tool_${at}`;
      },
    }));
    const more = { tools };
    const { names } = openMount([
      { id: 'a', domains: ['sales'], tools: [], more },
      { id: 'b', domains: ['sales'], tools: [], more },
    ]);
    expect(names(caller)).toContain('sales__tool_299');
    expect(looks).toBeLessThan(20 * count);
  });

  it('names no server of a domain of which the caller may use nothing', async () => {
    const cache = new ResourceCache({ ttlMs: 0 }, () => 1);
    const { call, gateway } = openMount([
      { id: 'a', domains: ['sales'], tools: ['list'] },
      { id: 'b', domains: ['people', 'sales'], tools: ['find'], more: { prompts: [{ name: 'tell' }] } },
    ]);
    const told = async (principal: Principal) => {
      const { domains } = toolBody(await call({ principal }, 'list_domains')).structured;
      const { servers } = toolBody(await call({ principal }, 'get_session_status')).structured;
      const ids = (lines: { id: string }[]): string => lines.map(({ id }) => id).join();
      const listed = domains.map((one: ToolBody) => `${one.domain}: ${ids(one.servers)}`);
      const status = gatewayStatus(gateway, { principal }, { cacheStats: () => cache.stats(), isResting: () => false });
      expect(ids(servers)).toBe(status.servers.map(({ id }) => id).join());
      return listed;
    };
    const limited = (...globs: string[]) => narrow(...globs, 'list_domains', 'get_session_status');
    expect(await told(local)).toEqual(['omie: ', 'sales: a,b', 'people: b']);
    expect(await told(limited('sales__*'))).toEqual(['omie: ', 'sales: a']);
    expect(await told(limited('people__find'))).toEqual(['omie: ', 'sales: b', 'people: b']);
    expect(await told(limited('people__tell'))).toEqual(['omie: ', 'sales: b', 'people: b']);
    expect(await told(limited('nothing'))).toEqual(['omie: ']);
  });

  it('reserves the names of its own tools, all of them and no other', () => {
    const { names } = openMount([{ id: 'a', domains: ['sales'], tools: [] }]);
    const own = names({ principal: local, domains: ['sales'] });
    expect(own.toSorted()).toEqual([...RESERVED_NAMES].sort());
  });

  it('reports names it cannot mount and mounts the rest', () => {
    const { gateway, names } = openMount([{ id: 'a', domains: ['sales'], tools: ['call_tool', 'list', 'list'] }]);
    expect(names(caller).filter((name) => name.startsWith('sales'))).toEqual(['sales__list']);
    expect(gateway.problems).toHaveLength(2);
    expect(gateway.problems[0]).toContain('"call_tool" é um nome do próprio gateway');
  });

  it.each([[[]], [null], ['x'], [7]])('refuses the arguments %j before they reach a server', async (args) => {
    const { catalog, registry } = openMount([{ id: 'a', domains: ['sales'], tools: ['list'] }]);
    const outcome = await catalog.tools.call('sales__list', args, callContext(caller));
    expect(outcome.erro?.codigo).toBe('parametro_invalido');
    expect(registry.reached).toEqual([]);
  });

  it('rewrites what points to resources, and nothing else of a result', async () => {
    const { registry, call } = openMount([{ id: 'a', domains: ['sales'], tools: ['list'] }]);
    const link = '{"type":"resource_link","uri":"file:///a","name":"a"}';
    registry.answer = () => `{"content":[${link}],"x":1.50}`;
    const outcome = await call(caller, 'sales__list');
    expect(outcome.forwarded).toBe(`{"content":[${link.replace('file:', 'sales+file:')}],"x":1.50}`);
  });

  it.each([
    ['{"content":[],"isError":true}', true],
    ['{"content":[{"type":"text","text":"\\"isError\\":true"}]}', false],
    ['{"content":[],"structuredContent":{"isError":true}}', false],
  ])('knows %s for a failure: %s', async (result, isError) => {
    const { registry, call, reports } = openMount([{ id: 'a', domains: ['sales'], tools: ['list'] }]);
    registry.answer = () => result;
    expect((await call(caller, 'sales__list')).isError).toBe(isError);
    expect(reports[0]?.outcome).toBe(isError ? 'tool_error' : 'ok');
  });
});

describe('what a token may do', () => {
  const servers = [
    { id: 'a', domains: ['sales'], tools: ['list'], readOnly: true },
    { id: 'b', domains: ['stock'], tools: ['move'], readOnly: false },
  ] as const;

  it.each([
    [['*'], 'escrita', ['sales__list', 'stock__move']],
    [['*'], 'leitura', ['sales__list']],
    [['stock__*'], 'escrita', ['stock__move']],
    [['stock__*'], 'leitura', []],
  ] as const)('with %j and %s is %j, on every door', async (globs, mode, expected) => {
    const { names, call, registry } = openMount(servers);
    const who = grant([...globs, 'call_tool'], mode);
    expect(names(who).filter((name) => name.includes('__'))).toEqual(expected);
    for (const name of ['sales__list', 'stock__move']) {
      for (const outcome of [await call(who, name), await call(who, 'call_tool', { name })]) {
        expect(outcome.erro?.codigo).toBe(expected.some((one) => one === name) ? undefined : 'sem_permissao');
      }
    }
    expect(registry.reached).toHaveLength(2 * expected.length);
  });

  it('completes nothing for what only looks mounted, and does not send the caller to the built-in domain for it', async () => {
    const { catalog } = openMount([{ id: 'a', domains: ['sales', 'shared'], tools: ['list'] }]);
    const context = callContext({ principal: local, domains: ['sales'] });
    const complete = async (ref: { type: 'ref/resource'; uri: string } | { type: 'ref/prompt'; name: string }) =>
      catalog.complete({ ref, argument: { name: 'company_id', value: '' } }, context);
    const nothing = { values: [], total: 0, hasMore: false };
    expect(await complete({ type: 'ref/resource', uri: 'shared+mem://x/{id}' })).toEqual(nothing);
    expect(await complete({ type: 'ref/prompt', name: 'shared__p' })).toEqual(nothing);
    await expect(complete({ type: 'ref/prompt', name: 'financial-analysis' })).rejects.toMatchObject({
      code: 'fora_do_dominio',
    });
  });

  it('is told that a tool is in quarantine only where it could see the tool; for others there is none', async () => {
    const { call, names, reports } = openMount([
      {
        id: 'a',
        domains: ['sales'],
        tools: ['list'],
        held: [
          { name: 'pay', readOnly: false, why: 'changed' },
          { name: 'new', readOnly: true, why: 'unagreed' },
        ],
      },
      { id: 'b', domains: ['stock'], tools: ['move'] },
    ]);
    expect(names(caller)).not.toContain('sales__pay');
    const told = toolBody(await call(caller, 'sales__pay')).erro;
    expect(told).toMatchObject({
      codigo: 'em_quarentena',
      mensagem: expect.stringMatching(/^A ferramenta sales__pay está em quarentena: .*mudaram/),
      sugestao: expect.stringMatching(/gateway diff.*gateway approve/),
    });
    expect(reports.at(-1)?.outcome).toBe('em_quarentena');
    expect(toolBody(await call(caller, 'sales__new')).erro.mensagem).toMatch(/quarentena: ninguém a aprovou/);
    expect(toolBody(await call(caller, 'call_tool', { name: 'sales__pay' })).erro.codigo).toBe('em_quarentena');
    const blind = [grant(['stock__*'], 'escrita'), grant(['*'], 'leitura'), { principal: local, domains: ['stock'] }];
    for (const who of blind) {
      const refusal = toolBody(await call(who, 'sales__pay')).erro;
      const unknown = toolBody(await call(who, 'sales__pax')).erro;
      expect(JSON.stringify(refusal)).toBe(JSON.stringify(unknown).replaceAll('sales__pax', 'sales__pay'));
    }
  });

  it('is told of a quarantine that began while its call waited', async () => {
    const { call, registry } = openMount([{ id: 'a', domains: ['sales'], tools: ['pay'] }]);
    registry.forward = async () => {
      registry.mount([
        { id: 'a', domains: ['sales'], tools: [], held: [{ name: 'pay', readOnly: true, why: 'changed' }] },
      ]);
      throw new UpstreamUnavailableError('O servidor a não pôde atender.');
    };
    expect(toolBody(await call(caller, 'sales__pay')).erro.codigo).toBe('em_quarentena');
  });

  it('is one caller for all calls of a session, and without one for a single call', async () => {
    const { registry, catalog } = openMount([{ id: 'erp', domains: ['vendas'], tools: ['list'] }]);
    const callers: unknown[] = [];
    registry.forward = async (_candidates, _method, _params, _options, { caller }) => {
      callers.push(caller);
      return { resultText: '{"content":[]}', servedBy: 'erp' };
    };
    const call = (caller: Caller, requestId: string) =>
      catalog.tools.call('vendas__list', {}, { ...callContext(caller), requestId });
    await call({ principal: local, session: { id: 's' } }, 'r1');
    await call({ principal: local, session: { id: 's' } }, 'r2');
    await call({ principal: local }, 'r3');
    expect(callers).toEqual(['s', 's', 'r3']);
  });

  it('is told of an answer that is none, and of what a server refused with each prefix gone', async () => {
    const { call, registry } = openMount([{ id: 'a', domains: ['sales'], tools: ['pay'] }]);
    for (const [thrown, mensagem, sugestao] of [
      [
        new MalformedAnswerError(),
        /^O servidor respondeu ao pedido da ferramenta sales__pay algo que não é/,
        /defeito/,
      ],
      [
        new OversizedAnswerError(),
        /^A resposta do servidor ao pedido da ferramenta sales__pay é grande demais/,
        /menos/,
      ],
      [new HttpRefusalError(400), /^O servidor recusou a ferramenta sales__pay: respondeu HTTP 400 sem dizer/, /avise/],
    ] as const) {
      registry.forward = () => Promise.reject(thrown);
      const outcome = await call(caller, 'sales__pay');
      expect(outcome).toMatchObject({ isError: true, rpc: undefined });
      expect(toolBody(outcome).erro).toMatchObject({
        codigo: 'servidor_recusou',
        mensagem: expect.stringMatching(mensagem),
        sugestao: expect.stringMatching(sugestao),
        tente_novamente: false,
      });
    }
    registry.forward = async () => {
      throw new UpstreamAnswerError(-32602, 'MCP error -32602: MCP error -32602: Tool pay: no such account');
    };
    expect(toolBody(await call(caller, 'sales__pay')).erro.mensagem).toBe(
      'O servidor recusou a ferramenta sales__pay: Tool pay: no such account',
    );
  });

  it.each([[{}], [{ domain: 5 }], [{ domain: '' }], [{ domain: [] }], [{ domain: [1] }], [{ domain: [''] }]])(
    'is told in Portuguese why select_domain does not take %j',
    async (args) => {
      const { call } = openMount([{ id: 'a', domains: ['sales'], tools: ['list'] }]);
      const { mensagem } = toolBody(await call(caller, 'select_domain', args)).erro;
      expect(mensagem).toMatch(/^Argumentos inválidos: domain[.0-9]*: (?:deve ser|está vazi)/);
    },
  );

  it('never is told to repeat a write that may have been done', async () => {
    const { call, registry } = openMount([{ id: 'a', domains: ['sales'], tools: ['pay'], readOnly: false }]);
    const erro = async () => toolBody(await call(caller, 'sales__pay')).erro;
    registry.forward = () => Promise.reject(new HttpRefusalError(400));
    expect(await erro()).toMatchObject({ tente_novamente: false, sugestao: expect.stringMatching(/teve efeito/) });
    registry.forward = () => Promise.reject(new RangeError('Maximum call stack size exceeded'));
    expect(await erro()).toMatchObject({ codigo: 'resultado_desconhecido', tente_novamente: false });
    const resultText = JSON.stringify({ content: [], structuredContent: { a: 'x'.repeat(2_000_000) } });
    for (const text of [resultText, Buffer.from(resultText)]) {
      registry.forward = async () => ({ resultText: text, servedBy: 'a' });
      const outcome = await call(caller, 'sales__pay');
      expect(outcome.forwarded?.toString()).toContain('"codigo":"resultado_desconhecido"');
      expect(outcome).toMatchObject({ unfit: { codigo: 'resultado_desconhecido' } });
    }
  });

  it('is suggested what its door shows for a name that nobody has, and nothing else', async () => {
    const { call, catalog } = openMount([
      { id: 'a', domains: ['sales'], tools: ['list'], more: { prompts: [{ name: 'review' }] } },
      { id: 'b', domains: ['stock'], tools: Array.from({ length: 30 }, (_, at) => `move_${at}`) },
    ]);
    const hint = async (who: Parameters<typeof call>[0], name: string) => toolBody(await call(who, name)).erro.sugestao;
    const few = await hint({ principal: local, domains: ['sales'] }, 'sales__lst');
    expect(few).toMatch(/^Ferramentas disponíveis: .*sales__list\.$/);
    expect(few).not.toMatch(/stock__|echo/);
    expect(await hint(caller, 'move_7')).toMatch(/^Você quis dizer stock__move_7, /);
    const get = (who: typeof caller & { domains?: string[] }) => catalog.prompts.get('reviw', {}, callContext(who));
    await expect(get({ principal: local, domains: ['sales'] })).rejects.toMatchObject({
      hint: 'Prompts disponíveis: sales__review.',
    });
  });

  it('says of a URI that no list shows that its servers are guessed', async () => {
    const more = { resources: [{ uri: 'note://one', name: 'one' }] };
    const { catalog, registry } = openMount([
      { id: 'a', domains: ['sales'], tools: [], more },
      { id: 'b', domains: ['sales'], tools: [], priority: 20 },
    ]);
    const asked: unknown[] = [];
    registry.forward = async (candidates, _method, _params, { unlisted = false }) => {
      asked.push([candidates.map(({ server }) => server), unlisted]);
      return { resultText: '{"contents":[]}', servedBy: 'a' };
    };
    await catalog.resources.read('sales+note://one', callContext(caller));
    await catalog.resources.read('sales+note://two', callContext(caller));
    expect(asked).toEqual([
      [['a'], false],
      [['a', 'b'], true],
    ]);
  });

  it('asks the globs for resources by the name of their reading', async () => {
    const more = { resources: [{ uri: 'note://one', name: 'one' }] };
    const { catalog } = openMount([{ id: 'a', domains: ['sales'], tools: [], more }]);
    const uris = (tools: string[]) => catalog.resources.list(grant(tools, 'leitura')).map(({ uri }) => uri);
    expect(uris(['sales__*'])).toContain('sales+note://one');
    expect(uris(['sales__list'])).not.toContain('sales+note://one');
  });
});

describe('a handle', () => {
  it('is of one principal and ends', () => {
    let now = 0;
    const key = new Uint8Array(32);
    const handles = new DomainHandles({ keys: { current: key, accepted: [key] }, now: () => now, ttlMs: 10 });
    const handle = handles.issue('ana', ['sales']);
    expect(handles.read('ana', handle)).toEqual(['sales']);
    expect(() => handles.read('bia', handle)).toThrow(UserInputError);
    now = 10;
    expect(() => handles.read('ana', handle)).toThrow(UserInputError);
  });
});

describe('an address', () => {
  const knows = (domain: string) => ['sales', 'stock'].includes(domain);
  it.each([
    ['/mcp', '/mcp', undefined],
    ['/mcp', '/mcp?other=1', undefined],
    ['/mcp/d/sales', '/mcp/d/sales', ['sales']],
    ['/mcp', '/mcp?domains=sales,stock', ['sales', 'stock']],
    ['/mcp', '/mcp?domains=sales&domains=stock', ['sales', 'stock']],
    ['/mcp/d/sales', '/mcp/d/sales?domains=stock', []],
  ])('%s of %s names %j', (path, url, expected) => {
    expect(addressDomains(path, url, knows)).toEqual(expected);
  });
  it.each(['/mcp/d/', '/mcp/d/x', '/mcp/d/sales/stock', '/mcp?domains=', '/mcp?domains=x', '/mcp?%64omains=x'])(
    '%s is refused',
    (url) => expect(() => addressDomains(url.split('?')[0] ?? '', url, knows)).toThrow(UserInputError),
  );
});
