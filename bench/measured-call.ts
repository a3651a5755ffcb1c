import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Bench } from './bench.ts';
import { companyIds } from './credentials.ts';
import { messageIn, parseMessage } from './load/check-answer.ts';
import { openHttpSession } from './load/http-session.ts';
import { type LoadSpec, loadSpecSchema } from './load/load-spec.ts';
import { requestBodies } from './load/messages.ts';
import { nextId } from './load/session.ts';
import type { Answer } from './servers/answer.ts';

type Call = Pick<LoadSpec, 'method' | 'tool' | 'argumentSets'>;

export const measuredCompanies = companyIds(8);

const measuredTool = 'consultar_categorias_empresa';

/** The call that all comparisons make: 50 categories of one company, about 5 KB of text and 11 KB of answer. */
export const measuredCall: Call = {
  method: 'tools/call',
  tool: measuredTool,
  argumentSets: [{ company_id: 'empresa_001' }],
};

export interface FetchedAnswer extends Answer {
  /** How many tools our server lists: the bare one gets as many where that matters. */
  readonly toolCount: number;
}

const callAnswer = z.object({
  result: z.object({
    content: z.tuple([z.object({ text: z.string() })]),
    structuredContent: z.record(z.string(), z.json()),
    isError: z.literal(false).optional(),
  }),
});
const listAnswer = z.object({ result: z.object({ tools: z.array(z.unknown()) }) });

/** Asks our server once and leaves the answer in the file from which every peer takes it. */
export async function fetchAnswer(bench: Bench): Promise<FetchedAnswer> {
  const omie = await bench.startOmie(0);
  const { origin } = await bench.startOurs(omie.origin, measuredCompanies);
  const ask = async (what: Call): Promise<unknown> => {
    const spec = loadSpecSchema.parse({
      ...what,
      transport: 'http',
      origin,
      sessions: 1,
      inFlight: 1,
      warmUpMs: 0,
      measureMs: 0,
    });
    const session = await openHttpSession(spec);
    const id = nextId();
    const answer = await session.senders[0]?.(requestBodies(spec)(id), id);
    const message = parseMessage(messageIn(answer ?? ''));
    session.close();
    return message;
  };
  const { result } = callAnswer.parse(await ask(measuredCall));
  const { tools } = listAnswer.parse(await ask({ method: 'tools/list' })).result;
  await bench.stopServers();
  const answer: Answer = { tool: measuredTool, text: result.content[0].text, structured: result.structuredContent };
  writeFileSync(bench.answerFile, JSON.stringify(answer));
  return { ...answer, toolCount: tools.length };
}
