/** What a program hands in, looked at before it is used: not every program is compiled with types. */
import { z } from 'zod';
import { ConfigurationError, MCPOrchestratorError, QueryGenerationError } from './errors.ts';
import type { ModelReply } from './language-model.ts';

const knownEntities = z.record(z.string(), z.array(z.looseObject({ name: z.string(), id: z.string().optional() })));

/** @throws MCPOrchestratorError naming the argument */
export function needText(value: unknown, argument: string): void {
  if (typeof value !== 'string') throw new MCPOrchestratorError(`${argument} deve ser um texto.`, { argument });
}

/** @throws MCPOrchestratorError */
export function needKnown(value: unknown): void {
  if (!knownEntities.safeParse(value).success)
    throw new MCPOrchestratorError('known deve dar, por id de servidor, uma lista de { name, id? }.', {
      argument: 'known',
    });
}

const configPath = z.looseObject({ configPath: z.string().optional() });

/** @throws ConfigurationError */
export function needOptions(value: unknown): void {
  if (!configPath.safeParse(value).success)
    throw new ConfigurationError('As opções são um objeto, e configPath, um texto.', { argument: 'options' });
}

/** By what is used of it: another realm's is one too. */
const signal = z.looseObject({ aborted: z.boolean(), addEventListener: z.function() });
const callOptions = z.looseObject({ signal: signal.optional() });

/** @throws MCPOrchestratorError */
export function needCallOptions(value: unknown): void {
  if (!callOptions.safeParse(value).success)
    throw new MCPOrchestratorError('As opções são um objeto, e signal, um AbortSignal.', { argument: 'options' });
}

/** What an adapter hangs on a call stays: some providers want it back. */
const modelReply = z.object({
  text: z.string().optional(),
  calls: z
    .array(z.looseObject({ id: z.string(), name: z.string(), arguments: z.record(z.string(), z.unknown()) }))
    .optional(),
});

/** @throws QueryGenerationError */
export function readReply(value: unknown): ModelReply {
  const parsed = modelReply.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new QueryGenerationError(
    'O modelo deve responder { text?, calls? }, com id, name e arguments em cada chamada.',
  );
}
