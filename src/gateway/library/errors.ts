/** How the library fails. Every error carries what is known of the matter in `context`; never a credential. */
export type ErrorContext = Readonly<Record<string, unknown>>;

export class MCPOrchestratorError extends Error {
  readonly context: ErrorContext;

  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.context = context;
  }
}

/** A server that must be there cannot be reached. `context`: `hint`. */
export class MCPConnectionError extends MCPOrchestratorError {}

/** Resources could not be gathered completely. `context`: `failures` as `{server, uri?, reason}`. */
export class ResourceFetchError extends MCPOrchestratorError {}

/** No server is there that could answer. `context`: `domain` or `servers`. */
export class NoMCPAvailableError extends MCPOrchestratorError {}

/** The configuration is bad, or the orchestrator was used before it was ready. `context`: `problems`. */
export class ConfigurationError extends MCPOrchestratorError {}

/** The model failed, or found no answer within its steps. `context`: `steps`. */
export class QueryGenerationError extends MCPOrchestratorError {}
