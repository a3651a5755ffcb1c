import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Bench, heapFlags } from '../bench.ts';
import { domainOf, startOurGateway, startUpstream, stdioUpstream } from '../gateways.ts';
import type { Measure } from '../measure.ts';
import { measuredCompanies } from '../measured-call.ts';
import type { RunningServer } from '../processes.ts';
import { spread } from '../rounds.ts';

const RESOURCES = 20;
const LATENCY_MS = 20;
const UPSTREAMS = 10;
const KILOBYTES_PER_MEGABYTE = 1_024;

const statusSchema = z.object({ servers: z.array(z.object({ connected: z.boolean() })) });
const gatheredSchema = z.record(z.string(), z.object({ resources: z.record(z.string(), z.unknown()) }));

/** Reading all resources of a server for the first time, and what ten servers cost in memory. */
export const gatewayGather: Measure = {
  name: 'gateway-gather',
  async run(bench) {
    const times: number[] = [];
    const megabytes: number[] = [];
    const problems: string[] = [];
    for (let round = 0; round < (bench.quick ? 1 : 3); round += 1) {
      const gateway = await startTen(bench);
      for (let index = 0; index < UPSTREAMS; index += 1) {
        const startedAt = performance.now();
        const found = await gather(gateway, domainOf(index));
        times.push(performance.now() - startedAt);
        if (found !== RESOURCES) problems.push(`${found} resources instead of ${RESOURCES}`);
      }
      const withTen = await settledMegabytes(gateway);
      await bench.stopServers();
      const omie = await bench.startOmie(0);
      const base = await bench.startOurs(omie.origin, measuredCompanies, heapFlags);
      megabytes.push(withTen - (await settledMegabytes(base)));
      await bench.stopServers();
      bench.note(`  round ${round}: +${megabytes.at(-1)?.toFixed(1)} MB, slowest ${Math.max(...times).toFixed(0)} ms`);
    }
    return [
      {
        what: `Gathering a server's ${RESOURCES} resources for the first time, each answer after ${LATENCY_MS} ms, the slowest`,
        goal: { atMost: 500 },
        value: Math.max(...times),
        unit: ' ms',
        detail: `${spread(times)} ms over ${times.length} servers, half HTTP, half stdio`,
        problems,
      },
      {
        what: `Memory of the gateway with ${UPSTREAMS} upstreams and their resources, beyond the same server without`,
        goal: { atMost: 100 },
        value: Math.max(...megabytes),
        unit: ' MB',
        detail: `${spread(megabytes, 1)} MB resident, the gateway's own process`,
        problems: [],
      },
    ];
  },
};

async function startTen(bench: Bench): Promise<RunningServer> {
  const settings = { BENCH_RESOURCES: String(RESOURCES), BENCH_LATENCY_MS: String(LATENCY_MS) };
  const upstream = await startUpstream(bench, settings);
  const [command, ...args] = stdioUpstream(bench, settings);
  const http = { url: `${upstream.origin}/mcp` };
  const mounted = Array.from({ length: UPSTREAMS }, (_, index) => (index % 2 === 0 ? http : { command, args }));
  const gateway = await startOurGateway(bench, mounted, heapFlags);
  const { servers } = statusSchema.parse(await get(gateway, '/mcp/status'));
  if (servers.filter(({ connected }) => connected).length !== UPSTREAMS) throw new Error('not all are connected');
  return gateway;
}

async function gather(gateway: RunningServer, domain: string): Promise<number> {
  const servers = gatheredSchema.parse(await get(gateway, `/mcp/resources/${domain}`));
  return Object.keys(servers[domain]?.resources ?? {}).length;
}

async function get({ origin }: RunningServer, path: string): Promise<unknown> {
  const response = await fetch(`${origin}${path}`);
  if (!response.ok)
    throw new Error(`GET ${path} answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
  return response.json();
}

/** Resident memory after a collection and a moment to give pages back. */
async function settledMegabytes(server: RunningServer): Promise<number> {
  await server.heapBytes();
  await sleep(500);
  await server.heapBytes();
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / KILOBYTES_PER_MEGABYTE;
}
