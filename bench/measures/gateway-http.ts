import { missingPeer } from '../gateways.ts';
import { type Measure, notMeasured } from '../measure.ts';
import { absolute, compare } from '../rounds.ts';
import { barestProxy, byteProxy, direct, httpRounds, hub, ours } from './gateway-contenders.ts';

/** A call through the gateway to an HTTP upstream. */
export const gatewayHttp: Measure = {
  name: 'gateway-http',
  async run(bench, { text }) {
    const rounds = await httpRounds(bench, text, { sessions: 8, inFlight: 4 });
    const againstHub = {
      what: 'CPU of a call through the gateway to an HTTP upstream, against mcp-hub',
      goal: { atMost: 0.12 },
    };
    return [
      absolute(rounds, {
        what: 'CPU of a call through the gateway to an HTTP upstream',
        goal: { atMost: 100 },
        ours,
        beside: [byteProxy, barestProxy, direct],
        by: 'cpuMicrosPerCall',
      }),
      rounds.has(hub)
        ? compare(rounds, { ...againstHub, ours, peer: hub, by: 'cpuMicrosPerCall' })
        : notMeasured({ ...againstHub, unit: '×' }, missingPeer('mcp-hub')),
    ];
  },
};
