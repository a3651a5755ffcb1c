import { HubError } from '../problem.ts';
import type { Job, Runner } from '../runners/runner.ts';
import { checkRequest } from '../safety/check-request.ts';
import type { SourceResolver } from './asked.ts';
import type { DeployRequest } from './deploy-request.ts';
import { domainFor } from './domain-name.ts';
import type { Planned } from './plan.ts';
import { type Source, sourceName } from './source.ts';

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

  /** @throws HubError; nothing was started and no file written */
  async plan(request: DeployRequest, signal: AbortSignal): Promise<Planned> {
    const { resolvers, isOurs, takenDomains } = this.#parts;
    const asked = checkRequest(request, isOurs);
    const resolver = resolvers.find(({ kind }) => kind === asked.kind);
    if (resolver === undefined) {
      throw new HubError('nao_configurado', 'Esta versão do hub ainda não lê fontes deste tipo.', {
        hint: 'Use package com o nome e a versão do pacote npm.',
      });
    }
    const { source, why, wanted } = await resolver.resolve(asked, signal);
    const { runner, reason } = await this.#choose(source, request.method);
    const { args, env, port } = request;
    const job: Job = { source, args, env, ...(port === undefined ? {} : { port }) };
    const plan = await runner.plan(job, signal);
    const name = request.name ?? sourceName(source);
    return {
      source,
      method: runner.method,
      why: [...why, reason],
      name,
      domain: domainFor(name, request.domain, takenDomains()),
      runner: { ...plan, wanted: [...wanted, ...(plan.wanted ?? [])] },
      env,
    };
  }

  async #choose(source: Source, method: DeployRequest['method']): Promise<{ runner: Runner; reason: string }> {
    const able = this.#parts.runners.filter((runner) => method === 'auto' || runner.method === method);
    const reasons: string[] = [];
    for (const runner of able) {
      const fit = runner.fit(source);
      const problem = fit.fits ? await runner.unusable() : fit.why;
      if (problem === undefined) return { runner, reason: `${runner.method}: ${fit.why}` };
      reasons.push(`${runner.method}: ${problem}`);
    }
    throw new HubError('sem_executor', `Nada aqui executa esta fonte. ${reasons.join(' ')}`.trim(), {
      hint:
        method === 'auto' ? 'Configure um dos executores, ou use outra fonte.' : 'Use method: auto, ou configure este.',
    });
  }
}
