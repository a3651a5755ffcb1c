import type { Environment } from '../config/environment.ts';
import { portProblem } from '../http/listen.ts';
import type { MetricSources, Metrics } from '../http/metrics.ts';
import type { Logger } from '../logging/logger.ts';

export interface OpenMetrics {
  readonly metrics: Metrics;
  close(): Promise<void>;
}

/** The metrics and the port they are read at; undefined when nobody asked for them. */
export async function openMetrics(
  environment: Environment,
  sources: MetricSources,
  logger: Logger,
): Promise<OpenMetrics | undefined> {
  if (!environment.ENABLE_METRICS) return undefined;
  const { createMetrics } = await import('../http/metrics.ts');
  const metrics = createMetrics(sources, { byCompany: environment.METRICS_COMPANIES });
  const { METRICS_HOST: host, METRICS_PORT: port, MCP_ALLOWED_HOSTS, MCP_CORS_ORIGINS } = environment;
  try {
    const listener = await metrics.listen({
      host,
      port,
      allowedHosts: MCP_ALLOWED_HOSTS,
      corsOrigins: MCP_CORS_ORIGINS,
    });
    logger.info({ metricsPort: listener.port }, 'metrics');
    return { metrics, close: listener.close };
  } catch (error) {
    // Numbers for operators are no reason to leave users without answers.
    const reason = portProblem(error);
    if (reason === undefined) throw error;
    logger.warn({ port, reason }, 'METRICS_PORT cannot be opened; serving without metrics');
    return { metrics, close: async () => {} };
  }
}
