/** `omie-mcp-hub/gateway`: many MCP servers as one, for programs. */
export { CancelledError } from '../../errors.ts';
export type { GatewayConfig, Orchestration, UpstreamAuth, UpstreamConfig } from '../config/gateway-config.ts';
export type { Entity, EntityMatch, MatchReason, Resolution } from '../entities/resolve-entity.ts';
export type { KnownEntities } from '../entities/server-entities.ts';
export type { Gathered, GatheredResource, GatheredServer, GatherOptions } from '../resources/gather.ts';
export type { GatherFailure } from '../resources/gather-failures.ts';
export { type CacheStats, ResourceCache, type ResourceCacheOptions } from '../resources/resource-cache.ts';
export {
  ConfigurationError,
  MCPConnectionError,
  MCPOrchestratorError,
  NoMCPAvailableError,
  QueryGenerationError,
  ResourceFetchError,
} from './errors.ts';
export type {
  LanguageModel,
  ModelCall,
  ModelCallResult,
  ModelMessage,
  ModelReply,
  ModelRequest,
  ModelTool,
} from './language-model.ts';
export {
  MCPOrchestrator,
  type OrchestratorOptions,
  type OrchestratorStatus,
  type QueryOptions,
} from './orchestrator.ts';
export type { QueryAnswer, QueryStep } from './process-query.ts';
export { MCPRegistry, type RegisteredServer, type RegistryEntry } from './registry.ts';
