/**
 * What the specification fixes by name. Our own, because the SDK's copy comes with all of its schemas, and neither the
 * handshake nor a plain call needs those; a test holds both copies together.
 */

/** Revisions with `initialize`, newest first. */
export const LEGACY_REVISIONS: readonly string[] = [
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
];
/** The revision without sessions. */
export const MODERN_REVISION = '2026-07-28';

/** Keys of `_meta` in 2026-07-28 ("Per-Request Metadata", "Results", "Subscriptions"). */
export const PROTOCOL_VERSION_META_KEY = 'io.modelcontextprotocol/protocolVersion';
export const CLIENT_INFO_META_KEY = 'io.modelcontextprotocol/clientInfo';
export const CLIENT_CAPABILITIES_META_KEY = 'io.modelcontextprotocol/clientCapabilities';
export const LOG_LEVEL_META_KEY = 'io.modelcontextprotocol/logLevel';
export const SERVER_INFO_META_KEY = 'io.modelcontextprotocol/serverInfo';
export const SUBSCRIPTION_ID_META_KEY = 'io.modelcontextprotocol/subscriptionId';
