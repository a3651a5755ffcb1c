/** Any model behind a small interface: one turn of a conversation in, an answer or calls of functions out. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export interface ModelCall {
  /** The model's own, given back with the result. */
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface ModelCallResult {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly isError: boolean;
}

export type ModelMessage =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly calls: readonly ModelCall[] }
  | { readonly role: 'tool'; readonly results: readonly ModelCallResult[] };

export interface ModelRequest {
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  /** Empty when the model is to answer now. */
  readonly tools: readonly ModelTool[];
  readonly signal: AbortSignal;
}

export interface ModelReply {
  readonly text?: string | undefined;
  readonly calls?: readonly ModelCall[] | undefined;
}

export interface LanguageModel {
  generate(request: ModelRequest): Promise<ModelReply>;
}
