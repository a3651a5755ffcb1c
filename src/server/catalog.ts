import type { Principal } from '../companies/principal.ts';
import type { CallContext, JsonObject, ToolSource } from '../tools/tool-source.ts';

/** One resource or template as its list shows it. */
export interface ResourceDescriptor {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
}
export interface ResourceTemplateDescriptor {
  readonly uriTemplate: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
}
export type ResourceContents =
  | { readonly uri: string; readonly mimeType: string; readonly text: string }
  | { readonly uri: string; readonly mimeType: string; readonly blob: string };

/** Reads throw `NotFoundError` for a URI nobody serves and other `AppError`s for failures. */
export interface ResourceSource {
  list(principal: Principal): readonly ResourceDescriptor[];
  templates(principal: Principal): readonly ResourceTemplateDescriptor[];
  read(uri: string, context: CallContext): Promise<readonly ResourceContents[]>;
}

export interface PromptArgument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}
export interface PromptDescriptor {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
}
export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject;
}
/** `get` throws `NotFoundError` for an unknown prompt and `UserInputError` for bad arguments. */
export interface PromptSource {
  list(principal: Principal): readonly PromptDescriptor[];
  get(
    name: string,
    args: Readonly<Record<string, string>>,
    context: CallContext,
  ): Promise<{ description: string; messages: readonly PromptMessage[] }>;
}

/** What is being completed: an argument of a prompt or a variable of a resource template. */
export interface CompletionRequest {
  readonly ref:
    | { readonly type: 'ref/prompt'; readonly name: string }
    | { readonly type: 'ref/resource'; readonly uri: string };
  readonly argument: { readonly name: string; readonly value: string };
}
/** At most 100 values (MCP's cap), with how many there are in all. */
export interface Completion {
  readonly values: readonly string[];
  readonly total: number;
  readonly hasMore: boolean;
}

/** Everything this server offers, whoever speaks whatever era over whatever transport. */
export interface Catalog {
  readonly serverInfo: { readonly name: string; readonly title: string; readonly version: string };
  readonly instructions: string;
  readonly tools: ToolSource;
  readonly resources: ResourceSource;
  readonly prompts: PromptSource;
  complete(request: CompletionRequest, principal: Principal): Completion;
  /** Called when lists or resources changed (a reload); returns how to stop listening. */
  onChange(listener: (change: CatalogChange) => void): () => void;
}

export type CatalogChange =
  | { readonly kind: 'tools' | 'prompts' | 'resources' }
  | { readonly kind: 'resource'; readonly uri: string };
