import type { Environment } from '../config/environment.ts';
import { packageVersion } from '../config/package-version.ts';
import type { Observation } from '../omie/call.ts';
import type { Tracing } from '../telemetry/tracing.ts';

/** @throws ConfigurationError when spans are asked for and their packages are not installed. */
export async function openTracingIfAsked(environment: Environment): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = environment;
  if (endpoint === undefined) return undefined;
  const { openTracing } = await import('../telemetry/open-tracing.ts');
  return openTracing({ endpoint, headers, serviceName: environment.OTEL_SERVICE_NAME, version: packageVersion() });
}

/** A page of Omie as a span below the tool that asked for it; one that was answered from memory is no call to anybody. */
export function traceOmieCall({ call, outcome, ms, attempts, cached }: Observation, tracing: Tracing): void {
  tracing.past(
    {
      name: call,
      kind: cached ? 'internal' : 'client',
      attributes: {
        'rpc.system.name': 'omie',
        'rpc.method': call,
        'omie_mcp.cached': cached,
        'omie_mcp.attempts': attempts,
      },
    },
    { outcome: outcome === 'empty' ? 'ok' : outcome },
    ms,
  );
}
