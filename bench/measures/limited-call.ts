import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measure } from '../measure.ts';
import { measuredCall, measuredCompanies } from '../measured-call.ts';
import { compare, interleave } from '../rounds.ts';
import { eightByFour } from './eight-by-four.ts';

/** The most a token may have, and more than all rounds of a minute ask: counted, and nobody is refused. */
const NEVER_REACHED = 100_000;
const tokens = { limited: 'token-de-bancada-com-limite-0123456789', free: 'token-de-bancada-sem-limite-0123456789' };

/** What it costs to count a principal's requests: two tokens of one server, and only one has a limit. */
export const limitedCall: Measure = {
  name: 'limit',
  async run(bench, { text }) {
    const omie = await bench.startOmie(0);
    const file = join(bench.directory, 'tokens.json');
    writeFileSync(file, JSON.stringify({ tokens: [record('limited', NEVER_REACHED), record('free')] }), {
      mode: 0o600,
    });
    const ours = await bench.startOurs(omie.origin, measuredCompanies, [], { MCP_TOKENS_FILE: file });
    const load = { ...measuredCall, transport: 'http', expectedText: text } as const;
    const rounds = await interleave(bench, [
      eightByFour('with a limit', ours, { ...load, token: tokens.limited }),
      eightByFour('without', ours, { ...load, token: tokens.free }),
    ]);
    return [
      compare(rounds, {
        what: 'CPU of tools/call with a token that has a limit a minute, against one that has none',
        goal: { atMost: 1.1 },
        ours: 'with a limit',
        peer: 'without',
        by: 'cpuMicrosPerCall',
      }),
    ];
  },
};

function record(id: keyof typeof tokens, perMinute?: number): object {
  const sha256 = createHash('sha256').update(tokens[id]).digest('hex');
  return { id, sha256, empresas: ['*'], ferramentas: ['*'], modo: 'leitura', limite_por_minuto: perMinute };
}
