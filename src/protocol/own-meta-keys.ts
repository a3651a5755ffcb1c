/** Keys of `_meta` that are this product's own (contract). */
export const OWN_META_PREFIX = 'omie-mcp-hub/';

/** Says in a result which mounted server answered. */
export const SERVED_BY_META_KEY = 'omie-mcp-hub/served-by';
/** Where a client of 2026-07-28 may carry its domain handle in a request. */
export const DOMAIN_HANDLE_META_KEY = 'omie-mcp-hub/domain-handle';
