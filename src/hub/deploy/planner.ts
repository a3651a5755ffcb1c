import { HubError } from '../problem.ts';
import type { Job, Runner } from '../runners/runner.ts';
import { checkRequest } from '../safety/check-request.ts';
import { lookAlikeOf } from '../safety/look-alike.ts';
import type { Resolved, SourceResolver } from './asked.ts';
import type { DeployRequest } from './deploy-request.ts';
import { domainFor } from './domain-name.ts';
import type { Planned } from './plan.ts';
import { sourceName, wantedOnce } from './source.ts';

export interface PlannerParts {
  /** In the order in which `auto` prefers them. */
  readonly runners: readonly Runner[];
  readonly resolvers: readonly SourceResolver[];
  /** Whether a text holds a secret of this house. */
  readonly isOurs: (text: string) => boolean;
  /** Domains that others have. */
  readonly takenDomains: () => ReadonlySet<string>;
}

/** From what was asked to what would be done, before anything of it is done. */
export class Planner {
  readonly #parts: PlannerParts;

  constructor(parts: PlannerParts) {
    this.#parts = parts;
  }

  /** @throws HubError; nothing was started and no file stays */
  async plan(request: DeployRequest, signal: AbortSignal): Promise<Planned> {
    const { resolvers, isOurs, takenDomains } = this.#parts;
    const asked = checkRequest(request, isOurs);
    const resolver = resolvers.find(({ kind }) => kind === asked.kind);
    if (resolver === undefined) {
      throw new HubError('nao_configurado', 'Esta versão do hub ainda não lê fontes deste tipo.', {
        hint: 'Use package com o nome e a versão do pacote npm.',
      });
    }
    const found = await resolver.resolve(asked, signal);
    const { resolved, runner, reasons } = await this.#choose([found, ...(found.others ?? [])], request);
    const { source, why, wanted, publishedAt, warnings = [] } = resolved;
    const { env, port = resolved.port } = request;
    const args = request.args.length > 0 ? request.args : (resolved.args ?? []);
    const job: Job = { source, args, env, ...(port === undefined ? {} : { port }) };
    const plan = await runner.plan(job, signal);
    const name = request.name ?? sourceName(source);
    const looksLike =
      source.kind === 'npm' || source.kind === 'pypi' ? lookAlikeOf(source.kind, source.name) : undefined;
    return {
      source,
      method: runner.method,
      why: [...why, ...reasons],
      name,
      domain: domainFor(name, request.domain, takenDomains()),
      runner: {
        ...plan,
        publishedAt: plan.publishedAt ?? publishedAt,
        warnings: [...(looksLike === undefined ? [] : [imitation(looksLike)]), ...warnings, ...plan.warnings],
        wanted: wantedOnce([...wanted, ...(plan.wanted ?? [])]),
      },
      env,
      args,
      ...(port === undefined ? {} : { port }),
      ...(looksLike === undefined ? {} : { looksLike }),
    };
  }

  /** The first runner that can run one of the forms in which the source is to be had; why, and why none before it. */
  async #choose(
    forms: readonly Resolved[],
    { method, port }: Pick<DeployRequest, 'method' | 'port'>,
  ): Promise<{ resolved: Resolved; runner: Runner; reasons: readonly string[] }> {
    const offered = forms.filter(({ onlyAsked }) => method !== 'auto' || onlyAsked === undefined);
    const able = this.#parts.runners.filter((runner) => method === 'auto' || runner.method === method);
    const refused: string[] = [];
    const portless: string[] = [];
    for (const runner of able) {
      const fits = offered.map((resolved) => ({ resolved, fit: runner.fit(resolved.source) }));
      const good = fits.find(({ fit }) => fit.fits);
      if (good === undefined) {
        const why = new Set(fits.map(({ resolved, fit }) => resolved.against?.[runner.method] ?? fit.why));
        refused.push(...[...why].map((one) => `${runner.method}: ${one}`));
        continue;
      }
      const problem = await runner.unusable();
      const { resolved, fit } = good;
      if (problem === undefined && port !== undefined && runner.servesPorts !== true) {
        portless.push(runner.method);
        refused.push(`${runner.method}: ${PORTLESS}`);
        continue;
      }
      if (problem === undefined) {
        const passed = refused.map((one) => `não ${one}`);
        return { resolved, runner, reasons: [...passed, `${runner.method}: ${fit.why}`] };
      }
      refused.push(`${runner.method}: ${problem}`);
    }
    if (portless.length > 0)
      throw noPort(
        portless,
        refused.filter((one) => !one.endsWith(PORTLESS)),
      );
    throw new HubError('sem_executor', `Nada aqui executa esta fonte. ${refused.join(' ')}`.trim(), {
      hint:
        method === 'auto' ? 'Configure um dos executores, ou use outra fonte.' : 'Use method: auto, ou configure este.',
    });
  }
}

const PORTLESS = 'não serve uma port.';

/** It would be listened to by nobody. @param passed why it is none of the others, which may serve it */
function noPort(methods: readonly string[], passed: readonly string[]): HubError {
  const others = methods.join(' e ');
  return new HubError(
    'sem_executor',
    [`port só vale em contêiner (docker): com ${others} o servidor fala por stdin e stdout.`, ...passed].join(' '),
    {
      errors: [{ field: 'port', message: `não vale com ${others}` }],
      hint: 'Retire port; se o servidor só fala HTTP, use image, ou github_url de um repositório com Dockerfile, com method: docker.',
    },
  );
}

const imitation = (known: string): string =>
  `O nome é quase o de ${known}, que é muito mais conhecido: confira se é este mesmo que se quer.`;
