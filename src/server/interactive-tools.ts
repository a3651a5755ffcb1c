import type {
  CallToolResult,
  GetPromptResult,
  InputRequiredResult,
  ServerContext,
  ServerOptions,
} from '@modelcontextprotocol/server';
import type { Caller } from '../tools/tool-source.ts';

/**
 * Tools that must ask the client something while they run (elicitation, sampling, `input_required`) or that answer
 * with content of their own: they get the SDK's context instead of a {@link CallContext} and never take the fast lane.
 * Their descriptors are listed by the catalog's tool source like all others.
 */
export interface InteractiveTools {
  has(name: string, caller: Caller): boolean;
  call(name: string, args: unknown, context: ServerContext): Promise<CallToolResult | InputRequiredResult>;
  /** Prompts that must ask something first; undefined leaves a prompt to the catalog. */
  getPrompt?(name: string, context: ServerContext): Promise<GetPromptResult | InputRequiredResult> | undefined;
  /** How `requestState` echoed by a 2026-07-28 client is verified before a tool sees it. */
  readonly requestState?: ServerOptions['requestState'];
}
