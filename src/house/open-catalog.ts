import type { AuditLog } from '../audit/audit-log.ts';
import { packageVersion } from '../config/package-version.ts';
import type { Coordination } from '../coordination/coordination.ts';
import { type Clock, todayInSaoPaulo } from '../finance/dates.ts';
import type { Opened } from '../opened.ts';
import { dashboardOf } from '../resources/dashboard.ts';
import { companyInUri, withoutCompany } from '../resources/resource-catalog.ts';
import { type AnnouncingCatalog, createCatalog } from '../server/create-catalog.ts';
import { companyIdsIn, followCompanies } from '../server/follow-companies.ts';
import { logCalls } from '../server/log-calls.ts';
import { observeCatalog } from '../server/observe-catalog.ts';
import { createToolSource } from '../server/run-tool.ts';
import { traceCatalog } from '../server/trace-catalog.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { ObserveCall } from '../tools/call-report.ts';
import { tools } from '../tools/catalog.ts';
import type { DefinedTool } from '../tools/define-tool.ts';
import type { ToolSource } from '../tools/tool-source.ts';
import type { HouseOptions, HouseParts } from './house-options.ts';
import type { LateHub } from './late-hub.ts';
import type { GatewayHouseParts, OpenGateway } from './open-gateway.ts';
import type { HouseMetrics } from './open-metrics.ts';
import type { OmieRooms } from './open-omie.ts';

export interface CatalogParts extends HouseParts {
  readonly clock: Clock;
  readonly rooms: OmieRooms;
  readonly metrics: HouseMetrics;
  readonly audit: AuditLog | undefined;
  readonly tracing: Tracing | undefined;
  readonly sharing: Coordination;
  readonly hub: LateHub;
}

export interface OpenCatalog {
  /** Ours and what is mounted, as every door offers it: each call is logged, counted, audited and traced. */
  readonly catalog: AnnouncingCatalog;
  /** Those of the built-in domain alone. */
  readonly ownTools: ToolSource;
  readonly gateway: OpenGateway | undefined;
  readonly observe: ObserveCall;
}

/** @throws as {@link openGateway} of the house does */
export async function openCatalog(options: HouseOptions, parts: CatalogParts, opened: Opened): Promise<OpenCatalog> {
  const { rooms, clock, logger, scrubber, audit, tracing, sharing } = parts;
  const { directory, services } = rooms;
  const { environment } = options;
  const observe = observer(parts);
  const companyIdsOf = audit !== undefined || environment.METRICS_COMPANIES ? companyIdsIn(directory) : undefined;
  const follow = companyIdsOf === undefined ? undefined : followCompanies(companyIdsOf);
  const own = createCatalog({
    version: packageVersion(),
    tools: createToolSource({
      tools: [...tools, ...(await hubToolsIfAsked(parts, environment))],
      services,
      logger,
      scrubber,
      observe,
      follow,
    }),
    directory,
    dashboard: async (company, context) => dashboardOf(company, await services.forCompany(company), context),
    today: () => todayInSaoPaulo(clock),
  });
  const gateway = await openGatewayIfAsked({
    ...options,
    logger,
    scrubber,
    observe,
    audit,
    services,
    catalog: own,
    sharing,
  });
  if (gateway !== undefined) opened.keep(gateway);
  const watched = observeCatalog(gateway?.catalog ?? own, {
    observe,
    companyInUri,
    withoutCompany,
    companiesOf: (reference) => companyIdsOf?.(reference) ?? [],
  });
  const catalog = tracing === undefined ? watched : traceCatalog(watched, tracing);
  return { catalog, ownTools: own.tools, gateway, observe };
}

function observer({ scrubber, logger, metrics, audit }: CatalogParts): ObserveCall {
  const log = logCalls(logger);
  return (report) => {
    // Callers write what they like where a tool's name belongs, and some paste a key; whole, for what is cut off a key is
    // no key to the scrubber any more.
    const target = scrubber.scrub(report.target);
    const call = target === report.target ? report : { ...report, target };
    log(call);
    metrics.call(call);
    audit?.record({ tool: target, ...call });
  };
}

/** Most houses mount nothing, and do not wait for what mounting takes to load. */
async function openGatewayIfAsked(parts: GatewayHouseParts): Promise<OpenGateway | undefined> {
  const { GATEWAY_CONFIG, HUB_ENABLED } = parts.environment;
  if (GATEWAY_CONFIG === undefined && !HUB_ENABLED) return undefined;
  const { openGateway } = await import('./open-gateway.ts');
  return openGateway(parts);
}

async function hubToolsIfAsked(
  { hub }: CatalogParts,
  { HUB_ENABLED }: HouseOptions['environment'],
): Promise<readonly DefinedTool[]> {
  if (!HUB_ENABLED) return [];
  const { hubTools } = await import('../hub/tools/hub-tools.ts');
  return hubTools(hub.actions);
}
