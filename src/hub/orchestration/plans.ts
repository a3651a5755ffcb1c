/** Plans that wait for a person, and the digest that says which one was meant. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { canonicalJson } from '../../gateway/trust/canonical-json.ts';
import { visibleJson } from '../../invisible-text.ts';
import { exactJson } from '../../protocol/exact-number.ts';
import { HubError } from '../problem.ts';
import type { Task } from './converse.ts';
import type { OfferedTool } from './tool-box.ts';
import type { Plan, Step } from './trace.ts';

/** What a plan belongs to; another prompt, server or caller is another plan. */
export interface PlanSubject {
  readonly principal: string;
  readonly serverId: string | undefined;
  readonly prompt: string | undefined;
  readonly context: unknown;
}

export interface KeptPlan {
  readonly subject: PlanSubject;
  readonly task: Task;
}

const MAX_KEPT = 100;
export const PLAN_TTL_MS = 30 * 60_000;

/** What would still be run. */
const toRun = (steps: readonly Step[]): readonly Step[] => steps.filter(({ status }) => status === 'waiting');

/**
 * Over who asks for what, every call with its arguments, and the tools as they are described now: when a tool changes
 * what it says of itself, what was approved is no longer what would run.
 */
export function planDigest(
  subject: PlanSubject,
  steps: readonly Step[],
  tools: ReadonlyMap<string, OfferedTool>,
): string {
  const calls = toRun(steps).map(({ tool, arguments: args }) => ({
    tool,
    arguments: args,
    descriptor: tools.get(tool)?.descriptor ?? null,
  }));
  const text = canonicalJson({ ...subject, calls });
  if (text === undefined) throw new HubError('pedido_recusado', 'Os argumentos do plano são profundos demais.');
  return createHash('sha256').update(text).digest('hex');
}

function planOf(digest: string, steps: readonly Step[], tools: Task['tools'], expiresAt: Date): Plan {
  return {
    digest,
    expires_at: expiresAt.toISOString(),
    steps: toRun(steps).map(({ tool, arguments: args, effect }) => ({
      tool,
      arguments: args,
      ...hiddenIn(args),
      effect,
      destructive: effect === 'write' && tools.get(tool)?.descriptor.annotations?.['destructiveHint'] !== false,
    })),
  };
}

/** Nothing where all of them shows. */
function hiddenIn(args: Step['arguments']): Pick<Plan['steps'][number], 'arguments_shown'> {
  const json = exactJson(args);
  const shown = visibleJson(json);
  return shown === json ? {} : { arguments_shown: shown };
}

/** In memory: after a restart nothing is approved any more. */
export class Plans {
  readonly #kept = new LRUCache<string, KeptPlan & { readonly expiresAt: number }>({ max: MAX_KEPT });
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  keep(plan: KeptPlan, steps: readonly Step[]): Plan {
    const { subject, task } = plan;
    const digest = planDigest(subject, steps, task.tools);
    const expiresAt = new Date(this.#now().getTime() + PLAN_TTL_MS);
    this.#kept.set(digest, { ...plan, expiresAt: expiresAt.getTime() });
    return planOf(digest, steps, task.tools, expiresAt);
  }

  /** @throws HubError (`conflito_de_estado`) when there is none, or it is somebody else's, or over */
  find(digest: string, principal: string): KeptPlan {
    const plan = this.#kept.get(digest);
    const over = plan !== undefined && plan.expiresAt <= this.#now().getTime();
    if (plan !== undefined && !over && plan.subject.principal === principal) return plan;
    throw new HubError('conflito_de_estado', 'Não há um plano com este digest, ou ele já foi usado ou venceu.', {
      hint: 'Peça de novo com mode: plan e aprove o digest que vier.',
    });
  }

  /**
   * Uses the plan up: who approves twice does not act twice. For whoever runs it at once: where nothing is run it stays.
   *
   * @throws as {@link find}
   */
  take(digest: string, principal: string): void {
    this.find(digest, principal);
    this.#kept.delete(digest);
  }
}

/** @returns the fields of a request that say something else than the plan whose digest it approves */
export function otherThan({ subject }: KeptPlan, given: Omit<PlanSubject, 'principal'>): string[] {
  const pairs = [
    ['server_id', given.serverId, subject.serverId],
    ['prompt', given.prompt, subject.prompt],
    ['context', given.context, subject.context],
  ] as const;
  return pairs.filter(([, asked, planned]) => asked !== undefined && !isSame(asked, planned)).map(([field]) => field);
}

function isSame(asked: unknown, planned: unknown): boolean {
  const text = canonicalJson(asked);
  return text !== undefined && text === canonicalJson(planned);
}
