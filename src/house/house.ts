import type { Access } from '../access/create-access.ts';
import { CompanyDirectory } from '../companies/company-directory.ts';
import type { Environment } from '../config/environment.ts';
import type { Variables } from '../config/load-config.ts';
import { packageVersion } from '../config/package-version.ts';
import { type Clock, todayInSaoPaulo } from '../finance/dates.ts';
import { createEntryLimits, type EntryLimits } from '../http/entry-limits.ts';
import { createHealth, type Health } from '../http/health.ts';
import { LoadGauge } from '../http/load-gauge.ts';
import type { Hub } from '../hub/hub.ts';
import type { Logger } from '../logging/logger.ts';
import type { SecretScrubber } from '../logging/redact.ts';
import { createOmieClient } from '../omie/client.ts';
import { dashboardOf } from '../resources/dashboard.ts';
import { companiesUri, companyInUri, dashboardUri, withoutCompany } from '../resources/resource-catalog.ts';
import { Admission } from '../server/admission.ts';
import { createCatalog } from '../server/create-catalog.ts';
import { companyIdsIn, followCompanies } from '../server/follow-companies.ts';
import { InFlight } from '../server/in-flight.ts';
import { logCalls, logProtocolErrors } from '../server/log-calls.ts';
import { observeCatalog } from '../server/observe-catalog.ts';
import type { OnRefused } from '../server/refusal-reason.ts';
import { createToolSource } from '../server/run-tool.ts';
import { traceCatalog } from '../server/trace-catalog.ts';
import type { ObserveCall } from '../tools/call-report.ts';
import { tools } from '../tools/catalog.ts';
import { createCompanyServices } from '../tools/company-services.ts';
import type { Caller, ToolSource } from '../tools/tool-source.ts';
import { createMcpEndpoints, type McpEndpoints } from '../transports/mcp-endpoints.ts';
import { auditProblem, openAudit } from './open-audit.ts';
import { openCredentials } from './open-credentials.ts';
import type { GatewayDoor, GatewayHouseParts, OpenGateway } from './open-gateway.ts';
import type { HubHouseParts } from './open-hub.ts';
import { type OpenMetrics, openMetrics } from './open-metrics.ts';
import { openSharing } from './open-sharing.ts';
import { openTracingIfAsked, traceOmieCall } from './open-tracing.ts';
import { Opened } from './opened.ts';
import { sessionShelf } from './session-shelf.ts';
import { createToolServices } from './tool-services.ts';

export interface HouseOptions {
  readonly environment: Environment;
  /** Values for `${VAR}` in the credentials file. */
  readonly variables: Variables;
  readonly clock?: Clock | undefined;
  /** How late the event loop is, in milliseconds; measured when not given. */
  readonly loopDelayMs?: (() => number) | undefined;
}

/** What the house is handed from outside: it neither opens nor closes them. */
export interface HouseParts {
  readonly access: Access;
  readonly scrubber: SecretScrubber;
  readonly logger: Logger;
}

/** Everything behind the doors, built once from the ground up. */
export interface House {
  readonly endpoints: McpEndpoints;
  readonly health: Health;
  readonly tools: ToolSource;
  /** Undefined when nothing is to be mounted. */
  readonly gateway: GatewayDoor | undefined;
  /** Undefined unless it is switched on. */
  readonly hub: Hub | undefined;
  /** Takes every key known so far out of a text. */
  scrub(text: string): string;
  drain(): void;
  /** Loads what the first question would else wait for; for a moment when nobody waits. */
  warmUp(): Promise<void>;
  /** Calls in flight through any door. */
  readonly calls: InFlight;
  /** The room that calls of every door share. */
  readonly admission: Admission;
  readonly entry: EntryLimits;
  /** To be told of every request that is turned away, and of every response of 400 and above. */
  readonly onRefused: OnRefused;
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
  const { access, scrubber, logger } = parts;
  const { environment, clock = { now: () => new Date() } } = options;
  let open: OpenMetrics | undefined;
  const credentials = opened.keep(
    openCredentials({
      ...options,
      scrubber,
      logger,
      countReload: (outcome) => open?.metrics.reload(outcome),
    }),
  );
  const directory = opened.keep(new CompanyDirectory(credentials));
  const tracing = await openTracingIfAsked(environment);
  if (tracing !== undefined) opened.keep(tracing);
  const audit = await openAudit(environment, logger);
  if (audit !== undefined) opened.keep(audit);
  const sharing = opened.keep(await openSharing(environment, scrubber, logger));
  const omie = createOmieClient({
    baseUrl: environment.OMIE_BASE_URL,
    observe: (call) => {
      open?.metrics.omieCall(call);
      if (tracing !== undefined) traceOmieCall(call, tracing);
    },
    shared: sharing.omie,
  });
  opened.keep(omie);
  const servicesOf = createCompanyServices({ omie, clock, maskCpf: environment.MASK_CPF });
  const services = createToolServices({
    directory,
    credentials,
    servicesOf,
    onReload: () => sharing.announce('credentials'),
  });
  const log = logCalls(logger);
  const observe: ObserveCall = (report) => {
    // Callers write what they like where a tool's name belongs, and some paste a key; whole, for what is cut off a key is
    // no key to the scrubber any more.
    const call = { ...report, target: scrubber.scrub(report.target) };
    log(call);
    open?.metrics.call(call);
    audit?.record({ ...call, tool: call.target });
  };
  const companyIdsOf = audit !== undefined || environment.METRICS_COMPANIES ? companyIdsIn(directory) : undefined;
  const follow = companyIdsOf === undefined ? undefined : followCompanies(companyIdsOf);
  const plainCatalog = createCatalog({
    version: packageVersion(),
    tools: createToolSource({ tools, services, logger, scrubber, observe, follow }),
    directory,
    dashboard: async (company, context) => dashboardOf(company, await services.forCompany(company), context),
    today: () => todayInSaoPaulo(clock),
  });
  const gateway = await openGatewayIfAsked({
    ...options,
    logger,
    scrubber,
    observe,
    services,
    catalog: plainCatalog,
    sharing,
  });
  if (gateway !== undefined) opened.keep(gateway);
  const watchedCatalog = observeCatalog(gateway?.catalog ?? plainCatalog, {
    observe,
    companyInUri,
    withoutCompany,
    companiesOf: (reference) => companyIdsOf?.(reference) ?? [],
  });
  const catalog = tracing === undefined ? watchedCatalog : traceCatalog(watchedCatalog, tracing);
  let heard = false;
  credentials.onChange(({ rekeyed, removed, companies }) => {
    for (const id of [...rekeyed, ...removed]) omie.forget(id);
    catalog.announce({ kind: 'resources' });
    catalog.announce({ kind: 'resource', uri: companiesUri });
    for (const company of companies) {
      const visibleTo = ({ principal }: Caller): boolean => principal.canSee(company);
      catalog.announce({ kind: 'resource', uri: dashboardUri(company.id), visibleTo });
    }
    if (!heard) sharing.announce('credentials');
  });
  // Another replica took a new set: read our own file too, and have the clients here look again whatever it holds.
  sharing.onAnnounced((topic) => {
    if (topic !== 'credentials') return;
    heard = true;
    // A bad file was reported and the last good set stays.
    credentials.reload().catch(() => {});
    heard = false;
    catalog.announce({ kind: 'resources' });
  });
  const calls = new InFlight();
  const onRefused: OnRefused = (reason) => {
    open?.metrics.refused(reason);
    logger.debug({ reason }, 'request refused');
  };
  const admission = new Admission(undefined, onRefused);
  const entry = createEntryLimits({
    trustedProxies: environment.MCP_TRUST_PROXY,
    perAddress: environment.MCP_RATE_LIMIT_PER_IP,
    perPrincipal: environment.MCP_RATE_LIMIT_PER_PRINCIPAL,
    failedLogins: environment.MCP_FAILED_LOGINS_PER_MINUTE,
    load: new LoadGauge({ readDelayMs: options.loopDelayMs }),
  });
  opened.keep(entry.load);
  const scrub = (text: string): string => scrubber.scrub(text);
  const hub = await openHubIfAsked(gateway, {
    ...options,
    access,
    logger,
    observe,
    scrub,
    entry,
    tools: catalog.tools,
    now: () => clock.now(),
  });
  if (hub !== undefined) opened.keep(hub);
  const endpoints = createMcpEndpoints({
    catalog,
    inFlight: calls,
    admission,
    traced: tracing !== undefined,
    replica: environment.MCP_REPLICA_NAME,
    ...(environment.DATABASE_URL === undefined
      ? {}
      : { shelf: sessionShelf(sharing, gateway?.restoreSelection ?? (() => {})) }),
    limitGuesses: async (req) => {
      const waitMs = await entry.limits.guess(req);
      if (waitMs !== undefined) onRefused('guess');
      return waitMs;
    },
    ...(gateway === undefined ? {} : { onSessionEnd: gateway.endSession }),
    onBatch: (principal, further) => entry.limits.chargeBatch(principal, further),
    onRefused,
    scrub,
    onInternalError: (err, requestId) => logger.error({ err, requestId }, 'request broke'),
    onError: (err) => logger.debug({ err }, 'protocol error'),
    onProtocolError: logProtocolErrors(logger),
  });
  // Whoever leaves lets its conversations end first; this is for a house that nobody ever spoke to.
  opened.defer(() => endpoints.close({ drainMs: 0 }));
  access.onEnd((principal) => endpoints.end(principal));

  const omieStats = () => ({
    ...omie.stats(),
    cache: { ...omie.stats().cache },
    breakers: { ...omie.stats().breakers },
  });
  let draining = false;
  const health = createHealth({
    isDraining: () => draining,
    problem: () =>
      credentials.status().reason ?? access.problem() ?? gateway?.problem() ?? auditProblem(audit) ?? sharing.problem(),
    details: () => ({
      versao: packageVersion(),
      ativo_ha_segundos: Math.round(process.uptime()),
      auditoria: audit === undefined ? { status: 'desligada' } : { ...audit.state() },
      chamadas_em_andamento: calls.count,
      credenciais: { ...credentials.stats() },
      sessoes: { ...endpoints.stats().sessions },
      omie: omieStats(),
    }),
  });
  open = await openMetrics(
    environment,
    {
      sessions: () => ({ ...endpoints.stats().sessions }),
      credentialCache: () => credentials.stats(),
      omie: omieStats,
      audit: () => audit?.state(),
    },
    logger,
  );
  if (open !== undefined) opened.keep(open);
  return {
    endpoints,
    health,
    tools: catalog.tools,
    gateway: gateway?.door,
    hub,
    scrub,
    calls,
    admission,
    entry,
    onRefused,
    onFailed: (status) => open?.metrics.failed(status),
    drain() {
      draining = true;
    },
    warmUp: () => omie.warmUp(),
    close: () => opened.close(),
  };
}

/** Most houses mount nothing, and do not wait for what mounting takes to load. */
async function openGatewayIfAsked(parts: GatewayHouseParts): Promise<OpenGateway | undefined> {
  const { GATEWAY_CONFIG, HUB_ENABLED } = parts.environment;
  if (GATEWAY_CONFIG === undefined && !HUB_ENABLED) return undefined;
  const { openGateway } = await import('./open-gateway.ts');
  return openGateway(parts);
}

/** The hub mounts into the gateway: where there is a hub there is a gateway. */
async function openHubIfAsked(gateway: OpenGateway | undefined, parts: Omit<HubHouseParts, 'added'>) {
  if (!parts.environment.HUB_ENABLED || gateway === undefined) return undefined;
  const { openHouseHub } = await import('./open-hub.ts');
  return openHouseHub({ ...parts, added: gateway.added });
}
