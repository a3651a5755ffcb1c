import {
  AppError,
  asAppError,
  InternalError,
  OutcomeUnknownError,
  UpstreamUnavailableError,
  UserInputError,
} from '../../errors.ts';
import type { Logger } from '../../logging/logger.ts';
import { TOOLS_CALL } from '../../protocol/methods.ts';
import type { ObserveCall } from '../../tools/call-report.ts';
import { failedOutcome, toolOutOfReach } from '../../tools/failed-outcome.ts';
import type {
  CallContext,
  Caller,
  ForwardedOutcome,
  ToolDescriptor,
  ToolOutcome,
  ToolSource,
} from '../../tools/tool-source.ts';
import { unknownTool } from '../../tools/unknown-tool.ts';
import { of } from '../contraction.ts';
import { carrying, outOfDomain, type Scope } from '../domains/scope.ts';
import { parameterHeaders } from '../links/parameter-headers.ts';
import { OMIE_DOMAIN } from '../naming/domain.ts';
import { forwardedMeta } from '../questions/forward-context.ts';
import { CALL_TOOL, callToolRef, readCallTool } from './call-tool.ts';
import type { Errand } from './forwarder.ts';
import type { Gateway } from './gateway.ts';
import { quarantined } from './held-tools.ts';
import type { MountedTool } from './mount-table.ts';
import { ToolLists } from './tool-lists.ts';
import { mountedToolResult } from './tool-result.ts';

export interface MountedToolParts {
  readonly gateway: Gateway;
  /** The built-in tools. */
  readonly inner: ToolSource;
  /** The gateway's own tools but `call_tool`. */
  readonly sessionTools: ToolSource;
  readonly observe: ObserveCall;
  readonly logger: Logger;
  readonly scrub: (text: string) => string;
}

/** The built-in tools and the mounted ones behind one door, which knows the scope of every call. */
export function mountTools(parts: MountedToolParts): ToolSource {
  const { gateway, inner, sessionTools, observe, logger, scrub } = parts;
  const lists = new ToolLists(parts);

  /** Like the door to our own tools: failures become outcomes, and every call is told of. */
  const attempt = async (
    name: string,
    args: unknown,
    context: CallContext,
    run: () => Promise<ToolOutcome>,
  ): Promise<ToolOutcome> => {
    const startedAt = performance.now();
    let outcome = 'ok';
    try {
      const answer = await run();
      if (answer.isError) outcome = 'tool_error';
      return answer;
    } catch (thrown) {
      const error = asAppError(thrown);
      outcome = error.code;
      const { requestId } = context;
      if (error instanceof InternalError) logger.error({ tool: name, requestId, err: error.cause }, 'tool call broke');
      return failedOutcome(error, requestId, scrub);
    } finally {
      const { door, principal, requestId } = context;
      observe({
        method: TOOLS_CALL,
        target: name,
        known: gateway.table.tools.has(name) || inner.has(name, context) || name === CALL_TOOL,
        door,
        principal: principal.id,
        requestId,
        outcome,
        durationMs: performance.now() - startedAt,
        companies: [],
        rows: undefined,
        args,
      });
    }
  };

  const inQuarantine = (name: string, context: CallContext) => {
    const held = gateway.table.held.get(name);
    return held === undefined ? undefined : quarantined(held, context.principal, gateway.scopes.of(context));
  };

  const forward = async (
    tool: MountedTool,
    scope: Scope,
    args: unknown,
    context: CallContext,
  ): Promise<ForwardedOutcome> => {
    const { ref, domain } = tool;
    if (!context.principal.canCall(ref)) throw toolOutOfReach(ref.name);
    if (typeof args !== 'object' || args === null || Array.isArray(args)) {
      throw new UserInputError('Argumentos inválidos: argumentos: deve ser um objeto JSON.');
    }
    const errand: Errand = {
      method: TOOLS_CALL,
      what: `a ferramenta ${ref.name}`,
      readOnly: ref.readOnly,
      params: ({ name }) => ({ name, arguments: args, ...forwardedMeta(context) }),
      subject: [ref.name, args],
      headers: parameterHeaders(tool.descriptor.inputSchema, { ...args }),
    };
    try {
      const served = await gateway.forwarder.run(tool, scope, errand, context);
      // Revoked or expired while the answer was being made: nothing more is told.
      if (!context.principal.canCall(ref)) throw toolOutOfReach(ref.name);
      return mountedToolResult(served, domain);
    } catch (thrown) {
      // Found to be another one while the call waited.
      if (thrown instanceof UpstreamUnavailableError) throw inQuarantine(ref.name, context) ?? thrown;
      if (thrown instanceof AppError || ref.readOnly) throw thrown;
      // A defect of ours, after the answer came or before: nobody may be told to do it again.
      logger.error({ tool: ref.name, requestId: context.requestId, err: thrown }, 'tool call broke');
      throw new OutcomeUnknownError(
        `A chamada ${of(errand.what)} falhou por um defeito do gateway: não se sabe se teve efeito.`,
        {
          cause: thrown,
          hint: 'Verifique antes de repetir, com uma ferramenta de leitura do mesmo domínio.',
        },
      );
    }
  };

  const ownCall = (name: string, args: unknown, context: CallContext): Promise<ToolOutcome> => {
    try {
      if (!gateway.ownInScope(context)) throw outOfDomain(`a ferramenta ${name}`, [OMIE_DOMAIN]);
    } catch (refusal) {
      return attempt(name, args, context, () => Promise.reject(refusal));
    }
    return inner.call(name, args, context);
  };

  const route = (name: string, args: unknown, context: CallContext): Promise<ToolOutcome> => {
    const tool = gateway.table.tools.get(name);
    if (tool === undefined && !inner.has(name, context)) {
      return attempt(name, args, context, async () => {
        throw inQuarantine(name, context) ?? unknownTool(name, lists.of(context));
      });
    }
    if (tool === undefined) return ownCall(name, args, context);
    let scope: Scope;
    try {
      scope = gateway.scopes.of(context);
    } catch (refusal) {
      return attempt(name, args, context, () => Promise.reject(refusal));
    }
    return attempt(name, args, context, () => forward(tool, scope, args, context));
  };

  return {
    list: (caller: Caller): readonly ToolDescriptor[] => lists.of(caller),
    has: (name, caller) =>
      inner.has(name, caller) ||
      (gateway.active && (name === CALL_TOOL || gateway.table.tools.has(name) || sessionTools.has(name, caller))),
    call(name, args, context) {
      if (!gateway.active) return ownCall(name, args, context);
      if (name !== CALL_TOOL && sessionTools.has(name, context)) return sessionTools.call(name, args, context);
      if (name !== CALL_TOOL) return route(name, args, context);
      const inside = readCallTool(args);
      if (inside instanceof Error || !context.principal.canCall(callToolRef)) {
        const refusal = inside instanceof Error ? inside : toolOutOfReach(CALL_TOOL);
        return attempt(name, args, context, () => Promise.reject(refusal));
      }
      const narrowed = carrying(context, inside.domain_handle);
      if (sessionTools.has(inside.name, context)) return sessionTools.call(inside.name, inside.arguments, narrowed);
      return route(inside.name, inside.arguments, narrowed);
    },
  };
}
