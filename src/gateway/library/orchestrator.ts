/** The gateway as a library: a configuration file in, many servers as one out. */
import { resolve } from 'node:path';
import { childEnvironment } from '../../config/child-environment.ts';
import { packageVersion } from '../../config/package-version.ts';
import { processVariables } from '../../config/process-variables.ts';
import type { Variables } from '../../files/variables.ts';
import { createLogger, type Logger } from '../../logging/logger.ts';
import { SecretScrubber } from '../../logging/redact.ts';
import type { GatewayConfig, UpstreamConfig } from '../config/gateway-config.ts';
import { openGatewayFile } from '../config/gateway-source.ts';
import { logLevelOf } from '../config/log-level.ts';
import { registerSecrets } from '../config/upstream-secrets.ts';
import { type Resolution, resolveEntity } from '../entities/resolve-entity.ts';
import { entitySources, type KnownEntities } from '../entities/server-entities.ts';
import type { Gathered, GatherOptions } from '../resources/gather.ts';
import { type Gathering, openGathering } from '../resources/open-gathering.ts';
import type { CacheStats } from '../resources/resource-cache.ts';
import { McpLockFile } from '../trust/mcp-lock-file.ts';
import { followLock } from '../upstreams/follow-lock.ts';
import { openRegistry } from '../upstreams/open-registry.ts';
import type { Registry } from '../upstreams/registry.ts';
import { type ServerStatus, serverStatus } from '../upstreams/server-status.ts';
import { trustScreen } from '../upstreams/trust-screen.ts';
import { needCallOptions, needKnown, needOptions, needText } from './arguments.ts';
import { attempt } from './attempt.ts';
import { ConfigurationError, MCPOrchestratorError, NoMCPAvailableError, QueryGenerationError } from './errors.ts';
import type { LanguageModel } from './language-model.ts';
import { processQuery, type QueryAnswer } from './process-query.ts';
import { MCPRegistry } from './registry.ts';

export interface OrchestratorOptions {
  /** The gateway file; relative to the working directory. */
  readonly configPath?: string | undefined;
  /** For `${VAR}` and `GATEWAY__…`; the process's own environment when not given. */
  readonly variables?: Variables | undefined;
  /** A pino logger; without it, JSON lines to stderr as the file's `enable_logging` and `log_level` say. */
  readonly logger?: Logger | undefined;
  /** Where tool definitions are pinned, e.g. `mcp.lock`; without it nothing is pinned. */
  readonly lockPath?: string | undefined;
}

export interface QueryOptions {
  readonly maxSteps?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Public names (contract): `GET /mcp/status`. */
export interface OrchestratorStatus {
  readonly initialized: boolean;
  readonly servers: readonly ServerStatus[];
  readonly cache_stats: CacheStats | null;
}

interface Running extends Pick<Gathering, 'cache' | 'gatherer'> {
  readonly logger: Logger;
  readonly servers: Registry;
  readonly stopForgetting: () => void;
}

/**
 * `loadConfiguration` → `initialize` → use → `close`, or `await using`. Every failure is an
 * {@link MCPOrchestratorError}; only a caller's own abort is a `CancelledError`.
 */
export class MCPOrchestrator implements AsyncDisposable {
  /** Follows the connections while the orchestrator runs. */
  readonly registry = new MCPRegistry<UpstreamConfig>();
  readonly #options: OrchestratorOptions;
  #config: GatewayConfig | undefined;
  #starting: Promise<Running> | undefined;
  #running: Running | undefined;
  /** Of what was begun since the last {@link close}. */
  #end = new AbortController();

  /** @throws ConfigurationError for options that are none */
  constructor(options: OrchestratorOptions = {}) {
    needOptions(options);
    this.#options = options;
  }

  /** Reads the file, and connects to nothing. @throws ConfigurationError with every problem */
  async loadConfiguration(path?: string): Promise<GatewayConfig> {
    if (this.#starting !== undefined) throw new ConfigurationError('Feche o orquestrador antes de outra configuração.');
    if (path !== undefined) needText(path, 'path');
    return this.#load(path ?? this.#options.configPath);
  }

  /** Connects to every server; the file is loaded first when it was not. @throws ConfigurationError, MCPConnectionError; MCPOrchestratorError when closed meanwhile */
  async initialize(): Promise<void> {
    this.#starting ??= this.#start();
    try {
      this.#running = await this.#starting;
    } catch (thrown) {
      this.#starting = undefined;
      throw thrown;
    }
  }

  /** @throws ResourceFetchError under `fail_fast`, unless every resource was read */
  async gatherAllResources(options: GatherOptions = {}): Promise<Gathered> {
    const { gatherer } = this.#ready();
    needCallOptions(options);
    return attempt(() => gatherer.gatherAll(options));
  }

  /** @throws NoMCPAvailableError for a domain without servers; otherwise as {@link gatherAllResources} */
  async getResourcesForDomain(domain: string, options: GatherOptions = {}): Promise<Gathered> {
    const { gatherer } = this.#ready();
    if (typeof domain !== 'string') throw new NoMCPAvailableError('Diga o domínio.');
    needCallOptions(options);
    return attempt(() => gatherer.gatherDomains([domain], options), { domain });
  }

  /** @throws NoMCPAvailableError, ResourceFetchError, QueryGenerationError */
  async processQuery(query: string, llm: LanguageModel, options: QueryOptions = {}): Promise<QueryAnswer> {
    const { servers, gatherer, logger } = this.#ready();
    const onResolved = (resolution: Resolution): void => logConflicts(resolution, logger);
    const gather = (domains: readonly string[], signal: AbortSignal) => gatherer.gatherDomains(domains, { signal });
    needText(query, 'query');
    needCallOptions(options);
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    const { signal: end } = this.#end;
    const signals = options.signal === undefined ? [end] : [end, options.signal];
    for (const signal of signals) {
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
    }
    const parts = { ...options, signal: stop.signal, registry: servers, gather, onResolved };
    try {
      return await attempt(() => processQuery(query, llm, parts));
    } catch (thrown) {
      if (end.aborted && options.signal?.aborted !== true)
        throw new QueryGenerationError('O orquestrador foi fechado durante a pergunta.', {}, thrown);
      throw thrown;
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', abort);
    }
  }

  /**
   * What a name stands for: the resources that servers list, their `aliases`, and `known` by server id. Exact, then
   * alias, then similar; the better priority wins, and whom it won over stands in `conflicts` and in the log.
   *
   * @throws NoMCPAvailableError for a server in `known` that the file does not have; MCPOrchestratorError for what is no name
   */
  resolveEntity(name: string, known: KnownEntities = {}): Resolution {
    const { servers, logger } = this.#ready();
    needText(name, 'name');
    needKnown(known);
    const stranger = Object.keys(known).find((id) => !servers.servers.some((server) => server.id === id));
    if (stranger !== undefined) throw new NoMCPAvailableError(`Não há servidor "${stranger}".`, { server: stranger });
    const resolution = resolveEntity(name, entitySources(servers.servers, known));
    logConflicts(resolution, logger);
    return resolution;
  }

  getStatus(): OrchestratorStatus {
    const running = this.#running;
    const servers = running?.servers.servers ?? [];
    return {
      initialized: running !== undefined,
      servers: servers.map(serverStatus),
      cache_stats: running?.cache.stats() ?? null,
    };
  }

  /** Ends every question, connection and child process. Harmless when repeated. */
  async close(): Promise<void> {
    this.#end.abort();
    this.#end = new AbortController();
    const running = await this.#starting?.catch(() => undefined);
    this.#starting = undefined;
    this.#running = undefined;
    running?.stopForgetting();
    await running?.servers.close();
    for (const { server } of this.registry.entries) this.registry.markDisconnected(server.id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #load(path: string | undefined): Promise<GatewayConfig> {
    if (path === undefined) throw new ConfigurationError('Diga o arquivo: loadConfiguration(caminho) ou configPath.');
    const { variables = processVariables() } = this.#options;
    const absolute = resolve(path);
    const outcome = await attempt(async () => openGatewayFile({ path: absolute, variables }).load());
    if (outcome.kind === 'rejected') {
      throw new ConfigurationError(`A configuração tem problemas: ${outcome.problems.join('; ')}`, {
        path,
        problems: outcome.problems,
      });
    }
    this.#config = outcome.content;
    for (const { server } of this.registry.entries) this.registry.unregister(server.id);
    for (const server of outcome.content.servers) if (!server.disabled) this.registry.register(server);
    return outcome.content;
  }

  async #start(): Promise<Running> {
    const { signal: end } = this.#end;
    const config = this.#config ?? (await this.#load(this.#options.configPath));
    const { lockPath } = this.#options;
    const scrubber = scrubberFor(config);
    const scrub = (text: string): string => scrubber.scrub(text);
    const lock = lockPath === undefined ? undefined : new McpLockFile(resolve(lockPath), scrub);
    const logger = this.#options.logger ?? createLogger({ level: 'info', scrubber });
    const parts = {
      logger,
      baseEnvironment: childEnvironment(),
      clientInfo: { name: 'omie-mcp-hub', version: packageVersion() },
      // Nobody sits behind a library who could be asked.
      clientCapabilities: {},
      screen: trustScreen({ lock, scrub }),
    };
    const servers = await attempt(() => openRegistry(config, parts, { stop: end })).catch((thrown: unknown) => {
      throw end.aborted
        ? new MCPOrchestratorError('O orquestrador foi fechado durante initialize().', {}, thrown)
        : thrown;
    });
    const own = logger.child({}, { level: logLevelOf(config.orchestration, logger.level === 'silent') });
    const { cache, gatherer, stop } = openGathering(servers, config.orchestration);
    const stopFollowing = servers.onChange(() => this.#follow(servers));
    this.#follow(servers);
    const stopFollowingLock = lock === undefined ? undefined : followLock(lock, servers);
    const stopForgetting = (): void => {
      stop();
      stopFollowingLock?.();
      stopFollowing();
    };
    return { logger: own, servers, cache, gatherer, stopForgetting };
  }

  #follow({ servers }: Registry): void {
    for (const { id, state, problem, lastConnected } of servers) {
      if (this.registry.get(id) === undefined) continue;
      if (state === 'connected') this.registry.markConnected(id, lastConnected);
      else this.registry.markDisconnected(id, problem);
    }
  }

  #ready(): Running {
    if (this.#running !== undefined) return this.#running;
    throw new ConfigurationError('O orquestrador não está inicializado: chame initialize() antes.');
  }
}

/** Servers only: names and ids may be people's. */
function logConflicts(resolution: Resolution, logger: Logger): void {
  if (resolution.kind !== 'found' || resolution.conflicts.length === 0) return;
  const { match, conflicts } = resolution;
  const passedOver = conflicts.map(({ server }) => server);
  logger.warn(
    { server: match.server, reason: match.reason, passed_over: passedOver },
    'entity held by several servers',
  );
}

function scrubberFor(config: GatewayConfig): SecretScrubber {
  const scrubber = new SecretScrubber();
  registerSecrets(config, scrubber);
  return scrubber;
}
