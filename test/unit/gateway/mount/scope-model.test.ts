import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Caller } from '../../../../src/tools/tool-source.ts';
import { toolBody } from '../../../support/house.ts';
import { callContext, local, type Mount, openMount } from './open-mount.ts';

const DOMAINS = ['omie', 'sales', 'stock', 'people'] as const;
type Domain = (typeof DOMAINS)[number];

/** Each tool and the domains through which it may be reached; `both` is of a server with two. */
const TOOLS: Readonly<Record<string, readonly Domain[]>> = {
  echo: ['omie'],
  sales__list: ['sales'],
  stock__count: ['stock', 'sales'],
  people__find: ['people'],
};
const SERVERS = [
  { id: 'a', domains: ['sales'], tools: ['list'] },
  { id: 'b', domains: ['stock', 'sales'], tools: ['count'] },
  { id: 'c', domains: ['people'], tools: ['find'] },
] as const;

/** What else each server offers, under names of its own; the sample catalog offers `omie`. */
const OTHERS: Readonly<Record<string, { domains: readonly Domain[]; uri: string; prompt: string }>> = {
  a: { domains: ['sales'], uri: 'sales+file:///a', prompt: 'sales__ask_a' },
  b: { domains: ['stock', 'sales'], uri: 'stock+file:///b', prompt: 'stock__ask_b' },
  c: { domains: ['people'], uri: 'people+file:///c', prompt: 'people__ask_c' },
  omie: { domains: ['omie'], uri: 'sample://a', prompt: 'p' },
};
const OPEN_TO_ALL = JSON.stringify({ content: [], contents: [], messages: [], completion: { values: [] } });

/** A conversation as the specification has it: each of the three only ever narrows. */
interface ModelSession {
  readonly address: readonly Domain[] | undefined;
  selected: readonly Domain[] | undefined;
  handle: { readonly domains: readonly Domain[] | undefined; readonly text: string } | undefined;
}
interface Model {
  readonly sessions: ModelSession[];
}
interface Real {
  readonly mount: Mount;
  readonly callers: Caller[];
}

function visible(tool: string, lists: readonly (readonly Domain[] | undefined)[]): boolean {
  const inAll = (domain: Domain) => lists.every((list) => list === undefined || list.includes(domain));
  return (TOOLS[tool] ?? OTHERS[tool]?.domains ?? []).some(inAll);
}

const subset = fc.subarray([...DOMAINS], { minLength: 1 });

class Connect implements fc.AsyncCommand<Model, Real> {
  readonly address: readonly Domain[] | undefined;
  readonly stateless: boolean;
  constructor(address: readonly Domain[] | undefined, stateless: boolean) {
    this.address = address;
    this.stateless = stateless;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const session = this.stateless ? undefined : { id: `s${real.callers.length}` };
    real.callers.push({ principal: local, session, domains: this.address });
    model.sessions.push({ address: this.address, selected: undefined, handle: undefined });
  }
  toString = () => `connect(${this.address ?? '/mcp'}${this.stateless ? ', stateless' : ''})`;
}

abstract class InSession implements fc.AsyncCommand<Model, Real> {
  readonly at: number;
  constructor(at: number) {
    this.at = at;
  }
  check = (model: Readonly<Model>) => model.sessions.length > 0;
  async run(model: Model, real: Real): Promise<void> {
    const place = this.at % model.sessions.length;
    const [session, caller] = [model.sessions[place], real.callers[place]];
    if (session !== undefined && caller !== undefined) await this.act(session, caller, real.mount);
  }
  abstract act(session: ModelSession, caller: Caller, mount: Mount): Promise<void>;
}

class Select extends InSession {
  readonly domains: readonly Domain[] | '*';
  constructor(at: number, domains: readonly Domain[] | '*') {
    super(at);
    this.domains = domains;
  }
  override async act(session: ModelSession, caller: Caller, mount: Mount): Promise<void> {
    const outcome = toolBody(await mount.call(caller, 'select_domain', { domain: this.domains }));
    const { domains } = this;
    const allowed = domains === '*' || domains.every((domain) => session.address?.includes(domain) !== false);
    expect(outcome.isError).toBe(!allowed);
    if (!allowed) {
      expect(outcome.erro.codigo).toBe('fora_do_dominio');
      return;
    }
    const chosen = domains === '*' ? undefined : domains;
    if (caller.session !== undefined) session.selected = chosen;
    session.handle = { domains: chosen, text: outcome.structured.domain_handle };
  }
  override toString = () => `select(${this.at}, ${this.domains})`;
}

class List extends InSession {
  readonly carries: boolean;
  constructor(at: number, carries: boolean) {
    super(at);
    this.carries = carries;
  }
  override async act(session: ModelSession, caller: Caller, { catalog, call }: Mount): Promise<void> {
    const { address, selected } = session;
    const handle = this.carries ? session.handle : undefined;
    const meta = handle && { 'omie-mcp-hub/domain-handle': handle.text };
    const context = callContext(caller, meta);
    const scope = [address, selected, handle?.domains];
    const expected = Object.keys(TOOLS).filter((tool) => visible(tool, scope));
    const listed = catalog.tools.list(context).map(({ name }) => name);
    expect(listed.filter((name) => name in TOOLS)).toEqual(expected);

    const others = Object.keys(OTHERS).filter((id) => visible(id, scope));
    const expectedOf = (key: 'uri' | 'prompt') => others.map((id) => OTHERS[id]?.[key]).sort();
    expect(
      catalog.resources
        .list(context)
        .map(({ uri }) => uri)
        .sort(),
    ).toEqual(expectedOf('uri'));
    expect(
      catalog.prompts
        .list(context)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(expectedOf('prompt'));
    const templates = catalog.resources.templates(context).map(({ uriTemplate }) => uriTemplate);
    expect(templates.length).toBe(others.length);

    const query = { query: 'Does list count find', limit: 50 };
    const inside = { name: 'find_tools', arguments: query, domain_handle: handle?.text };
    for (const found of [await call(caller, 'find_tools', query, meta), await call(caller, 'call_tool', inside)]) {
      const { tools } = toolBody(found).structured;
      const names = tools.map(({ name }: { name: string }) => name).filter((name: string) => name in TOOLS);
      expect(names.sort()).toEqual(expected.filter((name) => name !== 'echo').sort());
    }
    const { domains } = toolBody(await call(caller, 'list_domains', {}, meta)).structured;
    const chosen = domains.flatMap(({ domain, selected }: { domain: string; selected: boolean }) =>
      selected ? [domain] : [],
    );
    const inAll = (domain: Domain) => scope.every((list) => list === undefined || list.includes(domain));
    expect(chosen.sort()).toEqual(DOMAINS.filter(inAll).sort());
  }
  override toString = () => `list(${this.at}${this.carries ? ', with handle' : ''})`;
}

type OtherDoor = 'read' | 'prompt' | 'complete' | 'watch';

class Visit extends InSession {
  readonly id: string;
  readonly door: OtherDoor;
  readonly carries: boolean;
  constructor(at: number, id: string, door: OtherDoor, carries: boolean) {
    super(at);
    this.id = id;
    this.door = door;
    this.carries = carries;
  }
  override async act(session: ModelSession, caller: Caller, { catalog, registry }: Mount): Promise<void> {
    const { uri = '', prompt = '' } = OTHERS[this.id] ?? {};
    const handle = this.carries ? session.handle : undefined;
    const context = callContext(caller, handle && { 'omie-mcp-hub/domain-handle': handle.text });
    const doors: Record<OtherDoor, () => unknown> = {
      read: () => catalog.resources.read(uri, context),
      prompt: () => catalog.prompts.get(prompt, { x: '1' }, context),
      complete: () =>
        catalog.complete({ ref: { type: 'ref/prompt', name: prompt }, argument: { name: 'x', value: '' } }, context),
      watch: () => catalog.resources.watch?.(uri, context),
    };
    const before = registry.reached.length + registry.watched.length;
    const refusal = await (async () => doors[this.door]())().then(
      () => undefined,
      (error: unknown) => error,
    );
    const allowed = visible(this.id, [session.address, session.selected, handle?.domains]);
    if (allowed) expect(refusal).toBeUndefined();
    else expect(refusal).toMatchObject({ code: 'fora_do_dominio' });
    const reached = registry.reached.length + registry.watched.length - before;
    expect(reached).toBe(allowed && this.id !== 'omie' ? 1 : 0);
  }
  override toString = () => `${this.door}(${this.at}, ${this.id}${this.carries ? ', with handle' : ''})`;
}

type Way = 'call' | 'call_tool' | 'call_tool with handle' | 'call with handle in _meta';

class Call extends InSession {
  readonly tool: string;
  readonly way: Way;
  constructor(at: number, tool: string, way: Way) {
    super(at);
    this.tool = tool;
    this.way = way;
  }
  override async act({ address, selected, handle }: ModelSession, caller: Caller, mount: Mount): Promise<void> {
    const carries = handle !== undefined && this.way.includes('handle') ? handle : undefined;
    const before = mount.registry.reached.length;
    const args = { name: this.tool, arguments: {}, ...(carries ? { domain_handle: carries.text } : {}) };
    const outcome = toolBody(
      this.way.startsWith('call_tool')
        ? await mount.call(caller, 'call_tool', args)
        : await mount.call(caller, this.tool, {}, carries && { 'omie-mcp-hub/domain-handle': carries.text }),
    );
    // The built-in tools have no server behind them, and a plain call of theirs carries the handle all the same.
    const allowed = visible(this.tool, [address, selected, carries?.domains]);
    expect(outcome.erro?.codigo).toBe(allowed ? undefined : 'fora_do_dominio');
    expect(mount.registry.reached.length - before).toBe(allowed && this.tool !== 'echo' ? 1 : 0);
  }
  override toString = () => `${this.way}(${this.at}, ${this.tool})`;
}

it('shows and serves through every door exactly what the scope allows, and no server hears of the rest', async () => {
  const at = fc.nat({ max: 5 });
  const commands = fc.commands(
    [
      fc
        .tuple(fc.option(subset, { nil: undefined }), fc.boolean())
        .map(([address, alone]) => new Connect(address, alone)),
      fc.tuple(at, fc.oneof(subset, fc.constant('*' as const))).map(([place, domains]) => new Select(place, domains)),
      fc.tuple(at, fc.boolean()).map(([place, carries]) => new List(place, carries)),
      fc
        .tuple(
          at,
          fc.constantFrom(...Object.keys(OTHERS)),
          fc.constantFrom<OtherDoor>('read', 'prompt', 'complete', 'watch'),
          fc.boolean(),
        )
        .map(([place, id, door, carries]) => new Visit(place, id, door, carries)),
      fc
        .tuple(
          at,
          fc.constantFrom(...Object.keys(TOOLS)),
          fc.constantFrom<Way>('call', 'call_tool', 'call_tool with handle', 'call with handle in _meta'),
        )
        .map(([place, tool, way]) => new Call(place, tool, way)),
    ],
    { maxCommands: 40 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (run) => {
      const mount = openMount(
        SERVERS.map(({ id, domains: [first, ...rest], tools }) => ({
          id,
          domains: [first, ...rest],
          tools,
          more: {
            resources: [{ uri: `file:///${id}`, name: id }],
            templates: [{ uriTemplate: `file:///${id}/{x}`, name: id }],
            prompts: [{ name: `ask_${id}` }],
            completions: true,
          },
        })),
      );
      mount.registry.answer = () => OPEN_TO_ALL;
      await fc.asyncModelRun(() => ({ model: { sessions: [] }, real: { mount, callers: [] } }), run);
    }),
    { numRuns: 150 },
  );
});

it('a handle that is none is refused at every door, as if nothing were in scope', async () => {
  const { call, catalog, registry } = openMount([
    { id: 'a', domains: ['sales'], tools: ['list'], more: { resources: [{ uri: 'file:///a', name: 'a' }] } },
  ]);
  const refused = { code: 'parametro_invalido' };
  for (const bad of [7, null, ['x'], {}, '', 'x.y']) {
    const meta = { 'omie-mcp-hub/domain-handle': bad };
    const context = callContext({ principal: local }, meta);
    for (const list of [catalog.tools.list, catalog.prompts.list, catalog.resources.list, catalog.resources.templates])
      expect(() => list(context)).toThrow('domain_handle');
    for (const name of ['sales__list', 'echo', 'find_tools', 'list_domains', 'get_session_status']) {
      const args = name === 'find_tools' ? { query: 'list' } : {};
      expect(toolBody(await call({ principal: local }, name, args, meta)).erro.codigo).toBe('parametro_invalido');
    }
    await expect(catalog.resources.read('sales+file:///a', context)).rejects.toMatchObject(refused);
    await expect(catalog.resources.watch?.('sales+file:///a', context)).rejects.toMatchObject(refused);
    // The way to a good one stays open.
    const selected = toolBody(await call({ principal: local }, 'select_domain', { domain: 'sales' }, meta));
    expect(selected.structured.selected).toEqual(['sales']);
  }
  expect([...registry.reached, ...registry.watched]).toEqual([]);
});
