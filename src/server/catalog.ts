import type { Complete } from '../prompts/completion-source.ts';
import type { PromptSource } from '../prompts/prompt-source.ts';
import type { ResourceSource } from '../resources/resource-source.ts';
import type { Caller, SessionRef, ToolSource } from '../tools/tool-source.ts';
import { listed } from './listed.ts';

export type { Completion, CompletionRequest } from '../prompts/completion-source.ts';
export type { PromptDescriptor, PromptMessage, PromptSource } from '../prompts/prompt-source.ts';
export type {
  ResourceContents,
  ResourceDescriptor,
  ResourceReading,
  ResourceSource,
  ResourceTemplateDescriptor,
} from '../resources/resource-source.ts';

/** Everything this server offers, whoever speaks whatever era over whatever transport. */
export interface Catalog {
  readonly serverInfo: { readonly name: string; readonly title: string; readonly version: string };
  /** Read by a model before anything else; empty when there is nothing to say. */
  readonly instructions: (caller: Caller) => string;
  readonly tools: ToolSource;
  readonly resources: ResourceSource;
  readonly prompts: PromptSource;
  readonly complete: Complete;
  /** Called when lists or resources changed (a reload); returns how to stop listening. */
  onChange(listener: (change: CatalogChange) => void): () => void;
}

export type CatalogChange = (
  | {
      readonly kind: 'tools' | 'prompts' | 'resources';
      /** The only conversation it concerns; all of them when absent. */
      readonly session?: SessionRef;
    }
  | { readonly kind: 'resource'; readonly uri: string }
) & {
  /** Who may hear of it; everybody when absent. Even that something exists, or is another now, can be too much. */
  readonly visibleTo?: (caller: Caller) => boolean;
};

export function mayHearOf(change: CatalogChange, caller: Caller): boolean {
  const session = change.kind === 'resource' ? undefined : change.session;
  if (session !== undefined && session.id !== caller.session?.id) return false;
  return listed(() => change.visibleTo?.(caller) !== false);
}
