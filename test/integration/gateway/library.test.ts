import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  ConfigurationError,
  type LanguageModel,
  MCPConnectionError,
  MCPOrchestrator,
  MCPOrchestratorError,
  MCPRegistry,
  type ModelReply,
  type ModelRequest,
  NoMCPAvailableError,
  type OrchestratorOptions,
  QueryGenerationError,
  ResourceFetchError,
} from '../../../src/gateway/library/index.ts';
import { createLogger } from '../../../src/logging/logger.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { childCount } from '../../support/gateway-house.ts';
import { eventually, everythingPath, freePort, script, silent } from '../../support/upstreams.ts';

const open = closeAfterEach();

const orders = script(
  `hear((m)=>{ if(m.method==='server/discover') say({id:m.id,error:{code:-32601,message:'no'}});
    else if(m.method==='initialize') say({id:m.id,result:{protocolVersion:'2025-11-25',capabilities:{tools:{},resources:{}},serverInfo:{name:'s',version:'1'}}});
    else if(m.method==='tools/list') say({id:m.id,result:{tools:[
      {name:'count_orders',description:'Counts.',inputSchema:{type:'object'},annotations:{readOnlyHint:true}},
      {name:'delete_orders',description:'Deletes.',inputSchema:{type:'object'}}]}});
    else if(m.method==='resources/list') say({id:m.id,result:{resources:[{uri:'orders://today',name:'Pedidos de hoje'}]}});
    else if(m.method==='resources/templates/list') say({id:m.id,result:{resourceTemplates:[]}});
    else if(m.method==='resources/read') say({id:m.id,result:{contents:[{uri:m.params.uri,text:'três pedidos'}]}});
    else if(m.method==='tools/call') say({id:m.id,result:{content:[{type:'text',text:m.params.name+':'+process.env.LEVEL}]}}); });`,
);

function gatewayFile(more: object = {}, orchestration: object = {}): string {
  const path = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
  const [, code = ''] = orders.args;
  const servers = {
    orders: {
      command: process.execPath,
      args: ['-e', code],
      env: { LEVEL: '${LEVEL}' },
      domains: ['orders', 'sales'],
      capabilities: ['count'],
      priority: 5,
    },
    every: { command: process.execPath, args: [everythingPath], domains: ['demo'], priority: 50 },
    ...more,
  };
  // JSON is YAML.
  writeFileSync(path, JSON.stringify({ mcp_servers: servers, orchestration: { max_retries: 0, ...orchestration } }));
  return path;
}
function orchestrator(configPath: string, more: OrchestratorOptions = {}): MCPOrchestrator {
  const made = new MCPOrchestrator({ configPath, variables: { LEVEL: 'seven' }, logger: silent, ...more });
  open.push(() => made.close());
  return made;
}

/** Says what it is told to, turn by turn, and remembers what it was asked. */
function scripted(...replies: (ModelReply | Error)[]): LanguageModel & { readonly asked: ModelRequest[] } {
  const asked: ModelRequest[] = [];
  return {
    asked,
    async generate(request) {
      asked.push(request);
      const reply = replies[Math.min(asked.length, replies.length) - 1] ?? {};
      if (reply instanceof Error) throw reply;
      return reply;
    },
  };
}

describe('the orchestrator', () => {
  it('lives from configuration to close, and leaves no process behind', async () => {
    const before = await childCount();
    {
      await using gateway = orchestrator(gatewayFile());
      expect(gateway.getStatus()).toEqual({ initialized: false, servers: [], cache_stats: null });
      await expect(gateway.gatherAllResources()).rejects.toThrow(ConfigurationError);
      await gateway.loadConfiguration();
      expect(gateway.registry.byDomain('sales').map(({ server, connected }) => [server.id, connected])).toEqual([
        ['orders', false],
      ]);
      await Promise.all([gateway.initialize(), gateway.initialize()]);
      expect(await childCount()).toBe(before + 2);
      expect(gateway.registry.byCapability('count')[0]).toMatchObject({
        connected: true,
        lastConnected: expect.any(Date),
      });
      const { servers } = await gateway.getResourcesForDomain('sales');
      expect(servers['orders']).toMatchObject({
        priority: 5,
        domains: ['orders', 'sales'],
        resources: { 'orders://today': { name: 'Pedidos de hoje', contents: [{ text: 'três pedidos' }] } },
      });
      expect(Object.keys((await gateway.gatherAllResources()).servers)).toEqual(['orders', 'every']);
      expect(gateway.getStatus()).toMatchObject({
        initialized: true,
        servers: [
          { id: 'orders', connected: true, state: 'connected', transport: 'stdio', error: null },
          { id: 'every', connected: true },
        ],
        cache_stats: { hits: 1 },
      });
      await expect(gateway.getResourcesForDomain('nothing')).rejects.toMatchObject({
        name: 'NoMCPAvailableError',
        context: { domain: 'nothing', hint: expect.stringContaining('sales') },
      });
    }
    expect(await childCount()).toBe(before);
  }, 30_000);

  it('rejects, and never throws at whoever holds no promise yet', async () => {
    const unready = new MCPOrchestrator();
    await expect(unready.gatherAllResources()).rejects.toBeInstanceOf(ConfigurationError);
    await expect(unready.getResourcesForDomain('orders')).rejects.toBeInstanceOf(ConfigurationError);
    await expect(unready.processQuery('?', scripted({}))).rejects.toBeInstanceOf(ConfigurationError);
  });

  it('says in its own errors what is wrong', async () => {
    const broken = orchestrator(gatewayFile({ bad: { url: 'http://127.0.0.1:1/mcp', domain: ['x'] } }));
    const rejected = await broken.initialize().catch((error: unknown) => error);
    expect(rejected).toBeInstanceOf(ConfigurationError);
    expect(rejected).toBeInstanceOf(MCPOrchestratorError);
    expect(rejected).toMatchObject({
      context: { problems: expect.arrayContaining([expect.stringContaining('domain')]) },
    });

    const absent = { absent: { url: `http://127.0.0.1:${await freePort()}/mcp`, domains: ['sales'], priority: 60 } };
    const incomplete = orchestrator(gatewayFile(absent));
    await expect(incomplete.initialize()).rejects.toThrow(MCPConnectionError);

    const partial = orchestrator(gatewayFile(absent, { fail_fast: false }));
    await partial.initialize();
    const absentEntry = () => partial.registry.get('absent');
    await vi.waitFor(
      () => expect(absentEntry()).toMatchObject({ connected: false, error: expect.any(String) }),
      20_000,
    );
    expect(await partial.getResourcesForDomain('sales')).toMatchObject({ failures: [{ server: 'absent' }] });
  }, 60_000);

  it('is closed while it starts, however long a server takes', async () => {
    const mute = {
      command: process.execPath,
      args: ['-e', 'process.stdin.resume()'],
      domains: ['sales'],
      priority: 9,
      connect_timeout: 300,
    };
    const before = await childCount();
    const gateway = orchestrator(gatewayFile({ mute }));
    const begun = gateway.initialize().catch((error: unknown) => error);
    await vi.waitFor(async () => expect(await childCount()).toBeGreaterThan(before), 20_000);
    await gateway.close();
    expect(await begun).toMatchObject({ name: 'MCPOrchestratorError', message: expect.stringContaining('fechado') });
    expect(await childCount()).toBe(before);
  }, 60_000);

  it('fails a gathering that must be complete by its own error', async () => {
    const [, code = ''] = orders.args;
    const refusing = {
      command: process.execPath,
      args: ['-e', code.replace('{contents:', '{wrong:')],
      domains: ['sales'],
      priority: 9,
    };
    const gateway = orchestrator(gatewayFile({ refusing }));
    await gateway.initialize();
    const failed = await gateway.getResourcesForDomain('sales').catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ResourceFetchError);
    expect(failed).toMatchObject({
      context: { domain: 'sales', failures: [{ server: 'refusing', uri: 'orders://today' }] },
    });
  }, 30_000);
});

describe('a question', () => {
  it('is answered from resources and read tools of the fitting domains, with sources and steps', async () => {
    const gateway = orchestrator(gatewayFile());
    await gateway.initialize();
    const llm = scripted(
      {
        calls: [
          Object.assign({ id: '1', name: 'orders__count_orders', arguments: {} }, { signature: 'of the provider' }),
          { id: '2', name: 'orders__delete_orders', arguments: {} },
        ],
      },
      { text: 'São três.' },
    );
    const answer = await gateway.processQuery('How many orders today?', llm);
    expect(answer).toEqual({
      answer: 'São três.',
      domains: ['orders', 'sales'],
      sources: [
        { server: 'orders', uri: 'orders://today' },
        { server: 'orders', tool: 'orders__count_orders' },
      ],
      steps: [
        { tool: 'orders__count_orders', arguments: {}, server: 'orders', ok: true, duration_ms: expect.any(Number) },
        { tool: 'orders__delete_orders', arguments: {}, server: undefined, ok: false, duration_ms: expect.any(Number) },
      ],
    });
    const [first, second] = llm.asked;
    expect(first?.tools.map(({ name }) => name)).toEqual(['orders__count_orders']);
    expect(first?.messages[0]).toMatchObject({ text: expect.stringContaining('três pedidos') });
    expect(second?.messages.at(-2)).toMatchObject({ calls: [{ id: '1', signature: 'of the provider' }, { id: '2' }] });
    // The declared variable reached the child, and nothing else of the question's way is special.
    expect(second?.messages.at(-1)).toMatchObject({
      role: 'tool',
      results: [
        { id: '1', text: 'count_orders:seven', isError: false },
        { id: '2', isError: true },
      ],
    });
  }, 30_000);

  it('is told what names in it stand for, and who else holds them is logged', async () => {
    const second = { command: process.execPath, args: orders.args, domains: ['archive'], priority: 90 };
    const aliases = { 'a oficial': 'Pedidos de hoje', petrobrás: 'Petróleo Brasileiro S.A.' };
    const first = { ...second, domains: ['orders'], priority: 5, aliases };
    const path = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
    writeFileSync(path, JSON.stringify({ mcp_servers: { first, second } }));
    const lines: string[] = [];
    const conflicts = () => lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 40);
    const logger = createLogger({ level: 'warn', scrubber: new SecretScrubber(), write: (line) => lines.push(line) });
    const gateway = orchestrator(path, { logger });
    await gateway.initialize();

    expect(gateway.resolveEntity('PETROBRAS')).toMatchObject({
      kind: 'found',
      match: { server: 'first', reason: 'alias', entity: { name: 'Petróleo Brasileiro S.A.' } },
      conflicts: [],
    });
    const known = { second: [{ name: 'João da Silva', id: 'C-7' }] };
    expect(gateway.resolveEntity('joao da silva', known)).toMatchObject({ match: { server: 'second' } });
    expect(() => gateway.resolveEntity('x', { third: [] })).toThrow(NoMCPAvailableError);
    expect(conflicts()).toEqual([]);
    expect(gateway.resolveEntity('pedidos de HOJE')).toMatchObject({
      match: { server: 'first', entity: { id: 'orders://today' } },
      conflicts: [{ server: 'second' }],
    });
    expect(conflicts()).toMatchObject([{ server: 'first', passed_over: ['second'] }]);

    const llm = scripted({ text: 'Nada.' });
    const { domains } = await gateway.processQuery('E da Petrobras, o que diz a oficial?', llm);
    expect(domains).toEqual(['orders']);
    const { text = '' } = { text: '', ...llm.asked[0]?.messages[0] };
    const told = /<entidades>\n([\s\S]*)\n<\/entidades>/
      .exec(text)?.[1]
      ?.split('\n')
      .map((line) => JSON.parse(line));
    expect(told).toEqual([
      { said: 'a oficial', means: 'Pedidos de hoje', id: 'orders://today', server: 'first', ambiguous: false },
      { said: 'petrobrás', means: 'Petróleo Brasileiro S.A.', server: 'first', ambiguous: false },
    ]);
  }, 30_000);

  it('ends when the model does not: no steps without end, no silent failure', async () => {
    const gateway = orchestrator(gatewayFile());
    await gateway.initialize();
    const insisting = scripted({ calls: [{ id: '1', name: 'orders__count_orders', arguments: {} }] });
    const failed = await gateway.processQuery('orders?', insisting, { maxSteps: 3 }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(QueryGenerationError);
    expect(insisting.asked.length).toBe(4);
    expect(insisting.asked.at(-1)?.tools).toEqual([]);
    expect(failed).toMatchObject({ context: { steps: [{ ok: true }, { ok: true }, { ok: true }] } });
    await expect(gateway.processQuery('orders?', scripted(new Error('quota')))).rejects.toThrow(QueryGenerationError);
    await expect(gateway.processQuery('orders?', scripted({ text: ' ' }))).rejects.toThrow(QueryGenerationError);
  }, 30_000);

  it('fails by its own errors, whatever a model answers or a program hands in, and when it is closed meanwhile', async () => {
    const gateway = orchestrator(gatewayFile());
    await gateway.initialize();
    // What a program without types may do.
    const loose = <T>(value: unknown): T => JSON.parse(JSON.stringify(value) ?? 'null');
    for (const reply of [null, { text: null }, { calls: 'x' }, { calls: [{}] }]) {
      const model: LanguageModel = { generate: async () => loose(reply) };
      await expect(gateway.processQuery('orders?', model)).rejects.toThrow(QueryGenerationError);
    }
    expect(() => gateway.resolveEntity(loose(null))).toThrow(MCPOrchestratorError);
    expect(() => gateway.resolveEntity('x', loose({ orders: [null] }))).toThrow(MCPOrchestratorError);
    await expect(gateway.getResourcesForDomain(loose(null))).rejects.toThrow(NoMCPAvailableError);
    await expect(gateway.processQuery(loose(5), scripted({ text: 'y' }))).rejects.toThrow(MCPOrchestratorError);
    for (const options of [null, { signal: {} }]) {
      const ask = gateway.processQuery('orders?', scripted({ text: 'y' }), loose(options));
      await expect(ask).rejects.toThrow(MCPOrchestratorError);
      await expect(gateway.gatherAllResources(loose(options))).rejects.toThrow(MCPOrchestratorError);
      await expect(gateway.getResourcesForDomain('sales', loose(options))).rejects.toThrow(MCPOrchestratorError);
    }
    expect(
      (await gateway.processQuery('orders?', scripted({ text: 'y' }), { signal: AbortSignal.any([]) })).answer,
    ).toBe('y');
    for (const options of [5, null, { configPath: 5 }])
      expect(() => new MCPOrchestrator(loose(options))).toThrow(ConfigurationError);

    const signals: AbortSignal[] = [];
    const hanging: LanguageModel = {
      generate({ signal }) {
        signals.push(signal);
        return new Promise(() => {});
      },
    };
    const answer = gateway.processQuery('orders?', hanging).catch((error: unknown) => error);
    await eventually(() => signals.length === 1);
    await gateway.close();
    expect(await answer).toBeInstanceOf(QueryGenerationError);
    expect(signals[0]?.aborted).toBe(true);
  }, 30_000);

  it('needs somebody who could know', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
    const absent = { url: `http://127.0.0.1:${await freePort()}/mcp`, domains: ['sales'] };
    writeFileSync(
      path,
      JSON.stringify({ mcp_servers: { absent }, orchestration: { fail_fast: false, max_retries: 0 } }),
    );
    const gateway = orchestrator(path);
    await gateway.initialize();
    await expect(gateway.processQuery('x', scripted({ text: 'y' }))).rejects.toThrow(NoMCPAvailableError);
  });
});

describe('the registry of the library', () => {
  it('orders by priority, finds by domain and capability, follows connections', () => {
    const registry = new MCPRegistry();
    registry.register({ id: 'b', name: 'B', priority: 2, domains: ['x'], capabilities: ['search'] });
    registry.register({ id: 'a', name: 'A', priority: 1, domains: ['x', 'y'], capabilities: [] });
    expect(() => registry.register({ id: 'a', name: '', priority: 1, domains: [], capabilities: [] })).toThrow(
      ConfigurationError,
    );
    expect(registry.byDomain('x').map(({ server }) => server.id)).toEqual(['a', 'b']);
    expect(registry.byDomain('y').map(({ server }) => server.id)).toEqual(['a']);
    expect(registry.byCapability('search').map(({ server }) => server.id)).toEqual(['b']);
    registry.markConnected('a');
    registry.markDisconnected('a', 'gone');
    expect(registry.get('a')).toMatchObject({ connected: false, error: 'gone', lastConnected: expect.any(Date) });
    expect(() => registry.markConnected('z')).toThrow(ConfigurationError);
  });
});
