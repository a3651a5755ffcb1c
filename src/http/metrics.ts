import { createServer } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ToolCallReport } from '../server/run-tool.ts';

/** What the gauges read when Prometheus asks; nothing is counted twice. */
export interface MetricSources {
  sessions(): Readonly<Record<string, number>>;
  credentialCache(): {
    readonly hits: number;
    readonly misses: number;
    readonly evictions: number;
    readonly cached_items: number;
  };
  omieQueue(): { readonly queued: number; readonly inFlight: number; readonly openBreakers: number };
}

export interface OmieCallReport {
  readonly call: string;
  /** `ok`, `empty` or the fault class. */
  readonly outcome: string;
  readonly ms: number;
  readonly cached: boolean;
}

export interface Metrics {
  toolCall(report: ToolCallReport): void;
  omieCall(report: OmieCallReport): void;
  reload(outcome: 'ok' | 'failed'): void;
  /** Prometheus text format. */
  render(): Promise<string>;
  listen(host: string, port: number): Promise<{ port: number; close(): Promise<void> }>;
}

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Prometheus metrics on a registry of their own. Labels name tools and calls, never companies. */
export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const toolSeconds = new Histogram({
    name: 'omie_mcp_tool_call_seconds',
    help: 'Tool calls by outcome.',
    labelNames: ['tool', 'outcome'],
    buckets: secondsBuckets,
    registers,
  });
  const omieSeconds = new Histogram({
    name: 'omie_mcp_omie_call_seconds',
    help: 'Calls to Omie by method and fault class; cached ones never left the process.',
    labelNames: ['call', 'outcome', 'cached'],
    buckets: secondsBuckets,
    registers,
  });
  const reloads = new Counter({
    name: 'omie_mcp_credential_reloads_total',
    help: 'Reloads of the credentials file.',
    labelNames: ['outcome'],
    registers,
  });
  const gauge = (name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        for (const [key, value] of Object.entries(read())) this.set({ [label]: key }, value);
      },
    });
  gauge('omie_mcp_sessions', 'Open sessions.', 'transport', sources.sessions);
  gauge('omie_mcp_credential_cache', 'Credential cache counters.', 'what', () => {
    const { hits, misses, evictions, cached_items } = sources.credentialCache();
    return { hits, misses, evictions, cached_items };
  });
  gauge('omie_mcp_omie_queue', 'Calls to Omie waiting, in flight, and open breakers.', 'what', () => {
    const { queued, inFlight, openBreakers } = sources.omieQueue();
    return { queued, in_flight: inFlight, open_breakers: openBreakers };
  });

  const metrics: Metrics = {
    toolCall: ({ tool, outcome, durationMs }) => toolSeconds.observe({ tool, outcome }, durationMs / 1000),
    omieCall: ({ call, outcome, ms, cached }) =>
      omieSeconds.observe({ call, outcome, cached: String(cached) }, ms / 1000),
    reload: (outcome) => reloads.inc({ outcome }),
    render: () => registry.metrics(),
    async listen(host, port) {
      const server = createServer((req, res) => {
        if (req.method !== 'GET' || req.url !== '/metrics') {
          res.writeHead(404).end();
          return;
        }
        metrics.render().then(
          (text) => res.writeHead(200, { 'content-type': registry.contentType }).end(text),
          () => res.writeHead(500).end(),
        );
      });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      const address = server.address();
      return {
        port: typeof address === 'object' && address !== null ? address.port : port,
        close: () => new Promise((resolve) => server.close(() => resolve())),
      };
    },
  };
  return metrics;
}
