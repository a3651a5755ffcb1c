/** The official MCP registry (OpenAPI of 2025-12-01): pages of its list, and one version of one server. */
import { z } from 'zod';
import { CancelledError } from '../../errors.ts';
import { isDeeperThan } from '../../json-depth.ts';
import { readUpTo } from '../../read-up-to.ts';
import { RatePause } from '../discovery/rate-pause.ts';
import { HubError } from '../problem.ts';
import { createGuardedFetch, type GuardedFetch } from '../safety/guarded-fetch.ts';
import { type RegistryServer, readEntry } from './server-json.ts';

/** Whoever asks the registry shares what it says of its limits. */
export interface RegistryClient {
  /** `GET /v0.1/servers`: active servers, latest versions. @throws HubError; CancelledError when the caller leaves */
  list(search: string, cursor: string | undefined, signal: AbortSignal): Promise<RegistryPage>;
  /** @param version undefined: the latest. @throws HubError; CancelledError when the caller leaves */
  read(name: string, version: string | undefined, signal: AbortSignal): Promise<RegistryServer>;
}

export interface RegistryPage {
  readonly entries: readonly RegistryServer[];
  /** How many there were, with those that are no entries and those beyond the 100 that were asked for. */
  readonly given: number;
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

/** @param baseUrl ends with `/` */
export function openRegistryClient(
  baseUrl: string,
  now: () => Date,
): { readonly client: RegistryClient; close(): Promise<void> } {
  const fetch = createGuardedFetch({ trusted: baseUrl });
  return { client: registryClient(baseUrl, fetch, now), close: () => fetch.close() };
}

const pageSchema = z.looseObject({
  servers: z.array(z.unknown()).nullable(),
  metadata: z.looseObject({ nextCursor: z.string().nullish() }).optional(),
});

/** The most that it gives at once. */
export const PAGE = 100;
const MAX_ENTRY_BYTES = 1_048_576;
const MAX_PAGE_BYTES = 8 * 1_048_576;
const LIMIT_WAIT_MS = 60_000;

function registryClient(baseUrl: string, fetch: GuardedFetch, now: () => Date): RegistryClient {
  const pause = new RatePause('O registro MCP', now);

  /** @returns what it answered; undefined for what is not there */
  const ask = async (url: URL, maxBytes: number, signal: AbortSignal): Promise<unknown> => {
    pause.check('servers');
    const response = await fetch(url, { signal, headers: { accept: 'application/json' } });
    if (response.ok) {
      const bytes = await readUpTo(response.body, maxBytes);
      if (bytes === undefined) throw unavailable(`respondeu mais do que ${maxBytes / 1_048_576} MB`);
      return parse(bytes.toString('utf8'));
    }
    await response.body?.cancel();
    if (response.status === 404) return undefined;
    if (response.status === 429) {
      const wait = Number(response.headers.get('retry-after'));
      throw pause.begin('servers', now().getTime() + (wait > 0 ? wait * 1_000 : LIMIT_WAIT_MS));
    }
    throw unavailable(`respondeu ${response.status}`);
  };

  const inOurWords = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (thrown) {
      if (signal.aborted) throw new CancelledError(undefined, { cause: thrown });
      throw thrown instanceof HubError ? thrown : unavailable('não pôde ser alcançado', thrown);
    }
  };

  return {
    list: (search, cursor, signal) =>
      inOurWords(signal, async () => {
        const url = new URL('v0.1/servers', baseUrl);
        url.searchParams.set('search', search);
        url.searchParams.set('version', 'latest');
        url.searchParams.set('limit', String(PAGE));
        if (cursor !== undefined) url.searchParams.set('cursor', cursor);
        const page = pageSchema.safeParse(await ask(url, MAX_PAGE_BYTES, signal)).data;
        if (page === undefined) throw unavailable('respondeu fora do formato esperado');
        const next = page.metadata?.nextCursor ?? '';
        const given = page.servers ?? [];
        const entries = given.slice(0, PAGE).flatMap((one) => readEntry(one) ?? []);
        if (cursor === undefined && entries.length === 0 && given.length > 0)
          throw unavailable('respondeu fora do formato esperado');
        return { entries, given: given.length, next: next === '' ? undefined : next };
      }),
    read: (name, version = 'latest', signal) =>
      inOurWords(signal, async () => {
        const path = `v0.1/servers/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`;
        const answer = await ask(new URL(path, baseUrl), MAX_ENTRY_BYTES, signal);
        if (answer === undefined) {
          throw new HubError('fonte_desconhecida', `O registro MCP não tem ${name}, versão ${version}.`, {
            hint: 'POST /api/discover acha nomes e versões.',
          });
        }
        const entry = readEntry(answer);
        // Who is asked for one server and tells of another is not believed.
        if (entry === undefined || entry.server.name !== name) throw unavailable('respondeu fora do formato esperado');
        if (version !== 'latest' && entry.server.version !== version) throw unavailable('respondeu com outra versão');
        return entry;
      }),
  };
}

function unavailable(how: string, cause?: unknown): HubError {
  return new HubError('fonte_indisponivel', `O registro MCP ${how}.`, {
    hint: 'Confira a rede e MCP_REGISTRY_URL, e repita.',
    cause,
  });
}

/** Many times what an entry nests. Reading what is nested without end stands in everybody's way. */
const MAX_LEVELS = 64;

/** `null` for what is no JSON, or too deep to be read. */
function parse(text: string): unknown {
  try {
    return isDeeperThan(text, MAX_LEVELS) ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
