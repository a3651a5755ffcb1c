/** GitHub's REST API (version 2022-11-28) as far as finding servers needs it. */
import { Response } from 'undici';
import { z } from 'zod';
import { CancelledError } from '../../errors.ts';
import { isDeeperThan } from '../../json-depth.ts';
import type { Secret } from '../../logging/secret.ts';
import { readUpTo } from '../../read-up-to.ts';
import { HubError } from '../problem.ts';
import type { GuardedFetch } from '../safety/guarded-fetch.ts';
import { RatePause } from './rate-pause.ts';

export interface GitHubSettings {
  /** Ends with `/`. */
  readonly baseUrl: string;
  readonly token?: Secret | undefined;
  readonly fetch: GuardedFetch;
  readonly now: () => Date;
}

/** Requests of one kind share a limit of their own: `search`, or everything else. */
type Resource = 'search' | 'core';

export interface LimitAnswer {
  readonly status: number;
  /** What it said, as far as it was read. */
  readonly message: string;
  /** Lower case. */
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

export interface GitHubClient {
  readonly hasToken: boolean;
  /** For what is asked of GitHub in another way. @throws HubError while it is to be left alone */
  checkLimit(resource: Resource): void;
  /** @returns the problem to tell where an answer says to wait: from now on everybody does */
  limitIn(resource: Resource, answer: LimitAnswer): HubError | undefined;
  /** @throws HubError; CancelledError when the caller leaves */
  get(
    resource: Resource,
    route: string,
    parameters: Readonly<Record<string, string | number>>,
    options: { readonly signal: AbortSignal; readonly raw?: boolean },
  ): Promise<unknown>;
}

const failure = z.looseObject({
  status: z.number(),
  message: z.string().catch(''),
  response: z
    .looseObject({ headers: z.record(z.string(), z.union([z.string(), z.number(), z.undefined()])) })
    .optional(),
});

/** Some times the longest listing of a folder, or a page of a search. */
const MAX_ANSWER_BYTES = 5 * 1_048_576;

/** Many times what GitHub nests. Reading what is nested without end stands in everybody's way. */
const MAX_LEVELS = 64;

/** "Otherwise, wait for at least one minute before retrying" (Rate limits for the REST API). */
const SECONDARY_WAIT_MS = 60_000;

export function createGitHubClient({ baseUrl, token, fetch, now }: GitHubSettings): GitHubClient {
  const pause = new RatePause('O GitHub', now);
  const checkLimit = (resource: Resource): void => {
    pause.check('all');
    pause.check(resource);
  };
  const limitIn = (resource: Resource, answer: LimitAnswer): HubError | undefined => {
    const until = pauseOf(answer, now().getTime());
    return until === undefined ? undefined : pause.begin(until.all ? 'all' : resource, until.untilMs);
  };
  return {
    hasToken: token !== undefined,
    checkLimit,
    limitIn,
    async get(resource, route, parameters, { signal, raw = false }) {
      checkLimit(resource);
      const { request } = await import('@octokit/request').catch((cause: unknown) => {
        throw new HubError('nao_configurado', 'Falta o pacote @octokit/request.', {
          hint: 'Instale-o ao lado do hub: npm install @octokit/request@10, ou use sources: ["registry"].',
          cause,
        });
      });
      try {
        const { data } = await request(`GET ${route}`, {
          ...parameters,
          baseUrl: baseUrl.replace(/\/+$/, ''),
          headers: {
            accept: raw ? 'application/vnd.github.raw+json' : 'application/vnd.github+json',
            'x-github-api-version': '2022-11-28',
            'user-agent': 'omie-mcp-hub',
            ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
          },
          request: { fetch: bounded(fetch), signal, log: silent },
        });
        return data;
      } catch (thrown) {
        if (signal.aborted) throw new CancelledError(undefined, { cause: thrown });
        throw problemOf(thrown, (answer) => limitIn(resource, answer));
      }
    },
  };
}

/** The library reads what it is given to its end. */
function bounded(fetch: GuardedFetch): (...asked: Parameters<GuardedFetch>) => Promise<Response> {
  return async (...asked) => {
    const { status, headers, body } = await fetch(...asked);
    const bytes = await readUpTo(body, MAX_ANSWER_BYTES);
    if (bytes === undefined) {
      throw new HubError('fonte_indisponivel', `O GitHub respondeu mais do que ${MAX_ANSWER_BYTES / 1_048_576} MB.`, {
        hint: 'Confira GITHUB_API_URL; de um repositório, diga uma pasta menor em github_url.',
      });
    }
    // What the library would parse.
    const json = /^\s*application\/(?:scim\+)?json\b/i.test(headers.get('content-type') ?? '');
    if (json && isDeeperThan(bytes.toString('utf8'), MAX_LEVELS)) throw outOfFormat();
    return new Response(bytes.length === 0 ? null : bytes, { status, headers });
  };
}

export const outOfFormat = (cause?: unknown): HubError =>
  new HubError('fonte_indisponivel', 'O GitHub respondeu fora do formato esperado.', {
    hint: 'Confira GITHUB_API_URL, e repita.',
    cause,
  });

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function problemOf(thrown: unknown, limitIn: (answer: LimitAnswer) => HubError | undefined): HubError {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof HubError) return error;
  }
  const parsed = failure.safeParse(thrown instanceof Error ? { ...thrown, message: thrown.message } : undefined);
  const status = parsed.data?.response === undefined ? 0 : (parsed.data?.status ?? 0);
  const { message = '', response } = parsed.data ?? {};
  const limited = limitIn({ status, message, headers: response?.headers ?? {} });
  if (limited !== undefined) return limited;
  if (status === 401) {
    return new HubError('nao_configurado', 'O GitHub não aceitou o token.', {
      hint: 'Confira GITHUB_TOKEN, ou retire-o: buscas públicas não precisam dele.',
      cause: thrown,
    });
  }
  if (status === 404)
    return new HubError('fonte_desconhecida', 'O GitHub não tem o que foi pedido.', { cause: thrown });
  if (status === 422) {
    return new HubError('pedido_recusado', 'O GitHub não entendeu a busca.', {
      hint: 'Use poucas palavras simples.',
      cause: thrown,
    });
  }
  const how = status === 0 ? 'não pôde ser alcançado' : `respondeu ${status}`;
  return new HubError('fonte_indisponivel', `O GitHub ${how}.`, {
    hint: 'Confira a rede e GITHUB_API_URL, e repita.',
    cause: thrown,
  });
}

/** Primary and secondary limits, in the order in which GitHub asks to read them. */
function pauseOf(
  { status, message, headers }: LimitAnswer,
  nowMs: number,
): { untilMs: number; all: boolean } | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const secondary = /secondary rate limit|abuse detection/i.test(message);
  const wait = Number(headers['retry-after']);
  if (wait > 0) return { untilMs: nowMs + wait * 1_000, all: secondary };
  const reset = Number(headers['x-ratelimit-reset']);
  if (Number(headers['x-ratelimit-remaining'] ?? Number.NaN) === 0 && reset > 0) {
    return { untilMs: reset * 1_000, all: secondary };
  }
  return secondary || status === 429 ? { untilMs: nowMs + SECONDARY_WAIT_MS, all: true } : undefined;
}
