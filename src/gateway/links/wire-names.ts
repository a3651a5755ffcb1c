/**
 * What the specification fixes by name, for the client's side of a conversation. A test holds these to the SDK's and
 * to the server's copy: the gateway may import neither (docs/architecture.md).
 */
export const LATEST_LEGACY_REVISION = '2025-11-25';
/** Revisions we can continue with when an upstream answers `initialize` with another than we offered. */
export const LEGACY_REVISIONS: readonly string[] = [
  LATEST_LEGACY_REVISION,
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
];
export const MODERN_REVISION = '2026-07-28';

export const PROTOCOL_VERSION_META_KEY = 'io.modelcontextprotocol/protocolVersion';
export const CLIENT_INFO_META_KEY = 'io.modelcontextprotocol/clientInfo';
export const CLIENT_CAPABILITIES_META_KEY = 'io.modelcontextprotocol/clientCapabilities';
export const SERVER_INFO_META_KEY = 'io.modelcontextprotocol/serverInfo';
export const SUBSCRIPTION_ID_META_KEY = 'io.modelcontextprotocol/subscriptionId';

/** The request of 2026-07-28 whose answer is the stream of changes. */
export const LISTEN = 'subscriptions/listen';

export const METHOD_NOT_FOUND = -32601;
export const INTERNAL_ERROR = -32603;
export const UNSUPPORTED_PROTOCOL_VERSION = -32022;
/** JSON-RPC leaves −32000…−32099 to implementations: an HTTP status without a JSON-RPC body. */
export const HTTP_REFUSAL = -32000;
