import type { Principal } from '../companies/principal.ts';
import { asAppError, InternalError } from '../errors.ts';
import type { Logger } from '../logging/logger.ts';
import type { SecretScrubber } from '../logging/redact.ts';
import { TOOLS_CALL } from '../protocol/methods.ts';
import { AsksFirst } from '../tools/asks-first.ts';
import type { ObserveCall } from '../tools/call-report.ts';
import { type DefinedTool, type ToolServices, toolRef } from '../tools/define-tool.ts';
import { failedOutcome, toolOutOfReach } from '../tools/failed-outcome.ts';
import type { Caller, JsonObject, ToolDescriptor, ToolOutcome, ToolSource } from '../tools/tool-source.ts';
import { unknownTool } from '../tools/unknown-tool.ts';
import type { FollowCompanies } from './follow-companies.ts';
import { rowsOf } from './rows-of.ts';

export interface RunToolOptions {
  readonly tools: readonly DefinedTool[];
  readonly services: ToolServices;
  readonly logger: Logger;
  readonly scrubber: SecretScrubber;
  readonly observe?: ObserveCall | undefined;
  /** Follows which companies a call is about, for reports; a little work a call, so only where a report is read. */
  readonly follow?: FollowCompanies | undefined;
}

/**
 * The only door to our tools, whatever the transport: may the caller use it, are the arguments valid, which company
 * is meant, how long did it take, and what does a failure say. Tools hold no try/catch; this does.
 */
export function createToolSource(options: RunToolOptions): ToolSource {
  const { tools, services, logger, scrubber, observe, follow } = options;
  const byName = new Map(tools.map((tool) => [tool.descriptor.name, tool]));
  const lists = new WeakMap<Principal, readonly ToolDescriptor[]>();

  const list = ({ principal }: Caller): readonly ToolDescriptor[] => {
    const known = lists.get(principal);
    if (known !== undefined) return known;
    const visible = tools
      .filter((tool) => isThereFor(tool, principal) && principal.canCall(toolRef(tool)))
      .map((tool) => tool.descriptor);
    lists.set(principal, visible);
    return visible;
  };

  const find = (name: string, { principal }: Caller): DefinedTool | undefined => {
    const tool = byName.get(name);
    return tool !== undefined && isThereFor(tool, principal) ? tool : undefined;
  };

  return {
    list,
    // A tool out of the caller's reach is no secret: `call` says that a permission is missing.
    has: (name, caller) => find(name, caller) !== undefined,
    async call(name, args, context): Promise<ToolOutcome> {
      const startedAt = performance.now();
      const companies = follow?.(services);
      let outcome = 'ok';
      let structured: JsonObject | undefined;
      try {
        const tool = find(name, context);
        if (tool === undefined) throw unknownTool(name, list(context));
        const ref = toolRef(tool);
        if (!context.principal.canCall(ref)) throw toolOutOfReach(name);
        const answer = await tool.invoke(args, companies?.services ?? services, context);
        // Revoked or expired while the answer was being made: nothing more is told.
        if (!context.principal.canCall(ref)) throw toolOutOfReach(name);
        structured = answer;
        return { structured, isError: false };
      } catch (thrown) {
        if (thrown instanceof AsksFirst) {
          return { forwarded: thrown.inputRequired, servedBy: '', isError: false, asks: true };
        }
        const error = asAppError(thrown);
        outcome = error.code;
        if (error instanceof InternalError) {
          logger.error({ tool: name, requestId: context.requestId, err: error.cause }, 'tool call broke');
        }
        if (error.retryable) context.log('warning', `${name}: ${scrubber.scrub(error.message)}`);
        return failedOutcome(error, context.requestId, (text) => scrubber.scrub(text));
      } finally {
        observe?.({
          method: TOOLS_CALL,
          target: name,
          known: find(name, context) !== undefined,
          door: context.door,
          principal: context.principal.id,
          requestId: context.requestId,
          outcome,
          durationMs: performance.now() - startedAt,
          companies: companies?.ids(args) ?? [],
          rows: structured === undefined ? undefined : rowsOf(structured),
          args,
        });
      }
    },
  };
}

/** What only administrators have is no tool out of reach for the others: they are not told that it exists. */
function isThereFor({ adminOnly = false }: DefinedTool, { administersHub = false }: Principal): boolean {
  return !adminOnly || administersHub;
}
