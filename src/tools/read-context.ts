import type { CallContext } from './tool-source.ts';

/** What a call brings along to stop it and to report on it. */
export type ReadContext = Pick<CallContext, 'signal' | 'progress'>;
