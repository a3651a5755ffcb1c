import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Access } from '../access/create-access.ts';
import { installerEnvironment } from '../config/child-environment.ts';
import type { Environment } from '../config/environment.ts';
import { type MissingLibrary, missingLibraries } from '../config/hub-libraries.ts';
import type { Variables } from '../config/load-config.ts';
import { packageVersion } from '../config/package-version.ts';
import { ConfigurationError } from '../errors.ts';
import { mountedName } from '../gateway/naming/names.ts';
import type { HeldTool } from '../gateway/upstreams/screen.ts';
import { createAuthenticate } from '../http/authenticate.ts';
import type { EntryLimits } from '../http/entry-limits.ts';
import { type Hub, openHub } from '../hub/hub.ts';
import type { HouseView } from '../hub/live/overview.ts';
import type { HeldBackTool, MountedTool, Mounting } from '../hub/mounting.ts';
import type { Model } from '../hub/orchestration/model.ts';
import type { Logger } from '../logging/logger.ts';
import type { SecretScrubber } from '../logging/redact.ts';
import type { InFlight } from '../server/in-flight.ts';
import type { ObserveCall } from '../tools/call-report.ts';
import type { ToolSource } from '../tools/tool-source.ts';
import { mountedOffers, ownOffer } from './model-offers.ts';
import type { AddedServers } from './open-gateway.ts';

export interface HubHouseParts {
  readonly environment: Environment;
  readonly variables: Variables;
  readonly access: Access;
  readonly logger: Logger;
  readonly observe: ObserveCall;
  readonly scrub: (text: string) => string;
  readonly calls: InFlight;
  readonly scrubber: SecretScrubber;
  readonly entry: EntryLimits;
  readonly added: AddedServers;
  /** The tools of the whole house, as every door calls them. */
  readonly tools: ToolSource;
  /** Those of the built-in domain alone. */
  readonly ownTools: ToolSource;
  readonly house: HouseView;
  readonly now: () => Date;
  readonly hubModel?: (() => Promise<Model>) | undefined;
}

/** @throws ConfigurationError when its registry cannot be read */
export function openHouseHub(parts: HubHouseParts): Promise<Hub> {
  const { environment, variables, access, added, tools, ownTools, hubModel, ...rest } = parts;
  const { HUB_ADMIN_TOKEN: token, HUB_LOCAL_DIR: localDir } = environment;
  if (token === undefined) throw new ConfigurationError('HUB_ENABLED pede HUB_ADMIN_TOKEN.', ['HUB_ADMIN_TOKEN']);
  tellMissing(missingLibraries(environment), rest.logger);
  const authenticate = createAuthenticate(access);
  return openHub({
    ...rest,
    model: hubModel,
    token,
    // Where nobody is asked who they are, nobody is known by a token either.
    identify: (req: IncomingMessage) => authenticate(req),
    mounting: mountingOf(added, tools),
    // What the books say goes to a model's provider only where the operator said so.
    offers: (principal) => [
      ...(environment.HUB_ORCHESTRATE_OMIE ? [ownOffer(ownTools, principal)] : []),
      ...mountedOffers(added.gateway.table),
    ],
    version: packageVersion(),
    files: { folder: fileURLToPath(new URL('./hub-pages', import.meta.url)) },
    installerEnvironment: installerEnvironment(variables),
    attachProgram: join(
      dirname(createRequire(import.meta.url).resolve('omie-mcp-hub/package.json')),
      'dist',
      'attach-container.js',
    ),
    settings: {
      dataDir: resolve(environment.HUB_DATA_DIR),
      maxServers: environment.HUB_MAX_SERVERS,
      startTimeoutMs: Math.round(environment.HUB_START_TIMEOUT_SECONDS * 1_000),
      npmRegistry: environment.HUB_NPM_REGISTRY,
      nodePermissions: environment.HUB_NODE_PERMISSIONS,
      localDir: localDir === undefined ? undefined : resolve(localDir),
      dockerHost: environment.DOCKER_HOST,
      limits: { memoryBytes: environment.HUB_DOCKER_MEMORY_MB * 1_048_576, cpus: environment.HUB_DOCKER_CPUS },
      databaseUrl: environment.DATABASE_URL,
      discovery: {
        githubUrl: environment.GITHUB_API_URL,
        githubToken: environment.GITHUB_TOKEN,
        registryUrl: environment.MCP_REGISTRY_URL,
      },
      gemini: {
        apiKey: environment.GEMINI_API_KEY,
        baseUrl: environment.GEMINI_BASE_URL,
        model: environment.GEMINI_MODEL,
      },
      e2b: {
        apiKey: environment.E2B_API_KEY,
        apiUrl: environment.E2B_API_URL,
        sandboxUrl: environment.E2B_SANDBOX_URL,
      },
    },
  });
}

/** What is missing is told before somebody needs it: loudly where the settings ask for it. */
export function tellMissing(
  missing: readonly MissingLibrary[],
  logger: Record<'warn' | 'info', (facts: object, message: string) => void>,
): void {
  for (const { name, without, wanted, command } of missing) {
    logger[wanted ? 'warn' : 'info']({ library: name, without, install: command }, 'hub library missing');
  }
}

function mountingOf({ gateway, mount, fileDomains, onOutput, unpin }: AddedServers, tools: ToolSource): Mounting {
  const { registry } = gateway;
  const serverOf = (id: string) => registry.servers.find((server) => server.id === id);
  // What another server offers under the same name is not held back: a call of it is that one's.
  const heldOf = (domain = '', held: readonly HeldTool[]): readonly HeldBackTool[] =>
    held
      .map(({ name: ownName, readOnly }) => ({ name: mountedName(domain, ownName), ownName, readOnly }))
      .filter(({ name }) => gateway.table.held.has(name));
  return {
    mount,
    onOutput,
    unpin,
    takenDomains: fileDomains,
    stateOf(id) {
      const server = serverOf(id);
      if (server === undefined) return undefined;
      const { state, problem, offer, config, held } = server;
      return { state, problem, tools: offer.tools.map(({ name }) => name), held: heldOf(config.domains[0], held) };
    },
    toolsOf: (id) =>
      [...gateway.table.tools.values()].flatMap(({ ref, descriptor, candidates }): MountedTool[] =>
        candidates
          .filter(({ server }) => server === id)
          .map(({ name: ownName }) => ({ name: ref.name, ownName, readOnly: ref.readOnly, descriptor })),
      ),
    // After the gateway has named what changed: who looks then finds it under its mounted name.
    onChange: (listener) => registry.onChange(() => queueMicrotask(listener)),
    call: (name, args, context) => tools.call(name, args, context),
  };
}
