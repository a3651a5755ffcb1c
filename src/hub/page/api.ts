/** The hub's API with the administrator's token. Page and API are of one package: an answer is what the route's schema says. */
import type { Simulation } from '../api/routes/deploy.ts';
import type { DiscoverResult } from '../api/routes/discover.ts';
import type { ServerTool } from '../api/routes/server-tools.ts';
import type { Overview } from '../live/overview.ts';
import type { Problem } from '../problem.ts';
import type { ServerView } from '../servers/server-record.ts';
import { callBody, readToolAnswer, type ToolAnswer, type ToolCall } from './tool-call.ts';

/** A refusal of the API, or none of its answers at all (status 0). */
export class ApiProblem extends Error {
  readonly problem: Problem;
  /** The token is not, or no longer, the administrator's: nothing will be answered to it. */
  readonly refusesToken: boolean;

  constructor(problem: Problem, refusesToken = false) {
    super(problem.detail);
    this.problem = problem;
    this.refusesToken = refusesToken;
  }
}

const away = (detail: string, status = 0): Problem => ({
  type: 'about:blank',
  title: 'Sem resposta',
  status,
  code: 'sem_resposta',
  detail,
  hint: 'Confira a rede e se o programa está em execução, e tente de novo.',
});

export class Api {
  /** In memory alone: it is gone with the page. */
  readonly #token: string;
  readonly #onRefused: () => void;

  constructor(token: string, onRefused: () => void) {
    this.#token = token;
    this.#onRefused = onRefused;
  }

  overview = (): Promise<Overview> => this.#json('GET', '/api/overview');
  discover = (request: object): Promise<DiscoverResult> => this.#json('POST', '/api/discover', request);
  plan = (request: object): Promise<Simulation> => this.#json('POST', '/api/deploy?dry_run=true', request);
  deploy = (request: object): Promise<ServerView> => this.#json('POST', '/api/deploy', request);
  start = (id: string): Promise<ServerView> => this.#json('POST', `${at(id)}/start`);
  stop = (id: string): Promise<ServerView> => this.#json('POST', `${at(id)}/stop`);
  tools = (id: string): Promise<{ tools: ServerTool[] }> => this.#json('GET', `${at(id)}/tools`);
  invoke = async (call: ToolCall): Promise<ToolAnswer> => {
    const response = await this.#send('POST', '/api/invoke', callBody(call));
    return readToolAnswer(await response.text());
  };
  remove = async (id: string): Promise<void> => void (await this.#send('DELETE', at(id)));
  /** @returns the body of an event stream */
  events = (signal: AbortSignal): Promise<ReadableStream<Uint8Array>> => this.#stream('/api/events', signal);
  lines = (id: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> =>
    this.#stream(`${at(id)}/logs?limit=200`, signal);

  async #json<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.#send(method, path, body === undefined ? undefined : JSON.stringify(body));
    return response.json();
  }

  async #stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#send('GET', path, undefined, { accept: 'text/event-stream', signal });
    if (body === null) throw new ApiProblem(away('O hub não abriu a transmissão.'));
    return body;
  }

  /** @throws ApiProblem */
  async #send(
    method: string,
    path: string,
    body?: string,
    { accept = 'application/json', signal }: { accept?: string; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}`, accept, 'content-type': 'application/json' };
    const response = await fetch(path, {
      method,
      headers,
      cache: 'no-store',
      redirect: 'error',
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    }).catch(() => {
      throw new ApiProblem(away('O hub não respondeu.'));
    });
    if (response.ok) return response;
    const problem: Problem = await response
      .json()
      .catch(() => away(`O hub respondeu com o estado ${response.status}.`, response.status));
    // A tool, a host or a proxy may refuse as well: only who asks for another token says how.
    const refusesToken = response.status === 401 || response.headers.has('www-authenticate');
    if (refusesToken) this.#onRefused();
    throw new ApiProblem(problem, refusesToken);
  }
}

const at = (id: string): string => `/api/servers/${encodeURIComponent(id)}`;
