import { join, resolve } from 'node:path';
import type { AuditLog } from '../audit/audit-log.ts';
import { childEnvironment } from '../config/child-environment.ts';
import type { Environment } from '../config/environment.ts';
import type { Variables } from '../config/load-config.ts';
import { packageVersion } from '../config/package-version.ts';
import type { Coordination } from '../coordination/coordination.ts';
import { defaultOrchestration } from '../gateway/config/complete-config.ts';
import type { GatewayConfig, UpstreamConfig } from '../gateway/config/gateway-config.ts';
import { GatewaySource } from '../gateway/config/gateway-source.ts';
import { registerSecrets } from '../gateway/config/upstream-secrets.ts';
import { withAdded } from '../gateway/config/with-added.ts';
import { DomainHandles } from '../gateway/domains/handles.ts';
import { DomainScopes } from '../gateway/domains/scope.ts';
import { SharedScopeStore } from '../gateway/domains/scope-store.ts';
import { SharedHandleKeys } from '../gateway/domains/shared-handle-keys.ts';
import { Gateway } from '../gateway/mount/gateway.ts';
import { mountCatalog } from '../gateway/mount/mount-catalog.ts';
import { Conversation } from '../gateway/session-tools/conversation.ts';
import { searchedTools } from '../gateway/session-tools/searched-tools.ts';
import { sessionTools } from '../gateway/session-tools/session-tools.ts';
import { LOCK_FILE_NAME, lockPathFor, McpLockFile } from '../gateway/trust/mcp-lock-file.ts';
import { followLock } from '../gateway/upstreams/follow-lock.ts';
import { openRegistry } from '../gateway/upstreams/open-registry.ts';
import { trustScreen } from '../gateway/upstreams/trust-screen.ts';
import type { GatewayRoutesDoor } from '../http/gateway-routes.ts';
import { makeDataFolder } from '../hub/servers/data-folder.ts';
import type { Logger } from '../logging/logger.ts';
import type { SecretScrubber } from '../logging/redact.ts';
import type { CatalogChange } from '../server/catalog.ts';
import type { AnnouncingCatalog } from '../server/create-catalog.ts';
import { createToolSource } from '../server/run-tool.ts';
import type { ObserveCall } from '../tools/call-report.ts';
import type { ToolServices } from '../tools/define-tool.ts';
import type { Caller, SessionRef } from '../tools/tool-source.ts';
import { auditTrust } from './audit-trust.ts';
import { gatewayDoor } from './gateway-door.ts';
import { GatewayResources } from './gateway-resources.ts';
import { markPrograms } from './mark-programs.ts';
import type { RestoreSelection } from './session-shelf.ts';

export interface GatewayHouseParts {
  readonly environment: Environment;
  /** Values for `${VAR}` and overrides in the gateway file. */
  readonly variables: Variables;
  readonly logger: Logger;
  readonly scrubber: SecretScrubber;
  readonly observe: ObserveCall;
  /** Undefined where none is kept. */
  readonly audit: Pick<AuditLog, 'record'> | undefined;
  readonly services: ToolServices;
  readonly catalog: AnnouncingCatalog;
  readonly sharing: Coordination;
  /** Gives up a start that still waits for servers. */
  readonly stop?: AbortSignal | undefined;
}

export interface OpenGateway {
  /** The house's own catalog together with what is mounted. */
  readonly catalog: AnnouncingCatalog;
  /** For its HTTP routes. */
  readonly door: GatewayRoutesDoor;
  readonly added: AddedServers;
  /** Why the file on disk, or the pins beside it, are not those in force; undefined when they are. Never a value. */
  problem(): string | undefined;
  endSession(session: SessionRef): void;
  /** Puts back what a session selected before a restart. */
  readonly restoreSelection: RestoreSelection;
  close(): Promise<void>;
}

/** Servers that are mounted beside those of the file, and what must be known to do so. */
export interface AddedServers {
  readonly gateway: Gateway;
  /** From now on these and no others. Resolves when those that are gone have ended. */
  mount(servers: readonly UpstreamConfig[]): Promise<void>;
  /** Domains of the file's servers, the disabled ones too. */
  fileDomains(): ReadonlySet<string>;
  /** One line that a mounted program printed for people; returns the end of it. */
  onOutput(listener: (id: string, line: string) => void): () => void;
  /** Forgets what was pinned of a server. */
  unpin(id: string): Promise<void>;
}

/**
 * Mounts the servers of a gateway file, if there is one, and follows it.
 *
 * @throws ConfigurationError when the file is bad, UpstreamUnavailableError when one failure is to stop the start,
 * CancelledError when it was given up.
 */
export async function openGateway(parts: GatewayHouseParts): Promise<OpenGateway> {
  const { environment, variables, logger, scrubber, observe, services, catalog, sharing } = parts;
  const path = environment.GATEWAY_CONFIG === undefined ? undefined : resolve(environment.GATEWAY_CONFIG);
  const source = path === undefined ? undefined : openSource(path, parts);
  const noFile: GatewayConfig = { servers: [], orchestration: defaultOrchestration() };
  const inFile = (): GatewayConfig => source?.config ?? noFile;
  const first = inFile();
  registerSecrets(first, scrubber);
  const scrub = (text: string): string => scrubber.scrub(text);
  const lock = new McpLockFile(path === undefined ? await lockOfHub(environment) : lockPathFor(path), scrub);
  const trust = auditTrust((line) => parts.audit?.record(line), scrub);
  const outputs = new Set<(id: string, line: string) => void>();
  const registryParts = {
    logger,
    baseEnvironment: {
      ...childEnvironment(variables),
      ...(path === undefined ? {} : await markPrograms(path, logger)),
    },
    clientInfo: { name: 'omie-mcp-hub', version: packageVersion() },
    screen: trustScreen({ lock, scrub, onTrust: trust.tell }),
    onStderr: (id: string, line: string) => {
      for (const hear of outputs) hear(id, line);
    },
  };
  const registry = await openRegistry(first, registryParts, { stop: parts.stop }).catch((error: unknown) => {
    source?.close();
    throw error;
  });
  const stopFollowingLock = followLock(lock, registry);
  const resources = new GatewayResources(registry, first.orchestration);
  let added: readonly UpstreamConfig[] = [];
  const reconfigure = (): Promise<void> => {
    const { config, leftOut } = withAdded(inFile(), added);
    if (leftOut.length > 0) logger.warn({ servers: leftOut }, 'the gateway file has the domain of a deployed server');
    registerSecrets(config, scrubber);
    resources.reconfigure(config.orchestration);
    return registry.reconfigure(config);
  };
  const follow = (): void => {
    reconfigure().catch((err: unknown) => logger.error({ err }, 'gateway could not be reconfigured'));
  };
  source?.onChange(follow);
  // Connecting takes a while, and the file may have changed meanwhile.
  if (inFile() !== first) follow();

  const selections = new SharedScopeStore(sharing.store);
  const keys = await handleKeys(parts);
  const scopes = new DomainScopes({ store: selections, handles: new DomainHandles({ keys }) });
  const gateway = new Gateway({ registry, scopes, keys, logger });
  const cacheStats = () => resources.stats();
  const conversation = new Conversation(gateway, (caller) => catalog.tools.list(caller).length);
  const own = sessionTools({
    gateway,
    conversation,
    cacheStats,
    onSelected: (session) => {
      for (const kind of ['tools', 'resources', 'prompts'] as const) catalog.announce({ kind, session });
    },
    searched: searchedTools(gateway, catalog.tools),
  });
  const mounted = mountCatalog(catalog, {
    gateway,
    sessionTools: createToolSource({ tools: own, services, logger, scrubber, observe }),
    observe,
    logger,
    scrub,
  });
  // What the house announces is about its own domain, and told to those alone who have that in scope.
  const announce = (change: CatalogChange): void => {
    const visibleTo = (caller: Caller): boolean => gateway.ownInScope(caller) && change.visibleTo?.(caller) !== false;
    catalog.announce({ ...change, visibleTo });
  };
  gateway.onListChange((change) => catalog.announce(change));
  gateway.onResourceUpdate((update) => catalog.announce({ kind: 'resource', ...update }));

  return {
    catalog: { ...mounted, announce },
    door: gatewayDoor({ gateway, registry, resources, own: catalog.resources, scrub, observe }),
    added: {
      gateway,
      mount(servers) {
        added = servers;
        return reconfigure();
      },
      fileDomains: () => new Set(inFile().servers.flatMap(({ domains }) => domains)),
      onOutput(listener) {
        outputs.add(listener);
        return () => outputs.delete(listener);
      },
      unpin: (id) => lock.forget(id),
    },
    problem: () => source?.problem ?? lock.problem,
    endSession: ({ id }) => gateway.endSession(id),
    restoreSelection: (owner, text) => selections.restore({ ...owner, lasting: true }, text),
    async close() {
      source?.close();
      stopFollowingLock();
      resources.close();
      await gateway.close();
      trust.close();
    },
  };
}

function openSource(path: string, { variables, logger }: GatewayHouseParts): GatewaySource {
  return new GatewaySource({
    path,
    variables,
    report(event) {
      if (event.kind === 'rejected')
        logger.error({ problems: event.problems }, 'gateway file refused, last good one stays');
      else {
        logger.info({ servers: event.servers }, 'gateway file loaded');
        for (const warning of event.warnings) logger.warn(warning);
      }
    },
  });
}

/** Without a gateway file the pins are kept with what else the hub keeps. */
async function lockOfHub({ HUB_DATA_DIR }: Environment): Promise<string> {
  const folder = resolve(HUB_DATA_DIR);
  await makeDataFolder(folder);
  return join(folder, LOCK_FILE_NAME);
}

/** Handles of one replica are good at the others; whenever the database comes back it is asked anew. */
async function handleKeys({ environment, sharing }: GatewayHouseParts): Promise<SharedHandleKeys> {
  const { DATABASE_URL } = environment;
  const password = DATABASE_URL === undefined ? '' : new URL(DATABASE_URL.reveal()).password;
  const keys = new SharedHandleKeys(sharing.store, password);
  sharing.onAnnounced((topic) => {
    if (topic === 'gateway') void keys.refresh();
  });
  await keys.refresh();
  return keys;
}
