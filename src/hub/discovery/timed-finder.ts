import { timeLimit } from '../../time-limit.ts';
import { HubError } from '../problem.ts';
import type { Finder } from './finder.ts';

const NAMES = { github: 'O GitHub', registry: 'O registro MCP' } as const;

/** Ends what takes longer in all: who says a little now and then is never silent. @param limitMs for all of its requests together */
export function timedFinder(finder: Finder, limitMs: number): Finder {
  return {
    origin: finder.origin,
    async find(query, limit, signal) {
      const time = timeLimit(signal, limitMs);
      try {
        return await finder.find(query, limit, time.signal);
      } catch (thrown) {
        if (signal.aborted || !time.signal.aborted) throw thrown;
        const message = `${NAMES[finder.origin]} não respondeu tudo em ${limitMs / 1_000} segundos.`;
        throw new HubError('fonte_indisponivel', message, { hint: 'Tente de novo em instantes.', cause: thrown });
      } finally {
        time.end();
      }
    },
  };
}
