import type { Measure } from '../measure.ts';
import { problemsOf, spread } from '../rounds.ts';
import { median } from '../statistics.ts';
import { byteProxy, direct, httpRounds, hub, ours } from './gateway-contenders.ts';

/** What the gateway adds to the median latency of one client with one call in flight. */
export const gatewayLatency: Measure = {
  name: 'gateway-latency',
  async run(bench, { text }) {
    const rounds = await httpRounds(bench, text, { sessions: 1, inFlight: 1 });
    const p50 = (name: string): number[] => (rounds.get(name) ?? []).map(({ p50Ms }) => p50Ms ?? Number.NaN);
    const added = (name: string): number => median(p50(name)) - median(p50(direct));
    const shown = [ours, byteProxy, hub].filter((name) => rounds.has(name));
    return [
      {
        what: 'p50 that the gateway adds to a call at one client, against what a byte proxy adds',
        goal: { atMost: 1.5 },
        value: added(ours) / added(byteProxy),
        unit: '×',
        detail: [
          ...shown.map((name) => `${name} +${added(name).toFixed(3)} ms`),
          ...[direct, ...shown].map((name) => `p50 ${name} ${spread(p50(name), 3)} ms`),
        ].join('; '),
        problems: problemsOf(rounds, [direct, ...shown]),
      },
    ];
  },
};
