import type { Bench } from '../bench.ts';
import { gatewayContender, type Load, startMcpHub, startOurGateway, startUpstream, untilWarm } from '../gateways.ts';
import { type Contender, interleave, type Rounds } from '../rounds.ts';

export const ours = 'ours';
export const direct = 'direct';
export const byteProxy = 'byte proxy';
export const barestProxy = 'byte proxy on dispatch';
export const hub = 'mcp-hub';

/** Everything that stands before an HTTP upstream, in turns. The hub is left out where it cannot be installed. */
export async function httpRounds(bench: Bench, text: string, load: Load): Promise<Rounds> {
  const upstream = await startUpstream(bench);
  const behind = { BENCH_UPSTREAM: upstream.origin };
  const mcpHub = await startMcpHub(bench, upstream);
  const contenders: Contender[] = [
    gatewayContender(direct, upstream, text, load),
    gatewayContender(byteProxy, await bench.startScript('byte-proxy', behind), text, load),
    gatewayContender(
      barestProxy,
      await bench.startScript('byte-proxy', { ...behind, BENCH_MODE: 'dispatch' }),
      text,
      load,
    ),
    gatewayContender(ours, await startOurGateway(bench, [{ url: `${upstream.origin}/mcp` }]), text, load, {
      tool: 'up__page',
    }),
  ];
  if (mcpHub !== undefined) {
    contenders.push(
      gatewayContender(hub, mcpHub, text, load, { transport: 'sse', tool: 'up__page', streamPath: '/mcp' }),
    );
  }
  for (const contender of contenders) await untilWarm(contender);
  return interleave(bench, contenders);
}
