import type { Environment } from '../config/environment.ts';
import type { MetricSources, Metrics } from '../http/metrics.ts';
import { portProblem } from '../http/port-problem.ts';
import type { Logger } from '../logging/logger.ts';
import { tellPorts } from '../logging/tell-ports.ts';

/** What the house counts. Nothing is counted before there is a port to read it at, nor when nobody asked for one. */
export class HouseMetrics {
  #metrics: Metrics | undefined;
  #close: () => Promise<void> = async () => {};

  readonly call: Metrics['call'] = (report) => this.#metrics?.call(report);
  readonly omieCall: Metrics['omieCall'] = (report) => this.#metrics?.omieCall(report);
  readonly reload: Metrics['reload'] = (outcome) => this.#metrics?.reload(outcome);
  readonly refused: Metrics['refused'] = (reason) => this.#metrics?.refused(reason);
  readonly failed: Metrics['failed'] = (status) => this.#metrics?.failed(status);

  /** Opens the port, when one was asked for. */
  async open(environment: Environment, sources: MetricSources, logger: Logger): Promise<void> {
    if (!environment.ENABLE_METRICS) return;
    const { createMetrics } = await import('../http/metrics.ts');
    const metrics = createMetrics(sources, { byCompany: environment.METRICS_COMPANIES });
    this.#metrics = metrics;
    const { METRICS_HOST: host, METRICS_PORT: port, MCP_ALLOWED_HOSTS, MCP_CORS_ORIGINS } = environment;
    try {
      const listener = await metrics.listen({
        host,
        port,
        allowedHosts: MCP_ALLOWED_HOSTS,
        corsOrigins: MCP_CORS_ORIGINS,
      });
      this.#close = listener.close;
      tellPorts(logger, [port], { metricsPort: listener.port }, 'metrics');
    } catch (error) {
      // Numbers for operators are no reason to leave users without answers.
      const reason = portProblem(error);
      if (reason === undefined) throw error;
      logger.warn({ port, reason }, 'METRICS_PORT cannot be opened; serving without metrics');
    }
  }

  close(): Promise<void> {
    return this.#close();
  }
}
