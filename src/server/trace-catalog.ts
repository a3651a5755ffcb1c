import { PROMPTS_GET, RESOURCES_READ, TOOLS_CALL } from '../protocol/methods.ts';
import type { SpanAttributes, Tracing } from '../telemetry/tracing.ts';
import type { CallReport } from '../tools/call-report.ts';
import type { CallContext, ToolSource } from '../tools/tool-source.ts';
import type { Catalog } from './catalog.ts';
import { listed } from './listed.ts';

/**
 * The same catalog inside spans, named as OpenTelemetry's conventions for MCP say (semantic-conventions-genai, docs/gen-ai/mcp.md):
 * one of kind server a request, `{method} {target}`. Names that callers made up do not become names of spans.
 */
export function traceCatalog<C extends Catalog>(catalog: C, tracing: Tracing): C {
  const { resources, prompts } = catalog;
  return {
    ...catalog,
    tools: traceTools(catalog.tools, tracing),
    resources: {
      ...resources,
      // The URI names a company, so the span does not name the URI.
      read: (uri, context) =>
        tracing.inSpan(request(RESOURCES_READ, undefined, context), () => resources.read(uri, context), ended),
    },
    prompts: {
      ...prompts,
      get: (name, args, context) => {
        const known = listed(() => prompts.list(context).some((prompt) => prompt.name === name));
        const start = request(
          PROMPTS_GET,
          known ? name : undefined,
          context,
          known ? { 'gen_ai.prompt.name': name } : {},
        );
        return tracing.inSpan(start, () => prompts.get(name, args, context), ended);
      },
    },
  };
}

/** Tools have a second span below the request's, so that what stands before and after the tool itself can be seen. */
export function traceTools(tools: ToolSource, tracing: Tracing): ToolSource {
  return {
    ...tools,
    call(name, args, context) {
      const known = tools.has(name, context);
      const tool: SpanAttributes = known ? { 'gen_ai.tool.name': name, 'gen_ai.operation.name': 'execute_tool' } : {};
      const endOf = ({ isError, erro }: Awaited<ReturnType<ToolSource['call']>>) => ({
        outcome: erro?.codigo ?? (isError ? 'tool_error' : 'ok'),
      });
      return tracing.inSpan(
        request(TOOLS_CALL, known ? name : undefined, context, tool),
        () =>
          tracing.inSpan(
            { name: known ? `execute_tool ${name}` : 'execute_tool', kind: 'internal', attributes: tool },
            () => tools.call(name, args, context),
            endOf,
          ),
        endOf,
      );
    },
  };
}

function request(
  method: CallReport['method'],
  target: string | undefined,
  context: CallContext,
  more: SpanAttributes = {},
) {
  const { door, requestId, traceparent } = context;
  const transport: SpanAttributes =
    door === 'stdio'
      ? { 'network.transport': 'pipe' }
      : { 'network.transport': 'tcp', 'network.protocol.name': 'http' };
  return {
    name: target === undefined ? method : `${method} ${target}`,
    kind: 'server' as const,
    traceparent,
    attributes: {
      'mcp.method.name': method,
      'omie_mcp.door': door,
      'omie_mcp.request_id': requestId,
      ...transport,
      ...more,
    },
  };
}

const ended = () => ({ outcome: 'ok' });
