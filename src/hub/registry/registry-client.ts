/** One version of one server in the official registry (OpenAPI of 2025-12-01). */
import { CancelledError } from '../../errors.ts';
import { RatePause } from '../discovery/rate-pause.ts';
import { HubError } from '../problem.ts';
import { createGuardedFetch, type GuardedFetch } from '../safety/guarded-fetch.ts';
import { type RegistryServer, readEntry } from './server-json.ts';

export interface RegistryClient {
  /** @param version undefined: the latest. @throws HubError; CancelledError when the caller leaves */
  read(name: string, version: string | undefined, signal: AbortSignal): Promise<RegistryServer>;
}

/** @param baseUrl ends with `/` */
export function openRegistryClient(
  baseUrl: string,
  now: () => Date,
): { readonly client: RegistryClient; close(): Promise<void> } {
  const fetch = createGuardedFetch({ trusted: baseUrl });
  return { client: registryClient(baseUrl, fetch, now), close: () => fetch.close() };
}

const MAX_BYTES = 1_048_576;
const LIMIT_WAIT_MS = 60_000;

function registryClient(baseUrl: string, fetch: GuardedFetch, now: () => Date): RegistryClient {
  const pause = new RatePause('O registro MCP', now);

  const ask = async (name: string, version: string, signal: AbortSignal): Promise<RegistryServer> => {
    pause.check('servers');
    const path = `v0.1/servers/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`;
    const response = await fetch(new URL(path, baseUrl), { signal, headers: { accept: 'application/json' } });
    if (response.status === 404) {
      await response.body?.cancel();
      throw new HubError('fonte_desconhecida', `O registro MCP não tem ${name}, versão ${version}.`, {
        hint: 'POST /api/discover acha nomes e versões.',
      });
    }
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
    const entry = text.length > MAX_BYTES ? undefined : readEntry(parse(text));
    // Who is asked for one server and tells of another is not believed.
    if (entry === undefined || entry.server.name !== name) throw unavailable('respondeu fora do formato esperado');
    if (version !== 'latest' && entry.server.version !== version) throw unavailable('respondeu com outra versão');
    return entry;
  };

  return {
    async read(name, version = 'latest', signal) {
      try {
        return await ask(name, version, signal);
      } catch (thrown) {
        if (signal.aborted) throw new CancelledError(undefined, { cause: thrown });
        throw thrown instanceof HubError ? thrown : unavailable('não pôde ser alcançado', thrown);
      }
    },
  };
}

function unavailable(how: string, cause?: unknown): HubError {
  return new HubError('fonte_indisponivel', `O registro MCP ${how}.`, {
    hint: 'Confira a rede e MCP_REGISTRY_URL, e repita.',
    cause,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
