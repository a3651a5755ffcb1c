/**
 * GitHub's REST API, version **2022-11-28**, as docs.github.com describes it: repository search (`/search/repositories`:
 * 30 a page and at most 100, `Link`, the first 1000 alone), repository contents (listing, file, raw media type, 301 for a
 * renamed repository), the commit of a ref (422 for one that is none), the archive of a commit (302 to a tar.gz elsewhere), primary limits (search 10 a minute, the rest 60 an hour; 30 and 5000 with a token) and secondary
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
  /** By path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Of its default branch, of the branch `v1` and of itself. */
  readonly commit?: string;
  /** The tar.gz that is served for every commit. */
  readonly archive?: Buffer;
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
  /** In place of where archives are. */
  redirectArchives: string | undefined;
  /** JSON that the next search is answered with. */
  said: string | undefined;
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
    const packed = this.#archive(url);
    if (packed !== undefined) {
      res.writeHead(200, { 'content-type': 'application/x-gzip' }).end(packed);
      return;
    }
    const { said } = this;
    if (said !== undefined && url.pathname === '/search/repositories') {
      this.said = undefined;
      res.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(said);
      return;
    }
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
    const answer = search
      ? this.#search(url)
      : (this.#commit(url) ?? this.#tarball(url) ?? this.#contents(url, headers.accept ?? ''));
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

  #known(owner = '', repo = ''): FakeRepository | undefined {
    return this.repositories.find(({ fullName }) => fullName.toLowerCase() === `${owner}/${repo}`.toLowerCase());
  }

  #commit({ pathname }: URL): Answer | undefined {
    const [, owner, repo, ref = ''] =
      /^\/repos\/([^/]+)\/([^/]+)\/commits\/(.+)$/.exec(decodeURIComponent(pathname)) ?? [];
    if (owner === undefined) return undefined;
    const sha = this.#known(owner, repo)?.commit;
    if (sha === undefined) return failure(404, 'Not Found');
    if (!['HEAD', 'main', 'v1', sha].includes(ref)) return failure(422, `No commit found for SHA: ${ref}`);
    const body = { sha, commit: { message: 'x', committer: { name: 'x', date: '2026-11-01T00:00:00Z' } } };
    return { status: 200, body };
  }

  #tarball({ pathname }: URL): Answer | undefined {
    const [, owner, repo, sha] = /^\/repos\/([^/]+)\/([^/]+)\/tarball\/([0-9a-f]+)$/.exec(pathname) ?? [];
    if (owner === undefined) return undefined;
    if (this.#known(owner, repo)?.archive === undefined) return failure(404, 'Not Found');
    const location = this.redirectArchives ?? `${this.url}codeload/${owner}/${repo}/legacy.tar.gz/${sha}`;
    return { status: 302, body: {}, headers: { location } };
  }

  /** What codeload.github.com serves. */
  #archive({ pathname }: URL): Buffer | undefined {
    const [, owner, repo] = /^\/codeload\/([^/]+)\/([^/]+)\/legacy\.tar\.gz\//.exec(pathname) ?? [];
    return this.#known(owner, repo)?.archive;
  }

  #contents(url: URL, accept: string): Answer {
    const [, owner, repo, path = ''] =
      /^\/repos\/([^/]+)\/([^/]+)\/contents\/?(.*)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const known = this.#known(owner, repo);
    const files = known?.files ?? {};
    if (known === undefined || Object.keys(files).length === 0) return failure(404, 'Not Found');
    const inside = Object.entries(files).filter(([name]) => path === '' || name.startsWith(`${path}/`));
    if (inside.length > 0) {
      const list = inside.map(([name, text]) => {
        const [first = '', ...rest] = name.slice(path === '' ? 0 : path.length + 1).split('/');
        return { name: first, path: name, size: text.length, type: rest.length > 0 ? 'dir' : 'file' };
      });
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
