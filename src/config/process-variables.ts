import type { Variables } from './load-config.ts';

/** The environment of this process, for programs that use a part of the house as a library. */
export const processVariables = (): Variables => process.env;
