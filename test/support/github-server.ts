/**
 * GitHub's REST API, version **2022-11-28**, as docs.github.com describes it: repository search (`/search/repositories`:
 * 30 a page and at most 100, `Link`, the first 1000 alone), repository contents (listing, file, raw media type, 301 for a
 * renamed repository), primary limits (search 10 a minute, the rest 60 an hour; 30 and 5000 with a token) and secondary
 * ones, with the headers of each, and errors as JSON with `documentation_url`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeRepository {
  readonly fullName: string;
  readonly description?: string;
  readonly stars?: number;
  readonly pushedAt?: string;
  readonly archived?: boolean;
  readonly topics?: readonly string[];
  /** At the root, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

const DOCS = 'https://docs.github.com/rest';
const LIMITS = {
  search: { anonymous: 10, token: 30, windowMs: 60_000 },
  core: { anonymous: 60, token: 5_000, windowMs: 3_600_000 },
} as const;

export class GitHubServer {
  readonly token = 'github_pat_teste';
  repositories: FakeRepository[];
  /** Of each request, `method path?query`. */
  readonly requests: string[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  /** The next requests are answered so. */
  readonly failures: ('secondary' | 'secondary-with-wait' | 'down' | 'elsewhere')[] = [];
  elsewhere = 'http://169.254.169.254/latest/meta-data';
  readonly #now: () => Date;
  readonly #used = new Map<string, { count: number; resetMs: number }>();
  readonly #server = createServer((req, res) => this.#serve(req, res));

  private constructor(repositories: FakeRepository[], now: () => Date) {
    this.repositories = repositories;
    this.#now = now;
  }

  static async start(repositories: FakeRepository[], now: () => Date): Promise<GitHubServer> {
    const github = new GitHubServer(repositories, now);
    await new Promise<void>((resolve) => github.#server.listen(0, '127.0.0.1', resolve));
    return github;
  }

  /** Ends with `/`, like the setting. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Leaves so many requests of this kind until the limit. */
  leave(resource: 'search' | 'core', remaining: number): void {
    const { anonymous, windowMs } = LIMITS[resource];
    this.#used.set(resource, { count: anonymous - remaining, resetMs: this.#now().getTime() + windowMs });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(req: IncomingMessage, res: ServerResponse): void {
    const url = new URL(req.url ?? '/', this.url);
    this.requests.push(`${req.method} ${decodeURIComponent(url.pathname)}${url.search}`);
    this.headers.push(req.headers);
    const { status, body, headers = {} } = this.#answer(url, req);
    const raw = typeof body === 'string';
    const type = raw ? 'application/vnd.github.raw+json; charset=utf-8' : 'application/json; charset=utf-8';
    res.writeHead(status, { 'content-type': type, 'x-github-api-version-selected': '2022-11-28', ...headers });
    res.end(raw ? body : JSON.stringify(body));
  }

  #answer(url: URL, { headers }: IncomingMessage): Answer {
    if (headers['user-agent'] === undefined) {
      return failure(
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
      );
    }
    const { authorization } = headers;
    if (authorization !== undefined && authorization !== `Bearer ${this.token}`) return failure(401, 'Bad credentials');
    const failed = this.failures.shift();
    if (failed === 'down') return { status: 503, body: { message: 'Service unavailable' } };
    if (failed === 'elsewhere') return { status: 302, body: {}, headers: { location: this.elsewhere } };
    if (failed !== undefined) {
      const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
      return { ...failure(403, message), headers: failed === 'secondary' ? {} : { 'retry-after': '90' } };
    }
    const search = url.pathname === '/search/repositories';
    const limit = this.#limit(search ? 'search' : 'core', authorization !== undefined);
    if (limit.exceeded) {
      return {
        ...failure(
          403,
          "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher rate limit.)",
        ),
        headers: limit.headers,
      };
    }
    const answer = search ? this.#search(url) : this.#contents(url, headers.accept ?? '');
    return { ...answer, headers: { ...answer.headers, ...limit.headers } };
  }

  #limit(resource: 'search' | 'core', known: boolean): { exceeded: boolean; headers: Record<string, string> } {
    const { anonymous, token, windowMs } = LIMITS[resource];
    const nowMs = this.#now().getTime();
    const before = this.#used.get(resource);
    const window = before === undefined || before.resetMs <= nowMs ? { count: 0, resetMs: nowMs + windowMs } : before;
    const limit = known ? token : anonymous;
    const exceeded = window.count >= limit;
    const count = exceeded ? window.count : window.count + 1;
    this.#used.set(resource, { ...window, count });
    return {
      exceeded,
      headers: {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(limit - count),
        'x-ratelimit-used': String(count),
        'x-ratelimit-reset': String(Math.ceil(window.resetMs / 1_000)),
        'x-ratelimit-resource': resource,
      },
    };
  }

  #search(url: URL): Answer {
    const q = url.searchParams.get('q') ?? '';
    const perPage = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
    const page = Number(url.searchParams.get('page') ?? 1);
    const words = q
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '' && !word.startsWith('in:'));
    if (words.length === 0)
      return {
        ...failure(422, 'Validation Failed'),
        body: {
          message: 'Validation Failed',
          errors: [{ resource: 'Search', field: 'q', code: 'missing' }],
          documentation_url: `${DOCS}/search/search#search-repositories`,
        },
      };
    if ((page - 1) * perPage >= 1_000) return failure(422, 'Only the first 1000 search results are available');
    const found = this.repositories.filter(({ fullName, description = '', topics = [] }) => {
      const text = `${fullName.slice(fullName.indexOf('/') + 1)} ${description} ${topics.join(' ')}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const items = found.slice((page - 1) * perPage, page * perPage).map((one) => this.#item(one));
    const last = Math.ceil(Math.min(1_000, found.length) / perPage);
    const at = (number: number, rel: string): string => {
      const other = new URL(url);
      other.searchParams.set('page', String(number));
      return `<${other.href}>; rel="${rel}"`;
    };
    const link = page < last ? { link: [at(page + 1, 'next'), at(last, 'last')].join(', ') } : undefined;
    return {
      status: 200,
      body: { total_count: found.length, incomplete_results: false, items },
      ...(link && { headers: link }),
    };
  }

  #item(one: FakeRepository) {
    const {
      fullName,
      description = null,
      stars = 0,
      pushedAt = '2026-11-01T00:00:00Z',
      archived = false,
      topics = [],
    } = one;
    const [owner, name] = fullName.split('/');
    return {
      id: this.repositories.indexOf(one) + 1,
      name,
      full_name: fullName,
      private: false,
      owner: { login: owner, type: 'User' },
      html_url: `https://github.com/${fullName}`,
      description,
      fork: false,
      stargazers_count: stars,
      pushed_at: pushedAt,
      updated_at: pushedAt,
      archived,
      topics,
      default_branch: 'main',
      score: 1,
    };
  }

  #contents(url: URL, accept: string): Answer {
    const [, owner, repo, path = ''] =
      /^\/repos\/([^/]+)\/([^/]+)\/contents\/?(.*)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const known = this.repositories.find(({ fullName }) => fullName.toLowerCase() === `${owner}/${repo}`.toLowerCase());
    const files = known?.files ?? {};
    if (known === undefined || Object.keys(files).length === 0) return failure(404, 'Not Found');
    if (path === '') {
      const list = Object.entries(files).map(([name, text]) => ({
        name,
        path: name,
        size: text.length,
        type: name.endsWith('/') ? 'dir' : 'file',
      }));
      return { status: 200, body: list };
    }
    const text = files[path];
    if (text === undefined) return failure(404, 'Not Found');
    if (accept.includes('raw')) return { status: 200, body: text };
    const content = Buffer.from(text).toString('base64');
    return { status: 200, body: { type: 'file', encoding: 'base64', size: text.length, name: path, path, content } };
  }
}

function failure(status: number, message: string): Answer {
  return { status, body: { message, documentation_url: DOCS, status: String(status) } };
}
