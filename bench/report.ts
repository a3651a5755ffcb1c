import { describeMachine } from './machine.ts';
import { type Goal, type Row, verdictOf } from './measure.ts';

export interface ReportFacts {
  readonly date: Date;
  readonly seconds: number;
  readonly rounds: number;
  readonly roundSeconds: number;
}

export function renderReport(rows: readonly Row[], facts: ReportFacts): string {
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`. Do not edit by hand.',
    '',
    `${facts.date.toISOString().slice(0, 10)}, ${describeMachine()}.`,
    '',
    ...table(rows),
    '',
    ...failures(rows),
    '## How to read it',
    '',
    'Only ratios taken in one run say something: the same server can be twice as fast an hour later on a shared machine.',
    `Contenders take turns (A B C, A B C, …), ${facts.rounds} rounds of ${facts.roundSeconds} s each after a warm-up; a ratio is the median of`,
    'our rounds over the median of theirs. In parentheses stand the worst and the best round. A difference below 15 % is none.',
    'The load comes from a process of its own, over raw MCP on kept-alive sockets: eight sessions with four calls in flight.',
    'Every answer is checked: id, result, no error, the very text expected. What was parsed and found right once is from then on',
    'compared byte for byte but for its id, and HTTP is written and read by hand: an ordinary client that parses every answer costs',
    'more than our server does, so that its own speed would be measured. One wrong answer makes the row `FALHOU`.',
    '',
    'Our server is `dist/main.js serve` as people run it: checks of Host and Origin, validation, companies, caches, limits, log and',
    'metrics on; a cheap fake stands for Omie, and the answer (50 categories) is in the response cache. The bare peers hold our',
    'answer ready and stringify it at each call; they declare the same schemas and look up no company.',
    'Raw work does, on `node:http` alone, what nobody can leave out: parse the request, project the rows, stringify.',
    'CPU is what the kernel counts for the server process, all threads. Heaps are taken after a forced collection.',
    'The 64 clients of the uncached call begin spread over the time of one answer, as clients that know nothing of each other do. They send',
    '320 calls a second, and Omie allows 16: this Omie takes all, and our server has only that one limit another; it is the same code, but',
    'unbundled and started by `startApp`, not `dist/main.js serve`. So both servers are in use for thousands of calls before they are',
    'measured. Beside ours stands a bare server (`node:http`, an undici pool, `JSON.parse`, the same rows) asked the same in turn: what this',
    'machine needs at least; and both again after a minute without a call, in which V8 has thrown its optimized code away.',
    '',
    'The 2,000 impatient clients are one process on the core of the load, over raw sockets; how busy it and the server were is in the row. Answers',
    'count whoever got them. Beside the flood, in a process of their own, 100 clients ask twice a second and wait as told when turned away, and',
    'one probes health every 25 ms: theirs are the times of refusals and probes, for what an impatient client waits is our doing.',
    '',
    'The gateway is the same server with one upstream mounted and everything on: scope, pins, breaker, cleaning of results, log and',
    'metrics; it may have 64 requests at the upstream at once. The upstream answers 5 KB of text made beforehand and runs, like the',
    'load, on the core of the load; the gateway has the other one. CPU is that of the gateway process alone, so that of a stdio',
    'upstream counts for nobody. The byte proxy is `node:http` before an undici pool and knows nothing of MCP: what one more hop',
    'costs at the least, with the promise API of the pool and with its bare `dispatch`. mcp-hub speaks HTTP+SSE to its clients.',
    'The peers are no dependencies: they are installed, in exact versions, when the bench runs.',
    '',
    'The least time of a fan-out is max(60·⌊(P−1)/240⌋ + L·(1 + ⌈(P−1)/4⌉), 60·⌊(C·P−1)/960⌋ + L, C·P·0.12 ms) for C companies of',
    'P pages at a latency of L: four calls in flight and 240 a minute for each company and method, 960 a minute for our address.',
    '',
    `The whole run took ${Math.round(facts.seconds)} s.`,
    '',
  ].join('\n');
}

export function table(rows: readonly Row[]): string[] {
  return [
    '| Measure | Goal | Result | | Median (worst–best round) |',
    '|---|---|---|---|---|',
    ...rows.map((row) => {
      return `| ${row.what} | ${goalText(row.goal)}${row.unit} | ${resultText(row)} | ${verdictOf(row)} | ${row.detail} |`;
    }),
  ];
}

/** Nothing when all went well. */
export function failures(rows: readonly Row[]): string[] {
  const lines = rows.flatMap((row) => row.problems.slice(0, 3).map((problem) => `- ${row.what}: ${problem}`));
  return lines.length === 0 ? [] : ['Failures:', '', ...lines, ''];
}

function resultText({ value, unit }: Row): string {
  return Number.isFinite(value) ? `**${value.toFixed(unit === '×' ? 2 : 1)}${unit}**` : '–';
}

function goalText(goal: Goal): string {
  return 'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
}
