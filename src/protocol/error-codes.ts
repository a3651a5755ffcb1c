/** Codes from the JSON-RPC specification §5.1 and MCP 2026-07-28 "Error codes". */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
/**
 * JSON-RPC leaves −32000…−32099 to implementations: what the SDK answers when a request cannot be served as it was sent
 * over HTTP, and what we take an HTTP status without a JSON-RPC body for.
 */
export const BAD_REQUEST = -32000;
export const SESSION_NOT_FOUND = -32001;
export const HEADER_MISMATCH = -32020;
export const UNSUPPORTED_PROTOCOL_VERSION = -32022;
/** Up to 2025-11-25; 2026-07-28 says -32602. */
export const RESOURCE_NOT_FOUND = -32002;
/** A client feature that the request did not declare is needed (2026-07-28). */
export const MISSING_CAPABILITY = -32021;
/** 2025-11-25: pages must be opened first, `data.elicitations` says which. */
export const URL_ELICITATION_REQUIRED = -32042;
