/** The hub put together: what it is handed, and what the house gets of it. */
import type { Principal } from '../companies/principal.ts';
import { credentialsIn } from '../gateway/config/upstream-secrets.ts';
import type { Logger } from '../logging/logger.ts';
import type { SecretScrubber } from '../logging/redact.ts';
import type { Secret } from '../logging/secret.ts';
import { Opened } from '../opened.ts';
import { type AdminParts, createAdmin } from './api/admin.ts';
import { createHubApp, type HubAppParts, type HubDoor } from './api/hub-app.ts';
import { hubRoutes } from './api/hub-routes.ts';
import { Deployments } from './deploy/deployments.ts';
import { domainsOf } from './deploy/domain-name.ts';
import { PlanDigests } from './deploy/plan-digest.ts';
import { Planner } from './deploy/planner.ts';
import { findPublished } from './deploy/published-package.ts';
import { folderResolver } from './deploy/resolve-folder.ts';
import { imageResolver } from './deploy/resolve-image.ts';
import { npmResolver } from './deploy/resolve-npm.ts';
import { registryResolver } from './deploy/resolve-registry.ts';
import { repositoryResolver } from './deploy/resolve-repository.ts';
import { type DiscoverySettings, openDiscovery } from './discovery/open-discovery.ts';
import type { HouseView } from './live/overview.ts';
import type { Mounting } from './mounting.ts';
import { type GeminiSettings, geminiProvider } from './orchestration/gemini.ts';
import { Orchestrator, type OrchestratorParts } from './orchestration/orchestrator.ts';
import { createToolBox, type ServerOffer } from './orchestration/tool-box.ts';
import { archiveSource } from './repositories/archive-source.ts';
import type { ContainerLimits } from './runners/docker/container-spec.ts';
import { dockerRunner } from './runners/docker.ts';
import { openE2b } from './runners/e2b.ts';
import type { E2bSettings } from './runners/e2b-sandboxes.ts';
import { localRunner } from './runners/local.ts';
import { npmLookUp } from './runners/npm-package.ts';
import { askNpmRegistries } from './runners/npm-registries.ts';
import { npxRunner } from './runners/npx.ts';
import { ServerFolders } from './runners/server-folder.ts';
import { createInvokeTool } from './servers/invoke-tool.ts';
import { LogLines } from './servers/log-lines.ts';
import { openServers } from './servers/open-servers.ts';
import type { HubActions } from './tools/define-hub-tool.ts';

export interface HubSettings {
  /** Absolute. */
  readonly dataDir: string;
  readonly maxServers: number;
  readonly startTimeoutMs: number;
  readonly npmRegistry?: string | undefined;
  readonly nodePermissions: boolean;
  /** Absolute; undefined: folders cannot be deployed. */
  readonly localDir?: string | undefined;
  /** DOCKER_HOST. */
  readonly dockerHost?: string | undefined;
  /** Of each container. */
  readonly limits: ContainerLimits;
  readonly databaseUrl?: Secret | undefined;
  readonly discovery: DiscoverySettings;
  readonly gemini: GeminiSettings;
  readonly e2b: E2bSettings;
}

export interface HubParts extends AdminParts, Pick<HubAppParts, 'observe' | 'calls' | 'scrub' | 'version' | 'files'> {
  readonly settings: HubSettings;
  readonly mounting: Mounting;
  readonly house: HouseView;
  /** Everything in the house that answers now, by domain. */
  readonly offers: (principal: Principal) => readonly ServerOffer[];
  readonly logger: Logger;
  /** Told what deployed servers are trusted with. */
  readonly scrubber: Pick<SecretScrubber, 'register'>;
  /** For the programs that install servers; servers themselves get the gateway's own small base. */
  readonly installerEnvironment: Readonly<Record<string, string>>;
  /** The built program that joins the gateway's pipes to a container's. */
  readonly attachProgram: string;
  readonly now: () => Date;
  /** Does the tasks, instead of the provider of the settings. */
  readonly model?: OrchestratorParts['model'] | undefined;
}

export interface Hub {
  readonly door: HubDoor;
  /** For the tools of the administrator's chat. */
  readonly actions: HubActions;
  /** Finds or starts again what ran before a restart; the hub answers meanwhile. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** @throws ConfigurationError when the registry cannot be read; nothing is held then, nor after any other failure */
export async function openHub(parts: HubParts): Promise<Hub> {
  const opened = new Opened();
  try {
    return await open(parts, opened);
  } catch (thrown) {
    await opened.close().catch((err: unknown) => parts.logger.warn({ err }, 'hub not closed'));
    throw thrown;
  }
}

async function open(parts: HubParts, opened: Opened): Promise<Hub> {
  const { settings, mounting, house, offers, logger, observe, scrub, scrubber, now } = parts;
  const { dataDir } = settings;
  const { servers } = opened.keep(await openServers({ ...settings, logger, now }));
  const lines = new LogLines(now);
  const log = (id: string, line: string): void => {
    // The last words of what was removed a moment ago are nobody's to read, and nobody would forget them.
    if (servers.find(id) !== undefined) lines.add(id, line);
  };
  const registries = askNpmRegistries({ ...parts, ...settings });
  const finding = opened.keep(openDiscovery(settings.discovery, registries, now));
  opened.defer(mounting.onOutput(log));
  const { discovery, github, registry } = finding;
  const { githubUrl: baseUrl, githubToken: token } = settings.discovery;
  const fetchArchive = archiveSource({ baseUrl, token, fetch: finding.githubFetch, limits: github });
  const processes = { ...parts, ...settings, registries, folders: new ServerFolders(dataDir), lines, fetchArchive };
  const e2b = opened.keep(openE2b({ ...processes, lookUpNpm: npmLookUp(processes) }));
  const runners = [npxRunner(processes), dockerRunner(processes), localRunner(processes), e2b.runner];
  // What a deployed server was given stays a secret when it is gone, however it runs; giving it again is no leak.
  const given = new Set<string>();
  const remember = (): void => {
    for (const { env } of servers.all()) {
      scrubber.register(...credentialsIn(env));
      for (const value of Object.values(env)) given.add(value);
    }
  };
  remember();
  servers.onChange(remember);
  const planner = new Planner({
    runners,
    resolvers: [
      npmResolver,
      folderResolver,
      imageResolver,
      repositoryResolver({ github, findPublished: findPublished(processes) }),
      registryResolver({ client: registry, npmRegistries: registries }),
    ],
    isOurs: (text) => scrub(text) !== text && !given.has(text),
    takenDomains: () => domainsOf(servers, mounting),
  });
  const deployments = opened.keep(
    new Deployments({ ...settings, servers, planner, runners, mounting, logger, log, now }),
  );
  const admin = createAdmin(parts);
  const { principal } = admin;
  const invoke = createInvokeTool(servers, mounting, principal);
  const tools = createToolBox({
    mounting,
    serverOf: (id) => servers.get(id),
    serverAt: (domain) => servers.all().find((server) => server.domain === domain),
    offers: () => offers(principal),
  });
  const { model = geminiProvider(settings.gemini) } = parts;
  const digests = new PlanDigests();
  const orchestrator = new Orchestrator({ tools, model, now, scrub, logger, observe });
  const acting = { discovery, deployments, servers, digests, now };
  const routes = hubRoutes({ ...acting, mounting, house, invoke, orchestrator, principal });
  return {
    door: opened.keep(createHubApp({ ...parts, routes, admin })),
    actions: { ...acting, observe },
    restore: () => deployments.restore(),
    close: () => opened.close(),
  };
}
