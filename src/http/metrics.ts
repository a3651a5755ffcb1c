import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { TOOLS_CALL } from '../protocol/methods.ts';
import { type RefusalReason, refusalReasons } from '../server/refusal-reason.ts';
import type { CallReport } from '../tools/call-report.ts';
import { listenForMetrics, type MetricsAddress } from './metrics-listener.ts';

type Numbers = Readonly<Record<string, number>>;

/** What is read when Prometheus asks; nothing is counted twice. */
export interface MetricSources {
  /** By transport. */
  sessions(): Numbers;
  credentialCache(): {
    readonly hits: number;
    readonly misses: number;
    readonly evictions: number;
    readonly cached_items: number;
  };
  omie(): {
    readonly queued: number;
    readonly inFlight: number;
    readonly requests: number;
    readonly retries: number;
    readonly cache: { readonly hits: number; readonly misses: number; readonly shared: number };
    readonly breakers: object & { readonly [state: string]: number };
  };
  /** Undefined when no audit is kept. */
  audit():
    | { readonly seq: number; readonly waiting: number; readonly lost: number; readonly failures: number }
    | undefined;
}

export interface MetricOptions {
  /** Counts calls by company id as well. */
  readonly byCompany: boolean;
}

export interface OmieCallReport {
  readonly call: string;
  /** `ok`, `empty` or the fault class. */
  readonly outcome: string;
  readonly ms: number;
  readonly cached: boolean;
}

export interface Metrics {
  refused(reason: RefusalReason): void;
  /** Any response of 400 and above. */
  failed(status: number): void;
  call(report: CallReport): void;
  omieCall(report: OmieCallReport): void;
  reload(outcome: 'ok' | 'failed'): void;
  /** Prometheus text format. */
  render(): Promise<string>;
  /** Serves `GET /metrics` on a port of its own. @throws the system's error when the port cannot be had. */
  listen(address: MetricsAddress): Promise<{ port: number; close(): Promise<void> }>;
}

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Stands for every name that callers made up: a label must not be free text. */
const UNKNOWN = 'unknown';
/** And for what comes after so many names: a mounted server may offer new ones every minute. */
const OTHER = 'other';
const MAX_TARGETS = 500;

/** The names seen first, so that a label stays a list that ends. */
class Targets {
  readonly #seen = new Set<string>();

  of(target: string): string {
    if (this.#seen.has(target)) return target;
    if (this.#seen.size >= MAX_TARGETS) return OTHER;
    this.#seen.add(target);
    return target;
  }
}

/**
 * Prometheus metrics on a registry of their own. Labels are tools, calls, doors and codes, all of them closed lists;
 * companies only when asked for, and then by id.
 */
export function createMetrics(sources: MetricSources, { byCompany }: MetricOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // Among them the lag of the event loop: nodejs_eventloop_lag_*.
  collectDefaultMetrics({ register: registry });
  const toolSeconds = new Histogram({
    name: 'omie_mcp_tool_call_seconds',
    help: 'Tool calls by outcome: ok or the error code.',
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
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers });
  const calls = counter('omie_mcp_calls_total', 'Calls by method of MCP, target, door and outcome.', [
    'method',
    'target',
    'door',
    'outcome',
  ]);
  const companyCalls = byCompany
    ? counter('omie_mcp_company_calls_total', 'Calls by company id; only with METRICS_COMPANIES.', [
        'company',
        'outcome',
      ])
    : undefined;
  const reloads = counter('omie_mcp_credential_reloads_total', 'Reloads of the credentials file.', ['outcome']);
  const refusals = counter('omie_mcp_refused_total', 'HTTP requests turned away before anything ran.', ['reason']);
  for (const reason of refusalReasons) refusals.inc({ reason }, 0);
  const httpFailures = counter('omie_mcp_http_failures_total', 'HTTP responses of 400 and above.', ['status']);
  exposeReadings(registry, sources);

  const targets = new Targets();
  const metrics: Metrics = {
    call({ method, target, known, door, outcome, durationMs, companies }) {
      const name = known ? targets.of(target) : UNKNOWN;
      calls.inc({ method, target: name, door, outcome });
      if (method === TOOLS_CALL) toolSeconds.observe({ tool: name, outcome }, durationMs / 1000);
      if (companyCalls !== undefined) for (const company of companies) companyCalls.inc({ company, outcome });
    },
    omieCall: ({ call, outcome, ms, cached }) =>
      omieSeconds.observe({ call, outcome, cached: String(cached) }, ms / 1000),
    reload: (outcome) => reloads.inc({ outcome }),
    refused: (reason) => refusals.inc({ reason }),
    failed: (status) => httpFailures.inc({ status: String(status) }),
    render: () => registry.metrics(),
    listen: (address) => listenForMetrics(metrics.render, registry.contentType, address),
  };
  return metrics;
}

/** What other rooms count anyway, read at the moment of the scrape. */
function exposeReadings(registry: Registry, sources: MetricSources): void {
  const registers = [registry];
  const gauge = (name: string, help: string, label: string, read: () => Numbers): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        for (const [key, value] of Object.entries(read())) this.set({ [label]: key }, value);
      },
    });
  const total = (name: string, help: string, label: string, read: () => Numbers): Counter =>
    new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset();
        for (const [key, value] of Object.entries(read())) this.inc({ [label]: key }, value);
      },
    });
  gauge('omie_mcp_sessions', 'Open sessions.', 'transport', sources.sessions);
  gauge('omie_mcp_credential_cache', 'Credential cache counters.', 'what', () => {
    const { hits, misses, evictions, cached_items } = sources.credentialCache();
    return { hits, misses, evictions, cached_items };
  });
  new Counter({
    name: 'omie_mcp_credential_cache_requests_total',
    help: 'Look-ups in the credential cache, hits and misses.',
    registers,
    collect() {
      this.reset();
      const { hits, misses } = sources.credentialCache();
      this.inc(hits + misses);
    },
  });
  new Gauge({
    name: 'omie_mcp_credential_cache_hit_rate',
    help: 'Part of the look-ups in the credential cache that were hits, 0 to 1; 0 before the first.',
    registers,
    collect() {
      const { hits, misses } = sources.credentialCache();
      this.set(hits === 0 ? 0 : hits / (hits + misses));
    },
  });
  gauge('omie_mcp_omie_queue', 'Calls to Omie waiting for their turn, and in flight.', 'what', () => {
    const { queued, inFlight } = sources.omie();
    return { queued, in_flight: inFlight };
  });
  gauge('omie_mcp_breakers', 'Methods of Omie held back, by why, and refused keys.', 'state', () => ({
    ...sources.omie().breakers,
  }));
  total(
    'omie_mcp_omie_cache_total',
    'Pages by where they came from: hit, shared with a call in flight, miss.',
    'result',
    () => {
      const { hits, misses, shared } = sources.omie().cache;
      return { hit: hits, shared, miss: misses };
    },
  );
  total('omie_mcp_omie_requests_total', 'Requests sent to Omie; retries are part of all.', 'kind', () => {
    const { requests, retries } = sources.omie();
    return { all: requests, retry: retries };
  });
  total('omie_mcp_audit_total', 'Audit: lines in the chain, lines lost, attempts to write that failed.', 'what', () => {
    const audit = sources.audit();
    return audit === undefined ? {} : { lines: audit.seq, lost: audit.lost, failures: audit.failures };
  });
  gauge('omie_mcp_audit_waiting', 'Audit lines that wait for the disk.', 'what', () => {
    const audit = sources.audit();
    return audit === undefined ? {} : { lines: audit.waiting };
  });
}
