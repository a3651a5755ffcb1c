import { packageVersion } from '../config/package-version.ts';
import type { GatewayRoutesDoor } from '../http/gateway-routes.ts';
import { createHealth, type Health } from '../http/health.ts';
import type { Hub } from '../hub/hub.ts';
import { Opened } from '../opened.ts';
import type { ToolSource } from '../tools/tool-source.ts';
import { announceCompanies } from './announce-companies.ts';
import type { HouseOptions, HouseParts } from './house-options.ts';
import { createHouseView } from './house-view.ts';
import { LateHub } from './late-hub.ts';
import { auditProblem, openAudit } from './open-audit.ts';
import { openCatalog } from './open-catalog.ts';
import type { OpenGateway } from './open-gateway.ts';
import type { HubHouseParts } from './open-hub.ts';
import { HouseMetrics } from './open-metrics.ts';
import { openOmie } from './open-omie.ts';
import { openSharing } from './open-sharing.ts';
import { openTracingIfAsked } from './open-tracing.ts';
import { openWayIn, type WayIn } from './open-way-in.ts';

/** Everything behind the doors, built once from the ground up. */
export interface House extends WayIn {
  readonly health: Health;
  readonly tools: ToolSource;
  /** Undefined when nothing is to be mounted. */
  readonly gateway: GatewayRoutesDoor | undefined;
  /** Undefined unless it is switched on. */
  readonly hub: Hub | undefined;
  drain(): void;
  /** Loads what the first question would else wait for; for a moment when nobody waits. */
  warmUp(): Promise<void>;
  /** To be told of every response of 400 and above. */
  readonly onFailed: (status: number) => void;
  close(): Promise<void>;
}

/**
 * @throws ConfigurationError when the credentials file is bad, or the audit log cannot be kept. Whatever throws, nothing that
 * was opened for it stays open.
 */
export async function buildHouse(options: HouseOptions, parts: HouseParts): Promise<House> {
  const opened = new Opened();
  try {
    return await build(options, parts, opened);
  } catch (error) {
    await opened.close().catch((err: unknown) => parts.logger.error({ err }, 'what was opened could not be closed'));
    throw error;
  }
}

async function build(options: HouseOptions, parts: HouseParts, opened: Opened): Promise<House> {
  const { scrubber, logger } = parts;
  const { environment, clock = { now: () => new Date() } } = options;
  const metrics = new HouseMetrics();
  const tracing = await openTracingIfAsked(environment);
  if (tracing !== undefined) opened.keep(tracing);
  const audit = await openAudit(environment, logger);
  if (audit !== undefined) opened.keep(audit);
  const sharing = opened.keep(await openSharing(environment, scrubber, logger));
  const rooms = openOmie(options, { ...parts, clock, metrics, tracing, sharing }, opened);
  const lateHub = new LateHub();
  const catalogParts = { ...parts, clock, rooms, metrics, audit, tracing, sharing, hub: lateHub };
  const { catalog, ownTools, gateway, observe } = await openCatalog(options, catalogParts, opened);
  announceCompanies(rooms, catalog, sharing);
  const way = openWayIn(options, { ...parts, catalog, gateway, metrics, tracing, sharing }, opened);
  const { endpoints, calls, entry } = way;
  const { credentials, omie } = rooms;
  const sessions = () => ({ ...endpoints.stats().sessions });
  const omieStats = () => {
    const { cache, breakers, ...rest } = omie.stats();
    return { ...rest, cache: { ...cache }, breakers: { ...breakers } };
  };
  let draining = false;
  const isDraining = () => draining;
  const problems = () =>
    [
      credentials.status().reason,
      parts.access.problem(),
      gateway?.problem(),
      auditProblem(audit),
      sharing.problem(),
    ].filter((problem) => problem !== undefined);
  const hub = await openHubIfAsked(gateway, {
    ...options,
    ...parts,
    observe,
    scrub: way.scrub,
    calls,
    entry,
    tools: catalog.tools,
    ownTools,
    house: createHouseView({
      credentials,
      replies: () => omie.stats().cache,
      isDraining,
      problems,
      startedAt: new Date(),
    }),
    now: () => clock.now(),
  });
  if (hub !== undefined) lateHub.put(opened.keep(hub));
  const health = createHealth({
    isDraining,
    problem: () => problems()[0],
    details: () => ({
      versao: packageVersion(),
      ativo_ha_segundos: Math.round(process.uptime()),
      auditoria: audit === undefined ? { status: 'desligada' } : { ...audit.state() },
      chamadas_em_andamento: calls.count,
      credenciais: { ...credentials.stats() },
      sessoes: sessions(),
      omie: omieStats(),
    }),
  });
  const credentialCache = () => credentials.stats();
  await metrics.open(environment, { sessions, credentialCache, omie: omieStats, audit: () => audit?.state() }, logger);
  opened.keep(metrics);
  return {
    ...way,
    health,
    tools: catalog.tools,
    gateway: gateway?.door,
    hub,
    onFailed: metrics.failed,
    drain() {
      draining = true;
      way.entry.hasty.close();
    },
    warmUp: () => omie.warmUp(),
    close: () => opened.close(),
  };
}

/** The hub mounts into the gateway: where there is a hub there is a gateway. */
async function openHubIfAsked(gateway: OpenGateway | undefined, parts: Omit<HubHouseParts, 'added'>) {
  if (!parts.environment.HUB_ENABLED || gateway === undefined) return undefined;
  const { openHouseHub } = await import('./open-hub.ts');
  return openHouseHub({ ...parts, added: gateway.added });
}
