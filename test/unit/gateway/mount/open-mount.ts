/** The union of a small catalog and servers that record what reaches them. */
import { fullAccess, type Principal } from '../../../../src/companies/principal.ts';
import { DomainHandles } from '../../../../src/gateway/domains/handles.ts';
import { DomainScopes } from '../../../../src/gateway/domains/scope.ts';
import { MemoryScopeStore } from '../../../../src/gateway/domains/scope-store.ts';
import { Gateway } from '../../../../src/gateway/mount/gateway.ts';
import { mountCatalog, type Offered } from '../../../../src/gateway/mount/mount-catalog.ts';
import { ResourceCache } from '../../../../src/gateway/resources/resource-cache.ts';
import { Conversation } from '../../../../src/gateway/session-tools/conversation.ts';
import { searchedTools } from '../../../../src/gateway/session-tools/searched-tools.ts';
import { sessionTools } from '../../../../src/gateway/session-tools/session-tools.ts';
import type { Offer, RawTool } from '../../../../src/gateway/upstreams/offer.ts';
import type { HeldTool } from '../../../../src/gateway/upstreams/screen.ts';
import type { MountedServer, UpstreamRegistry } from '../../../../src/gateway/upstreams/upstream-registry.ts';
import { SecretScrubber } from '../../../../src/logging/redact.ts';
import { carriedHandles } from '../../../../src/server/carried-handles.ts';
import { createToolSource } from '../../../../src/server/run-tool.ts';
import type { CallReport } from '../../../../src/tools/call-report.ts';
import type { CallContext, Caller, SessionRef } from '../../../../src/tools/tool-source.ts';
import { SampleCatalog } from '../../../integration/transports/sample-catalog.ts';
import { httpServer } from '../../../support/gateway-house.ts';
import { silent } from '../../../support/upstreams.ts';

export interface FakeServer {
  readonly id: string;
  readonly domains: readonly [string, ...string[]];
  readonly tools: readonly string[];
  readonly readOnly?: boolean;
  readonly priority?: number;
  readonly more?: Partial<Offer>;
  readonly held?: readonly HeldTool[];
}

export interface Reached {
  readonly server: string;
  readonly method: string;
  readonly name: string;
}

/** A registry whose servers answer at once and remember what they were asked. */
export class RecordingRegistry implements UpstreamRegistry {
  readonly reached: Reached[] = [];
  readonly ended: string[] = [];
  servers: readonly MountedServer[] = [];
  answer: (name: string) => string = () => '{"content":[{"type":"text","text":"ok"}]}';
  readonly #listeners = new Set<() => void>();

  constructor(servers: readonly FakeServer[]) {
    this.mount(servers);
  }

  mount(servers: readonly FakeServer[]): void {
    this.servers = servers.map(mounted);
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  forward: UpstreamRegistry['forward'] = async ([first], method) => {
    if (first === undefined) throw new Error('nobody to ask');
    this.reached.push({ server: first.server, method, name: first.name });
    return { resultText: this.answer(first.name), servedBy: first.server };
  };

  /** What is watched now, one entry a subscription. */
  readonly watched: string[] = [];
  readonly #updates = new Set<(server: string, uri: string) => void>();

  async watch(server: string, uri: string): Promise<() => void> {
    const entry = `${server} ${uri}`;
    this.watched.push(entry);
    return () => void this.watched.splice(this.watched.indexOf(entry), 1);
  }

  onResourceUpdate(listener: (server: string, uri: string) => void): () => void {
    this.#updates.add(listener);
    return () => this.#updates.delete(listener);
  }

  update(server: string, uri: string): void {
    for (const listener of this.#updates) listener(server, uri);
  }

  endSession(sessionId: string): void {
    this.ended.push(sessionId);
  }

  async reconfigure(): Promise<void> {}
  async close(): Promise<void> {}
}

function mounted({
  id,
  domains,
  tools,
  readOnly = true,
  priority = 10,
  more = {},
  held = [],
}: FakeServer): MountedServer {
  return {
    id,
    name: id,
    config: httpServer(id, 'http://127.0.0.1:9/mcp', { domains, priority }),
    state: 'connected',
    offer: {
      tools: tools.map((name) => rawTool(name, readOnly)),
      resources: [],
      templates: [],
      prompts: [],
      completions: false,
      ...more,
    },
    held,
    problem: undefined,
    lastConnected: undefined,
  };
}

export function rawTool(name: string, readOnlyHint: boolean): RawTool {
  return { name, description: `Does ${name}`, inputSchema: { type: 'object' }, annotations: { readOnlyHint } };
}

export interface Mount {
  readonly registry: RecordingRegistry;
  readonly gateway: Gateway;
  readonly catalog: Offered;
  readonly reports: CallReport[];
  readonly selected: SessionRef[];
  names(caller: Caller): string[];
  call(
    caller: Caller,
    name: string,
    args?: unknown,
    meta?: Record<string, unknown>,
  ): ReturnType<Offered['tools']['call']>;
}

export function openMount(servers: readonly FakeServer[], now: () => number = Date.now): Mount {
  const registry = new RecordingRegistry(servers);
  const key = new Uint8Array(32).fill(7);
  const keys = { current: key, accepted: [key] };
  const handles = new DomainHandles({ keys, now });
  const scopes = new DomainScopes({ store: new MemoryScopeStore(), handles });
  const gateway = new Gateway({ registry, scopes, keys, logger: silent });
  const inner = new SampleCatalog();
  const cache = new ResourceCache({ ttlMs: 0 }, () => 1);
  const selected: SessionRef[] = [];
  const reports: CallReport[] = [];
  const scrubber = new SecretScrubber();
  const own = sessionTools({
    gateway,
    conversation: new Conversation(gateway, (caller) => inner.tools.list(caller).length),
    cacheStats: () => cache.stats(),
    onSelected: (session) => void selected.push(session),
    searched: searchedTools(gateway, inner.tools),
  });
  const services = {
    directory: { resolve: unused, list: () => [] },
    forCompany: async () => unused(),
    reloadCredentials: async () => unused(),
  };
  const catalog = mountCatalog<Offered>(inner, {
    gateway,
    sessionTools: createToolSource({ tools: own, services, logger: silent, scrubber }),
    observe: (report) => void reports.push(report),
    logger: silent,
    scrub: (text) => scrubber.scrub(text),
  });
  return {
    registry,
    gateway,
    catalog,
    reports,
    selected,
    names: (caller) => catalog.tools.list(caller).map(({ name }) => name),
    call: (caller, name, args = {}, meta) => catalog.tools.call(name, args, callContext(caller, meta)),
  };
}

export const local: Principal = fullAccess('local');

export function callContext(caller: Caller, meta?: Record<string, unknown>): CallContext {
  return {
    ...caller,
    door: 'http',
    signal: new AbortController().signal,
    requestId: 'r',
    ...(meta === undefined ? {} : { meta, ...carriedHandles(meta) }),
    progress: () => {},
    log: () => {},
  };
}

function unused(): never {
  throw new Error('no tool of the gateway asks for this');
}
