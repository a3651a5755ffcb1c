import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Caller } from '../../../../src/tools/tool-source.ts';
import { toolBody } from '../../../support/house.ts';
import { local, type Mount, openMount } from './open-mount.ts';

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
  return (TOOLS[tool] ?? []).some(inAll);
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
  override async act({ address, selected }: ModelSession, caller: Caller, { names, call }: Mount): Promise<void> {
    const expected = Object.keys(TOOLS).filter((tool) => visible(tool, [address, selected]));
    expect(names(caller).filter((name) => name in TOOLS)).toEqual(expected);
    const found = toolBody(await call(caller, 'find_tools', { query: 'Does list count find', limit: 50 }));
    for (const { name } of found.structured.tools) if (name in TOOLS) expect(expected).toContain(name);
  }
  override toString = () => `list(${this.at})`;
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
      at.map((place) => new List(place)),
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
        SERVERS.map(({ id, domains: [first, ...rest], tools }) => ({ id, domains: [first, ...rest], tools })),
      );
      await fc.asyncModelRun(() => ({ model: { sessions: [] }, real: { mount, callers: [] } }), run);
    }),
    { numRuns: 150 },
  );
});
