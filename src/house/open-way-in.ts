import type { Coordination } from '../coordination/coordination.ts';
import { createEntryLimits, type EntryLimits } from '../http/entry-limits.ts';
import { WaitingLine } from '../http/waiting-line.ts';
import type { Opened } from '../opened.ts';
import { Admission } from '../server/admission.ts';
import type { Catalog } from '../server/catalog.ts';
import { InFlight } from '../server/in-flight.ts';
import { logProtocolErrors } from '../server/log-calls.ts';
import type { OnRefused } from '../server/refusal-reason.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { createMcpEndpoints, type McpEndpoints } from '../transports/mcp-endpoints.ts';
import type { HouseOptions, HouseParts } from './house-options.ts';
import type { OpenGateway } from './open-gateway.ts';
import type { HouseMetrics } from './open-metrics.ts';
import { sessionShelf } from './session-shelf.ts';

/** What requests pass on their way to the catalog, whichever door they come through. */
export interface WayIn {
  readonly endpoints: McpEndpoints;
  /** Calls in flight through any door. */
  readonly calls: InFlight;
  /** The room that calls of every door share. */
  readonly admission: Admission;
  readonly entry: EntryLimits;
  /** To be told of every request that is turned away. */
  readonly onRefused: OnRefused;
  /** Takes every key known so far out of a text. */
  scrub(text: string): string;
}

export interface WayInParts extends HouseParts {
  readonly catalog: Catalog;
  readonly gateway: OpenGateway | undefined;
  readonly metrics: HouseMetrics;
  readonly tracing: Tracing | undefined;
  readonly sharing: Coordination;
}

export function openWayIn(options: HouseOptions, parts: WayInParts, opened: Opened): WayIn {
  const { access, scrubber, logger, catalog, gateway, metrics, tracing, sharing } = parts;
  const { environment } = options;
  const onRefused: OnRefused = (reason) => {
    metrics.refused(reason);
    logger.debug({ reason }, 'request refused');
  };
  const scrub = (text: string): string => scrubber.scrub(text);
  const calls = new InFlight();
  const admission = new Admission(undefined, onRefused);
  const entry = createEntryLimits({
    trustedProxies: environment.MCP_TRUST_PROXY,
    perAddress: environment.MCP_RATE_LIMIT_PER_IP,
    perPrincipal: environment.MCP_RATE_LIMIT_PER_PRINCIPAL,
    failedLogins: environment.MCP_FAILED_LOGINS_PER_MINUTE,
    line: new WaitingLine({ readCpuMs: options.cpuMs }),
  });
  opened.keep(entry.hasty);
  const endpoints = createMcpEndpoints({
    catalog,
    inFlight: calls,
    admission,
    traced: tracing !== undefined,
    replica: environment.MCP_REPLICA_NAME,
    ...(environment.DATABASE_URL === undefined ? {} : { shelf: sessionShelf(sharing, gateway?.restoreSelection) }),
    limitGuesses: async (req) => {
      const waitMs = await entry.limits.guess(req);
      if (waitMs !== undefined) onRefused('guess');
      return waitMs;
    },
    ...(gateway === undefined ? {} : { onSessionEnd: gateway.endSession }),
    onBatch: (principal, further) => entry.limits.chargeBatch(principal, further),
    onRefused,
    scrub,
    holdsSecret: (bytes) => scrubber.holdsSecret(bytes),
    onInternalError: (err, requestId) => logger.error({ err, requestId }, 'request broke'),
    onError: (err) => logger.debug({ err }, 'protocol error'),
    onProtocolError: logProtocolErrors(logger),
  });
  // Whoever leaves lets its conversations end first; this is for a house that nobody ever spoke to.
  opened.defer(() => endpoints.close({ drainMs: 0 }));
  access.onEnd((principal) => endpoints.end(principal));
  return { endpoints, calls, admission, entry, onRefused, scrub };
}
