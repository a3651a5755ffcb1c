import type { CallContext, Caller, JsonObject } from '../tools/tool-source.ts';

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
  list(caller: Caller): readonly PromptDescriptor[];
  get(
    name: string,
    args: Readonly<Record<string, string>>,
    context: CallContext,
  ): Promise<{ description: string; messages: readonly PromptMessage[] }>;
}
