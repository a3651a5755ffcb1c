import {
  gatewayContender,
  missingPeer,
  startMcpProxy,
  startOurGateway,
  startSupergateway,
  stdioUpstream,
  untilWarm,
} from '../gateways.ts';
import { type Measure, notMeasured } from '../measure.ts';
import { compare, interleave } from '../rounds.ts';

const ours = 'ours';
const proxy = 'mcp-proxy';
const supergateway = 'supergateway';

/** A call through the gateway to a program, over our Streamable HTTP. The program's own CPU counts for nobody. */
export const gatewayStdio: Measure = {
  name: 'gateway-stdio',
  async run(bench, { text }) {
    const load = { sessions: 8, inFlight: 4 };
    const [command, ...args] = stdioUpstream(bench);
    const gateway = await startOurGateway(bench, [{ command, args }]);
    const contenders = [gatewayContender(ours, gateway, text, load, { tool: 'up__page' })];
    const peers = [
      [proxy, await startMcpProxy(bench)],
      [supergateway, await startSupergateway(bench)],
    ] as const;
    for (const [name, peer] of peers) if (peer !== undefined) contenders.push(gatewayContender(name, peer, text, load));
    for (const contender of contenders) await untilWarm(contender);
    const rounds = await interleave(bench, contenders);
    const row = {
      what: 'CPU of a call through the gateway to a stdio upstream, against mcp-proxy',
      goal: { atMost: 0.3 },
    };
    if (!rounds.has(proxy)) return [notMeasured({ ...row, unit: '×' }, missingPeer('mcp-proxy'))];
    const beside = rounds.has(supergateway) ? [supergateway] : [];
    return [compare(rounds, { ...row, ours, peer: proxy, beside, by: 'cpuMicrosPerCall' })];
  },
};
