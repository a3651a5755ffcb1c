import type { Access } from './access/create-access.ts';
import { CompanyDirectory } from './companies/company-directory.ts';
import { CredentialManager } from './companies/credential-manager.ts';
import { CredentialsSource } from './companies/credentials-source.ts';
import type { Principal } from './companies/principal.ts';
import type { Environment } from './config/environment.ts';
import type { Variables } from './config/load-config.ts';
import { packageVersion } from './config/package-version.ts';
import { ConfigurationError } from './errors.ts';
import { type Clock, todayInSaoPaulo } from './finance/dates.ts';
import { createHealth, type Health } from './http/health.ts';
import { portProblem } from './http/listen.ts';
import type { Metrics } from './http/metrics.ts';
import type { Logger } from './logging/logger.ts';
import type { SecretScrubber } from './logging/redact.ts';
import { createOmieClient } from './omie/client.ts';
import { dashboardOf } from './resources/dashboard.ts';
import { companiesUri, dashboardUri } from './resources/resource-catalog.ts';
import { createCatalog } from './server/create-catalog.ts';
import { InFlight } from './server/in-flight.ts';
import { createToolSource } from './server/run-tool.ts';
import { tools } from './tools/catalog.ts';
import { createCompanyServices } from './tools/company-services.ts';
import type { ToolServices } from './tools/define-tool.ts';
import { createMcpEndpoints, type McpEndpoints } from './transports/mcp-endpoints.ts';

export interface HouseOptions {
  readonly environment: Environment;
  /** Values for `${VAR}` in the credentials file. */
  readonly variables: Variables;
  readonly clock?: Clock | undefined;
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
  readonly tools: ReturnType<typeof createToolSource>;
  /** Takes every key known so far out of a text. */
  scrub(text: string): string;
  drain(): void;
  /** Loads what the first question would else wait for; for a moment when nobody waits. */
  warmUp(): Promise<void>;
  /** Calls in flight through any door. */
  readonly calls: InFlight;
  close(): Promise<void>;
}

/** @throws ConfigurationError when the credentials file is bad. */
export async function buildHouse(options: HouseOptions, { access, scrubber, logger }: HouseParts): Promise<House> {
  const { environment, clock = { now: () => new Date() } } = options;
  let metrics: Metrics | undefined;
  const credentials = openCredentials(options, scrubber, logger, (outcome) => metrics?.reload(outcome));
  const directory = new CompanyDirectory(credentials);
  const omie = createOmieClient({ baseUrl: environment.OMIE_BASE_URL, observe: (call) => metrics?.omieCall(call) });
  const servicesOf = createCompanyServices({ omie, clock, maskCpf: environment.MASK_CPF });
  const services: ToolServices = {
    directory,
    forCompany: async (company) => servicesOf(await credentials.get(company.id)),
    async reloadCredentials(principal) {
      try {
        await credentials.reload();
      } catch (error) {
        if (principal.seesAll === true || !(error instanceof ConfigurationError)) throw error;
        throw new ConfigurationError(
          'O arquivo de credenciais tem problemas; o último conjunto bom continua valendo.',
          [],
          {
            hint: 'Avise quem administra o servidor: `omie-mcp-hub validate` mostra os problemas.',
          },
        );
      }
      return { disabled: credentials.disabledEntries() };
    },
  };
  const toolSource = createToolSource({
    tools,
    services,
    logger,
    scrubber,
    observe: (call) => metrics?.toolCall(call),
  });
  const catalog = createCatalog({
    version: packageVersion(),
    tools: toolSource,
    directory,
    dashboard: async (company, context) => dashboardOf(company, await services.forCompany(company), context),
    today: () => todayInSaoPaulo(clock),
  });
  credentials.onChange(({ rekeyed, removed, companies }) => {
    for (const id of [...rekeyed, ...removed]) omie.forget(id);
    catalog.announce({ kind: 'resources' });
    catalog.announce({ kind: 'resource', uri: companiesUri });
    for (const company of companies) {
      const visibleTo = (principal: Principal): boolean => principal.canSee(company);
      catalog.announce({ kind: 'resource', uri: dashboardUri(company.id), visibleTo });
    }
  });
  const calls = new InFlight();
  const endpoints = createMcpEndpoints({
    catalog,
    inFlight: calls,
    scrub: (text) => scrubber.scrub(text),
    onInternalError: (err, requestId) => logger.error({ err, requestId }, 'request broke'),
    onError: (err) => logger.debug({ err }, 'protocol error'),
  });
  access.onEnd((principal) => endpoints.end(principal));

  let draining = false;
  const health = createHealth({
    isDraining: () => draining,
    fileProblem: () => credentials.status().reason ?? access.problem(),
    details: () => ({
      credenciais: { ...credentials.stats() },
      sessoes: { ...endpoints.stats().sessions },
      omie: { ...omie.stats(), cache: { ...omie.stats().cache } },
    }),
  });
  let closeMetrics = async (): Promise<void> => {};
  if (environment.ENABLE_METRICS) {
    const { createMetrics } = await import('./http/metrics.ts');
    metrics = createMetrics({
      sessions: () => ({ ...endpoints.stats().sessions }),
      credentialCache: () => credentials.stats(),
      omieQueue: () => omie.stats(),
    });
    try {
      const listener = await metrics.listen(environment.MCP_HOST, environment.METRICS_PORT);
      closeMetrics = listener.close;
      logger.info({ metricsPort: listener.port }, 'metrics');
    } catch (error) {
      // Numbers for operators are no reason to leave users without answers.
      const reason = portProblem(error);
      if (reason === undefined) throw error;
      logger.warn({ port: environment.METRICS_PORT, reason }, 'METRICS_PORT cannot be opened; serving without metrics');
    }
  }
  return {
    endpoints,
    health,
    tools: toolSource,
    scrub: (text) => scrubber.scrub(text),
    calls,
    drain() {
      draining = true;
    },
    warmUp: () => omie.warmUp(),
    async close() {
      await closeMetrics();
      directory.close();
      credentials.close();
      await omie.close();
    },
  };
}

function openCredentials(
  { environment, variables }: HouseOptions,
  scrubber: SecretScrubber,
  logger: Logger,
  countReload: (outcome: 'ok' | 'failed') => void,
): CredentialManager {
  const path = environment.CREDENTIALS_FILE;
  return new CredentialManager({
    source: new CredentialsSource({ path, variables }),
    maxEntries: environment.CREDENTIAL_MAX_CACHE_SIZE,
    ttlMs: Math.round(environment.CREDENTIAL_TIMEOUT_MINUTES * 60_000),
    watch: true,
    scrubber,
    report(event) {
      countReload(event.kind === 'loaded' ? 'ok' : 'failed');
      if (event.kind === 'rejected')
        logger.error({ problems: event.problems }, 'credentials file refused, last good set stays');
      else {
        const { companies, disabled } = event.result;
        logger.info({ companies: companies.length, disabled: disabled.length }, 'credentials loaded');
        for (const warning of event.warnings) logger.warn(warning);
      }
    },
  });
}
