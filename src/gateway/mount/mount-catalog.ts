import type { Complete } from '../../prompts/completion-source.ts';
import type { PromptSource } from '../../prompts/prompt-source.ts';
import type { ResourceSource } from '../../resources/resource-source.ts';
import type { Caller, ToolSource } from '../../tools/tool-source.ts';
import { mountCompletion } from './mounted-completion.ts';
import { mountInstructions } from './mounted-instructions.ts';
import { mountPrompts } from './mounted-prompts.ts';
import { mountResources } from './mounted-resources.ts';
import { type MountedToolParts, mountTools } from './mounted-tools.ts';

/** Everything a server offers, by whatever name its own room calls it. */
export interface Offered {
  readonly instructions: (caller: Caller) => string;
  readonly tools: ToolSource;
  readonly resources: ResourceSource;
  readonly prompts: PromptSource;
  readonly complete: Complete;
}

/** The union of what this server offers itself and what is mounted: the same shape, so that nobody else need know. */
export function mountCatalog<C extends Offered>(catalog: C, parts: Omit<MountedToolParts, 'inner'>): C {
  const { gateway } = parts;
  return {
    ...catalog,
    instructions: mountInstructions(gateway, catalog.instructions),
    tools: mountTools({ ...parts, inner: catalog.tools }),
    resources: mountResources(gateway, catalog.resources),
    prompts: mountPrompts(gateway, catalog.prompts),
    complete: mountCompletion(gateway, catalog.complete),
  };
}
