/** Starts what the gateway's measures compare: a canned upstream, and every gateway in front of one. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import type { LoadSpec } from './load/load-spec.ts';
import { LOAD_CORE, pinned } from './machine.ts';
import { measuredCompanies } from './measured-call.ts';
import { compiledBench } from './paths.ts';
import { labelOf, type PeerName, peerProgram } from './peers.ts';
import type { RunningServer } from './processes.ts';
import { type Contender, runLoad } from './rounds.ts';

/** How many clients, and calls in flight of each. */
export interface Load {
  readonly sessions: number;
  readonly inFlight: number;
}

/** As many calls run at once as the load has in flight. */
const CONNECTIONS = 64;
const READY_TIMEOUT_MS = 30_000;
/** Enough for the JIT of each, however slow the machine is. */
const WARM_UP_CALLS = 3_000;

/** On the core of the load: the gateway has the other one to itself. */
export function startUpstream(bench: Bench, env: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  return bench.startScript('canned-mcp', env, { core: LOAD_CORE });
}

/** The same upstream as a program. Its settings are on the command line: some gateways pass on no environment. */
export function stdioUpstream(bench: Bench, env: Readonly<Record<string, string>> = {}): [string, ...string[]] {
  const settings = Object.entries({ BENCH_MODE: 'stdio', BENCH_ANSWER: bench.answerFile, ...env });
  const program = pinned(LOAD_CORE, [process.execPath, compiledBench('servers/canned-mcp.js')]);
  return ['env', ...settings.map(([name, value]) => `${name}=${value}`), ...program];
}

/** Of `gateway.yaml`, as much as a measure says. */
export interface MountedUpstream {
  readonly url?: string;
  readonly command?: string;
  readonly args?: readonly string[];
}

/** Our server with everything on and the upstreams mounted, each in a domain of its own: up, up1, up2, … */
export async function startOurGateway(
  bench: Bench,
  upstreams: readonly MountedUpstream[],
  nodeFlags: readonly string[] = [],
): Promise<RunningServer> {
  const file = join(bench.directory, `gateway-${upstreams.length}-${upstreams[0]?.command ?? 'http'}.yaml`);
  const servers = upstreams.map((upstream, index) => {
    const name = domainOf(index);
    return [name, { name, domains: [name], priority: index + 1, ...upstream }];
  });
  const config = { mcp_servers: Object.fromEntries(servers), orchestration: { max_connections: CONNECTIONS } };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const omie = await bench.startOmie(0);
  return bench.startOurs(omie.origin, measuredCompanies, nodeFlags, { GATEWAY_CONFIG: file });
}

export const domainOf = (index: number): string => `up${index === 0 ? '' : index}`;

type GatewayLoad = Pick<Contender['load'], 'transport' | 'tool' | 'streamPath'>;

/** A call of the canned tool with the answer that it must have. */
export function gatewayContender(
  name: string,
  { origin, pid }: RunningServer,
  expectedText: string,
  { sessions, inFlight }: Load,
  { transport = 'http', tool = 'page', streamPath }: Partial<GatewayLoad> = {},
): Contender {
  const call = { method: 'tools/call', tool, expectedText, structured: false } as const;
  return {
    name,
    load: { ...call, transport, argumentSets: [{ page: 1 }], streamPath, origin, serverPid: pid, sessions, inFlight },
  };
}

/** mcp-hub before an HTTP upstream. To its clients it speaks HTTP+SSE alone. */
export async function startMcpHub(bench: Bench, upstream: RunningServer): Promise<RunningServer | undefined> {
  const program = peerProgram('mcp-hub');
  if (program === undefined) return undefined;
  const file = join(bench.directory, 'mcp-hub.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { up: { url: `${upstream.origin}/mcp` } } }));
  return bench.startPeer('mcp-hub', program, ['--port', '{port}', '--config', file]);
}

export async function startMcpProxy(bench: Bench): Promise<RunningServer | undefined> {
  const program = peerProgram('mcp-proxy');
  if (program === undefined) return undefined;
  const args = ['--port', '{port}', '--host', '127.0.0.1', '--', ...stdioUpstream(bench)];
  return bench.startPeer('mcp-proxy', program, args);
}

export async function startSupergateway(bench: Bench): Promise<RunningServer | undefined> {
  const program = peerProgram('supergateway');
  if (program === undefined) return undefined;
  const shape = ['--outputTransport', 'streamableHttp', '--stateful', '--logLevel', 'none'];
  const args = ['--stdio', stdioUpstream(bench).join(' '), ...shape, '--port', '{port}'];
  return bench.startPeer('supergateway', program, args);
}

export const missingPeer = (peer: PeerName): string => `${labelOf(peer)} could not be installed`;

/** A gateway that listens may not have connected to its upstream yet; one that has is not warm before it served a few. */
export async function untilWarm({ name, load }: Contender): Promise<void> {
  const one = { ...load, sessions: 1, inFlight: 1, maxCalls: 1, warmUpMs: 0, measureMs: 3_000 };
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (let problem = await problemOf(one); problem !== undefined; problem = await problemOf(one)) {
    if (Date.now() > deadline) throw new Error(`${name} is not ready: ${problem}`);
    await sleep(200);
  }
  await runLoad({ ...load, maxCalls: WARM_UP_CALLS, warmUpMs: 0, measureMs: 15_000 });
}

async function problemOf(spec: LoadSpec): Promise<string | undefined> {
  try {
    const { calls, problems } = await runLoad(spec);
    return calls > 0 ? undefined : (problems[0] ?? 'no answer');
  } catch (thrown) {
    return String(thrown);
  }
}
