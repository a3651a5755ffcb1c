/** A domain holds no `_`, so that the first `__` of a mounted name ends it, and no `+`, which ends it in a mounted URI. */
export const DOMAIN = /^[a-z][a-z0-9-]{0,15}$/;

/** The domain of the built-in tools, which are never prefixed. */
export const OMIE_DOMAIN = 'omie';
