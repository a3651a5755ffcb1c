import { z } from 'zod';
import { CancelledError } from '../../errors.ts';
import { HubError } from '../problem.ts';
import type { AskNpmRegistries } from '../runners/npm-registries.ts';
import type { GuardedFetch } from '../safety/guarded-fetch.ts';
import type { Candidate, Finder } from './finder.ts';
import { wordsOf } from './plain-text.ts';
import { RatePause } from './rate-pause.ts';
import { candidateOfEntry } from './registry-entry.ts';

export interface RegistrySettings {
  /** Ends with `/`. */
  readonly baseUrl: string;
  readonly fetch: GuardedFetch;
  readonly npmRegistries: AskNpmRegistries;
  readonly now: () => Date;
}

const answerSchema = z.looseObject({
  servers: z.array(z.unknown()).nullable(),
  metadata: z.looseObject({ nextCursor: z.string().nullish() }).optional(),
});

const PAGE = 100;
/** For each word; a registry that pages on for ever is left. */
const MAX_PAGES = 3;
/** The registry's search is one piece of the name: each word is asked for on its own. */
const MAX_WORDS = 3;
const MAX_BYTES = 8 * 1_048_576;
const LIMIT_WAIT_MS = 60_000;

/** The official registry's `GET /v0.1/servers` (OpenAPI of 2025-12-01): active servers, latest versions. */
export function registryFinder({ baseUrl, fetch, npmRegistries, now }: RegistrySettings): Finder {
  const pause = new RatePause('O registro MCP', now);

  const page = async (search: string, cursor: string | undefined, signal: AbortSignal) => {
    pause.check('servers');
    const url = new URL('v0.1/servers', baseUrl);
    url.searchParams.set('search', search);
    url.searchParams.set('version', 'latest');
    url.searchParams.set('limit', String(PAGE));
    if (cursor !== undefined) url.searchParams.set('cursor', cursor);
    const response = await fetch(url, { signal, headers: { accept: 'application/json' } });
    if (response.status === 429) {
      await response.body?.cancel();
      const wait = Number(response.headers.get('retry-after'));
      throw pause.begin('servers', now().getTime() + (wait > 0 ? wait * 1_000 : LIMIT_WAIT_MS));
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw unavailable(`respondeu ${response.status}`);
    }
    const text = await response.text();
    const parsed = text.length > MAX_BYTES ? undefined : answerSchema.safeParse(JSON.parse(text)).data;
    if (parsed === undefined) throw unavailable('respondeu fora do formato esperado');
    return parsed;
  };

  const search = async (word: string, signal: AbortSignal, notes: string[]): Promise<Candidate[]> => {
    const found: Candidate[] = [];
    const { own, standard } = await npmRegistries(signal);
    const cursors = new Set<string>();
    for (let count = 0, cursor: string | undefined; ; count += 1) {
      if (count === MAX_PAGES) {
        notes.push(
          `O registro tem mais de ${found.length} servidores com "${word}" no nome; use uma palavra mais precisa.`,
        );
        return found;
      }
      const { servers, metadata } = await page(word, cursor, signal);
      for (const entry of servers ?? []) {
        const candidate = candidateOfEntry(entry, [own, standard]);
        if (candidate !== undefined) found.push(candidate);
      }
      const next = metadata?.nextCursor ?? '';
      if (next === '' || cursors.has(next)) return found;
      cursors.add(next);
      cursor = next;
    }
  };

  return {
    origin: 'registry',
    async find(query, _limit, signal) {
      const notes: string[] = [];
      const found = new Map<string, Candidate>();
      try {
        for (const word of searched(query)) {
          for (const candidate of await search(word, signal, notes)) found.set(candidate.name, candidate);
        }
      } catch (thrown) {
        if (signal.aborted) throw new CancelledError(undefined, { cause: thrown });
        throw thrown instanceof HubError ? thrown : unavailable('não pôde ser alcançado', thrown);
      }
      return { candidates: [...found.values()], ageMs: 0, notes };
    },
  };
}

/** Words that every server has in its name find nothing in particular. */
function searched(query: string): readonly string[] {
  const words = wordsOf(query);
  const telling = words.filter((word) => word !== 'mcp' && word !== 'server');
  return (telling.length > 0 ? telling : words).slice(0, MAX_WORDS);
}

function unavailable(how: string, cause?: unknown): HubError {
  return new HubError('fonte_indisponivel', `O registro MCP ${how}.`, {
    hint: 'Confira a rede e MCP_REGISTRY_URL, e repita.',
    cause,
  });
}
