/** A language model that may ask for tools. One file a provider; the loop around it is ours. */

export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export interface ToolRequest {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** One turn of the conversation. What tools answered is data, never instruction. */
export type Turn =
  | { readonly role: 'user'; readonly text: string }
  | {
      readonly role: 'model';
      readonly text: string;
      readonly requests: readonly ToolRequest[];
      /** What the provider wants to see again as it was (signatures of its thoughts): its own, opaque to the loop. */
      readonly own?: unknown;
    }
  | {
      readonly role: 'tool';
      readonly id: string;
      readonly name: string;
      readonly result: string;
      readonly isError: boolean;
    };

export interface ModelAnswer {
  readonly text: string;
  /** Empty: it has said what it had to say. */
  readonly requests: readonly ToolRequest[];
  readonly tokens: { readonly input: number; readonly output: number };
  /** See {@link Turn}. */
  readonly own?: unknown;
}

export interface Conversation {
  readonly system: string;
  readonly turns: readonly Turn[];
  /** Empty: it is to answer now. */
  readonly tools: readonly ModelTool[];
}

export interface Model {
  /** For the trace, e.g. `gemini-2.5-flash`. */
  readonly name: string;
  /**
   * @param onText hears the answer's text while it is written, where the provider can; the answer holds it all anyway
   * @throws HubError, AppError
   */
  next(conversation: Conversation, signal: AbortSignal, onText?: (text: string) => void): Promise<ModelAnswer>;
}
