import { readFileSync } from 'node:fs';
import { z } from 'zod';

const answerSchema = z.object({
  /** The tool that was called. */
  tool: z.string(),
  /** What our server answered, so that every peer sends the same bytes. */
  text: z.string(),
  structured: z.record(z.string(), z.json()),
});

export type Answer = z.output<typeof answerSchema>;

/** The answer that the runner fetched from our server and left in a file. */
export function readAnswer(): Answer {
  return answerSchema.parse(JSON.parse(readFileSync(process.env['BENCH_ANSWER'] ?? '', 'utf8')));
}
