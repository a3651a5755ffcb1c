import { z } from 'zod';
import { roundedNumbers } from '../../protocol/exact-number.ts';
import type { Scrub } from '../../server/server-parts.ts';
import { secretless } from '../../server/without-secrets.ts';
import type { ToolDescriptor } from '../../tools/tool-source.ts';

const object = z.looseObject({});
const shape = z.looseObject({
  name: z.string(),
  // Nobody checks what a mounted server gives for one.
  title: z.string().optional().catch(undefined),
  description: z.string().optional(),
  inputSchema: object,
  outputSchema: object.optional(),
  annotations: object.optional(),
  _meta: object.optional(),
});

/** What a model is told of a tool: without secrets, and with numbers that it can read. */
export function descriptorForModel(descriptor: ToolDescriptor, scrub: Scrub | undefined): ToolDescriptor {
  const rounded = roundedNumbers(descriptor);
  const clean = secretless(rounded, scrub);
  return clean === rounded ? rounded : shape.parse(clean);
}
