import type { CallContext } from '../tools/tool-source.ts';

/** What is being completed: an argument of a prompt or a variable of a resource template. */
export interface CompletionRequest {
  readonly ref:
    | { readonly type: 'ref/prompt'; readonly name: string }
    | { readonly type: 'ref/resource'; readonly uri: string };
  readonly argument: { readonly name: string; readonly value: string };
  /** What was filled in already. */
  readonly context?: { readonly arguments?: Readonly<Record<string, string>> | undefined } | undefined;
}

/** At most 100 values (MCP's cap), with how many there are in all where that is known. */
export interface Completion {
  readonly values: readonly string[];
  readonly total?: number | undefined;
  readonly hasMore?: boolean | undefined;
}

export type Complete = (request: CompletionRequest, context: CallContext) => Completion | Promise<Completion>;
