import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, Span } from '@opentelemetry/api';
import { ConfigurationError } from '../errors.ts';
import type { Secret } from '../logging/secret.ts';
import { parseTraceparent } from './traceparent.ts';
import type { SpanEnd, SpanStart, Tracing } from './tracing.ts';

export interface TracingOptions {
  /** Base of an OTLP/HTTP collector; spans go to `v1/traces` below it. */
  readonly endpoint: string;
  /** `name=value,name=value`, percent-encoded as OTEL_EXPORTER_OTLP_HEADERS has it. */
  readonly headers?: Secret | undefined;
  readonly serviceName: string;
  readonly version: string;
}

/** A collector that does not answer must not hold a stop. */
const CLOSE_MS = 3_000;

/**
 * Spans over OTLP/HTTP. The packages are 28 MB, so they are optional and loaded only here; nothing global is registered.
 *
 * @throws ConfigurationError with the command to run when the packages are not installed, or with the reason when those
 * that are do not load.
 */
export async function openTracing({ endpoint, headers, serviceName, version }: TracingOptions): Promise<Tracing> {
  const { api, base, exporter, resources } = await loadPackages();
  const url = new URL('v1/traces', endpoint.endsWith('/') ? endpoint : `${endpoint}/`).href;
  const provider = new base.BasicTracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
    spanProcessors: [
      new base.BatchSpanProcessor(new exporter.OTLPTraceExporter({ url, headers: parseHeaders(headers) }), {
        scheduledDelayMillis: 1_000,
      }),
    ],
  });
  const tracer = provider.getTracer('omie-mcp-hub', version);
  const current = new AsyncLocalStorage<Context>();
  const kinds = { server: api.SpanKind.SERVER, client: api.SpanKind.CLIENT, internal: api.SpanKind.INTERNAL };

  const parentOf = (traceparent: string | undefined): Context => {
    const here = current.getStore();
    if (here !== undefined) return here;
    const remote = parseTraceparent(traceparent);
    return remote === undefined
      ? api.ROOT_CONTEXT
      : api.trace.setSpanContext(api.ROOT_CONTEXT, { ...remote, isRemote: true });
  };
  const begin = ({ name, kind, attributes }: SpanStart, parent: Context, startTime?: number): Span =>
    tracer.startSpan(
      name,
      { kind: kinds[kind], attributes: { ...attributes }, ...(startTime === undefined ? {} : { startTime }) },
      parent,
    );
  const finish = (span: Span, { outcome, attributes = {} }: SpanEnd, endTime?: number): void => {
    span.setAttributes({ ...attributes, 'omie_mcp.outcome': outcome });
    if (outcome !== 'ok') {
      span.setAttribute('error.type', outcome);
      span.setStatus({ code: api.SpanStatusCode.ERROR });
    }
    span.end(endTime);
  };

  return {
    async inSpan(start, work, endOf) {
      const parent = parentOf(start.traceparent);
      const span = begin(start, parent);
      try {
        const answer = await current.run(api.trace.setSpan(parent, span), work);
        finish(span, endOf(answer));
        return answer;
      } catch (error) {
        finish(span, { outcome: codeOf(error) });
        throw error;
      }
    },
    past(start, end, durationMs) {
      const now = Date.now();
      finish(begin(start, parentOf(undefined), now - durationMs), end, now);
    },
    async close() {
      const timeUp = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), timeUp]);
    },
  };
}

async function loadPackages() {
  try {
    const [api, base, exporter, resources] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
    return { api, base, exporter, resources };
  } catch (cause) {
    throw new ConfigurationError(
      `OTEL_EXPORTER_OTLP_ENDPOINT pede os pacotes do OpenTelemetry, ${whyNot(cause)}.`,
      [],
      {
        hint: 'Instale-os com: npm install @opentelemetry/api @opentelemetry/sdk-trace-base @opentelemetry/resources @opentelemetry/exporter-trace-otlp-http',
        cause,
      },
    );
  }
}

/** Only a module that cannot be found is one that is not installed; everything else has a reason of its own. */
function whyNot(cause: unknown): string {
  if (!(cause instanceof Error)) return 'que não carregam';
  if ('code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND') return 'que não estão instalados';
  return `que estão instalados, mas não carregam (${cause.message.split('\n', 1).join()})`;
}

function parseHeaders(headers: Secret | undefined): Record<string, string> {
  const pairs = (headers?.reveal() ?? '').split(',').map((pair) => pair.trim());
  const parsed: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at > 0) parsed[pair.slice(0, at).trim()] = decoded(pair.slice(at + 1).trim());
  }
  return parsed;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Our failures carry a code; nothing else of an error is told. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'erro_interno';
}
