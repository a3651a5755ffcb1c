/** The best candidate that passes every check is deployed; those before it say why they did not. */

import { deployRequestSchema } from '../deploy/deploy-request.ts';
import type { Deployments } from '../deploy/deployments.ts';
import { type Planned, planFacts } from '../deploy/plan.ts';
import { HubError, type HubProblemCode } from '../problem.ts';
import type { ServerRecord } from '../servers/server-record.ts';
import type { Ranked } from './rank.ts';

export interface AutoDeployParts {
  readonly deployments: Pick<Deployments, 'deploy'>;
  readonly now: () => Date;
}

export interface Tried {
  readonly name: string;
  readonly method: string;
  /** Portuguese. */
  readonly why: string;
}

export interface AutoDeployed {
  readonly record?: ServerRecord;
  /** In order; with a record, the last of them is what was deployed. */
  readonly tried: readonly Tried[];
}

/** What was published more recently than this may not have been looked at by anybody yet. */
const MIN_AGE_DAYS = 3;
const MAX_TRIED = 5;
/** What is the matter with the hub itself: no other candidate would fare better. */
const OURS: ReadonlySet<HubProblemCode> = new Set(['limite_de_servidores', 'disco_indisponivel', 'banco_indisponivel']);

/** @throws CancelledError, and what is no HubError */
export async function autoDeploy(
  ranked: readonly Ranked[],
  { deployments, now }: AutoDeployParts,
  signal: AbortSignal,
): Promise<AutoDeployed> {
  const tried: Tried[] = [];
  for (const { candidate, named } of ranked) {
    const { name, waysToRun, archived = false } = candidate;
    for (const way of waysToRun) {
      // Which of the operator's own folders runs is for the operator to say, and for nobody who publishes under a name.
      if (way.method === 'remote' || way.method === 'local') continue;
      if (tried.length >= MAX_TRIED) return { tried };
      const note = (why: string): number => tried.push({ name, method: way.method, why });
      if (archived || !named) {
        note(archived ? 'O repositório está arquivado.' : 'O nome não tem todas as palavras pedidas.');
        continue;
      }
      try {
        const request = deployRequestSchema.parse(way.request);
        const record = await deployments.deploy(request, signal, (planned) => check(planned, now()));
        note('Passou nas conferências e está sendo iniciado.');
        return { record, tried };
      } catch (thrown) {
        if (!(thrown instanceof HubError)) throw thrown;
        note(thrown.code === 'faltam_variaveis' ? `${thrown.message} Implante-o com env.` : thrown.message);
        if (OURS.has(thrown.code)) return { tried };
      }
    }
  }
  return { tried };
}

/** Judges the very plan that is about to be carried out. What lacks variables was refused before. */
function check(planned: Planned, now: Date): void {
  const { age_days: age, looks_like: known } = planFacts(planned, now);
  if (known !== undefined) refuse(`O nome do pacote é quase o de ${known}: confira-o antes.`);
  if (age !== undefined && age < MIN_AGE_DAYS) {
    refuse(`Foi publicado há menos de ${MIN_AGE_DAYS} dias: confira-o antes.`);
  }
}

function refuse(why: string): never {
  throw new HubError('pedido_recusado', why);
}
