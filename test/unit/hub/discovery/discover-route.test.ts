import { describe, expect, it } from 'vitest';
import { discoverRoute } from '../../../../src/hub/api/routes/discover.ts';
import type { DeployRequest } from '../../../../src/hub/deploy/deploy-request.ts';
import { missingIn, type Planned } from '../../../../src/hub/deploy/plan.ts';
import type { AutoDeployParts } from '../../../../src/hub/discovery/auto-deploy.ts';
import { Discovery } from '../../../../src/hub/discovery/discovery.ts';
import type { Candidate, Finder } from '../../../../src/hub/discovery/finder.ts';
import { openApiDocument } from '../../../../src/hub/openapi/document.ts';
import { HubError } from '../../../../src/hub/problem.ts';
import type { ServerRecord } from '../../../../src/hub/servers/server-record.ts';

const now = () => new Date('2026-11-21T12:00:00Z');
const finderOf = (origin: Finder['origin'], candidates: Candidate[] | HubError): Finder => ({
  origin,
  async find() {
    if (candidates instanceof HubError) throw candidates;
    return { candidates, ageMs: 61_000, notes: [] };
  },
});
const candidate = (name: string, ...packages: string[]): Candidate => ({
  name,
  description: 'x',
  origin: 'registry',
  wanted: [],
  waysToRun: packages.map((pinned) => ({ method: 'npx', request: { package: pinned, method: 'npx' }, why: 'npm' })),
});

/** Plans by package: what is in the map, or a refusal. */
class Deploying implements AutoDeployParts {
  readonly now = now;
  readonly planned: string[] = [];
  readonly deployed: string[] = [];
  readonly #plans: Record<string, Partial<Planned['runner']> | HubError>;
  constructor(plans: Record<string, Partial<Planned['runner']> | HubError>) {
    this.#plans = plans;
  }
  #plan(request: DeployRequest): Planned {
    this.planned.push(request.package ?? '');
    const plan = this.#plans[request.package ?? ''];
    if (plan === undefined || plan instanceof HubError) throw plan ?? new HubError('fonte_desconhecida', 'Não há.');
    const runner = {
      commands: [],
      hosts: [],
      warnings: [],
      launch: {},
      publishedAt: '2026-01-01T00:00:00Z',
      ...plan,
    };
    const [name = '', version = ''] = (request.package ?? '').split('@');
    return {
      source: { kind: 'npm', name, version },
      method: 'npx',
      why: [],
      name,
      domain: name,
      runner,
      env: {},
      args: [],
    };
  }
  readonly deployments: AutoDeployParts['deployments'] = {
    deploy: async (request, _signal, agree): Promise<ServerRecord> => {
      const planned = this.#plan(request);
      const missing = missingIn(planned);
      if (missing.length > 0) throw new HubError('faltam_variaveis', `Precisa de ${missing.join(', ')}.`);
      agree?.(planned);
      this.deployed.push(request.package ?? '');
      const at = now().toISOString();
      const [name = '', version = ''] = (request.package ?? '').split('@');
      return {
        id: 'hub-abcdefghijkl',
        name,
        source: { kind: 'npm', name, version },
        method: 'npx',
        status: 'planned',
        wanted: 'running',
        domain: name,
        tools: [],
        args: [],
        env: {},
        launch: {},
        created_at: at,
        updated_at: at,
      };
    },
  };
}

const ask = (finders: Finder[], parts: AutoDeployParts, body: object) =>
  discoverRoute(new Discovery(finders, now), parts).handle(
    { params: {}, query: {}, body },
    { signal: new AbortController().signal, requestId: 'r', about: () => {} },
  );

describe('POST /api/discover', () => {
  it('gives candidates with their ways to run, and what each source said', async () => {
    const limited = new HubError('fonte_indisponivel', 'O GitHub limita.', { retryAfterMs: 1_200, hint: 'Espere.' });
    const registry = finderOf('registry', [
      {
        ...candidate('a/erp', 'erp@1.0.0'),
        waysToRun: [{ method: 'remote', url: 'https://m.a.com/', transport: 'http', why: 'no ar' }],
      },
    ]);
    expect(await ask([finderOf('github', limited), registry], new Deploying({}), { query: 'erp' })).toEqual({
      status: 200,
      body: {
        query: 'erp',
        candidates: [
          {
            name: 'a/erp',
            description: 'x',
            origin: 'registry',
            score: 50,
            why: ['o nome é exatamente o que foi pedido (+50)'],
            updated_at: undefined,
            wanted: [],
            ways_to_run: [{ method: 'remote', url: 'https://m.a.com/', transport: 'http', why: 'no ar' }],
          },
        ],
        sources: [
          {
            source: 'github',
            ok: false,
            found: 0,
            notes: [],
            problem: {
              code: 'fonte_indisponivel',
              detail: 'O GitHub limita.',
              hint: 'Espere.',
              retry_after_seconds: 2,
            },
          },
          { source: 'registry', ok: true, found: 1, age_seconds: 61, notes: [] },
        ],
      },
    });
  });

  it('auto_deploy takes the best that passes every check, and says why the others did not', async () => {
    const deploying = new Deploying({
      'erp@1.0.0': new HubError('pedido_recusado', 'Tem scripts de instalação.'),
      'erp-b@1.0.0': { wanted: [{ name: 'KEY', required: true, secret: true }] },
      'erp-c@1.0.0': { publishedAt: '2026-11-20T12:00:00Z' },
      'erp-d@1.0.0': {},
      'erp-e@1.0.0': {},
    });
    const names = ['a/erp', 'a/erp-b', 'a/erp-c', 'a/erp-d', 'a/erp-e'];
    const found = names.map((name) => candidate(name, `${name.slice(2)}@1.0.0`));
    const answer = await ask([finderOf('registry', found)], deploying, { query: 'erp', auto_deploy: true });
    expect(answer).toMatchObject({
      body: {
        auto_deploy: {
          server: { id: 'hub-abcdefghijkl', source: 'npm:erp-d@1.0.0' },
          tried: [
            { name: 'a/erp', why: 'Tem scripts de instalação.' },
            { name: 'a/erp-b', why: expect.stringContaining('KEY') },
            { name: 'a/erp-c', why: expect.stringContaining('3 dias') },
            { name: 'a/erp-d' },
          ],
        },
      },
    });
    expect(deploying.deployed).toEqual(['erp-d@1.0.0']);
    // Once each: what was judged is what starts.
    expect(deploying.planned).toEqual(['erp@1.0.0', 'erp-b@1.0.0', 'erp-c@1.0.0', 'erp-d@1.0.0']);
  });

  it('asks for no other candidate where it is the hub itself that can take none', async () => {
    const away = new HubError('banco_indisponivel', 'O banco não respondeu.');
    const deploying = new Deploying({ 'erp@1.0.0': away, 'erp-b@1.0.0': {} });
    const found = ['a/erp', 'a/erp-b'].map((name) => candidate(name, `${name.slice(2)}@1.0.0`));
    const answer = await ask([finderOf('registry', found)], deploying, { query: 'erp', auto_deploy: true });
    expect(answer).toMatchObject({ body: { auto_deploy: { tried: [{ name: 'a/erp', why: away.message }] } } });
    expect(deploying.deployed).toEqual([]);
  });

  it('deploys nothing that is archived, is called otherwise, or runs elsewhere already; and nothing unasked', async () => {
    const deploying = new Deploying({ 'erp@1.0.0': {} });
    const found: Candidate[] = [
      { ...candidate('a/erp', 'erp@1.0.0'), archived: true },
      { ...candidate('a/outro', 'erp@1.0.0'), description: 'erp' },
      {
        ...candidate('a/erp-no-ar'),
        waysToRun: [{ method: 'remote', url: 'https://m.a.com/', transport: 'http', why: '' }],
      },
    ];
    const answer = await ask([finderOf('registry', found)], deploying, { query: 'erp', auto_deploy: true });
    expect(answer).toMatchObject({ body: { auto_deploy: { tried: [{ name: 'a/erp' }, { name: 'a/outro' }] } } });
    await ask([finderOf('registry', [candidate('a/erp', 'erp@1.0.0')])], deploying, { query: 'erp' });
    expect(deploying.deployed).toEqual([]);
  });

  it("auto_deploy never starts the operator's own folders: whoever names a repository does not choose among them", async () => {
    const local = { method: 'local', request: { folder: 'erp', method: 'local' }, why: 'Tem package.json.' } as const;
    const deploying = new Deploying({ '': {}, 'erp@1.0.0': {} });
    const found: Candidate = { ...candidate('mallory/erp', 'erp@1.0.0'), origin: 'github' };
    const waysToRun = [local, ...found.waysToRun];
    await ask([finderOf('github', [{ ...found, waysToRun }])], deploying, { query: 'erp', auto_deploy: true });
    expect(deploying.planned).toEqual(['erp@1.0.0']);
  });

  it('refuses what it does not know, by field', async () => {
    const bad = ask([], new Deploying({}), { query: '', limit: 51, sources: ['npm'], command: 'sh' });
    await expect(bad).rejects.toMatchObject({
      code: 'pedido_recusado',
      errors: [{ field: 'query' }, { field: 'limit' }, { field: 'sources.0' }, { field: 'command' }],
    });
  });

  it('is in the OpenAPI document', () => {
    const document = JSON.stringify(openApiDocument([discoverRoute(new Discovery([], now), new Deploying({}))], '1'));
    for (const name of ['DiscoverRequest', 'DiscoverResult', 'Candidate']) expect(document).toContain(`"${name}":{`);
  });
});
