import type { InputRequired } from '../tools/input-required.ts';
import type { CallContext, Caller } from '../tools/tool-source.ts';

export interface PromptArgument {
  readonly name: string;
  readonly description?: string | undefined;
  readonly required?: boolean | undefined;
}

export interface PromptDescriptor {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly arguments?: readonly PromptArgument[] | undefined;
}

export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly content: Readonly<Record<string, unknown>>;
}

/** A prompt of this house: nothing is left unsaid. */
export interface OwnPromptDescriptor extends PromptDescriptor {
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly (PromptArgument & { readonly description: string })[];
}

/** What a prompt becomes for its arguments. */
export interface PromptReading {
  readonly description?: string | undefined;
  readonly messages: readonly PromptMessage[];
  /** Says who served it, when that was a mounted server. */
  readonly _meta?: Readonly<Record<string, unknown>> | undefined;
}

/** `get` throws `NotFoundError` for an unknown prompt and `UserInputError` for bad arguments. */
export interface PromptSource {
  list(caller: Caller): readonly PromptDescriptor[];
  get(
    name: string,
    args: Readonly<Record<string, string>>,
    context: CallContext,
  ): Promise<PromptReading | InputRequired>;
}
