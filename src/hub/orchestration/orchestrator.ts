/** A task in words, done with the tools of one server or of the domains that fit it. */
import type { Principal } from '../../companies/principal.ts';
import type { Logger } from '../../logging/logger.ts';
import { timeLimit } from '../../time-limit.ts';
import type { ObserveCall } from '../../tools/call-report.ts';
import { HubError } from '../problem.ts';
import { tellAttempts } from './attempts.ts';
import { callTool } from './call-tool.ts';
import { carryOut } from './carry-out.ts';
import { type ConverseParts, converse, type Ending, type Limits, modelProblem, type Task } from './converse.ts';
import { descriptorForModel } from './descriptor-for-model.ts';
import type { Model } from './model.ts';
import type { OrchestrateRequest } from './orchestrate-request.ts';
import { otherThan, type PlanSubject, Plans, planDigest } from './plans.ts';
import type { TaskContext } from './task-context.ts';
import { SYSTEM, taskText } from './task-text.ts';
import type { OfferedTool, ToolBox } from './tool-box.ts';
import type { Outcome, Step } from './trace.ts';

const MAX_STEPS = 8;
/** More are refused by some providers, and confuse all of them. */
const MAX_TOOLS = 100;

export interface OrchestratorParts {
  readonly tools: ToolBox;
  /** @throws HubError (`nao_configurado`) with what to set */
  readonly model: () => Promise<Model>;
  readonly limits?: Omit<Limits, 'maxSteps'>;
  readonly now: () => Date;
  /** Takes the credentials of the house out of a text. */
  readonly scrub: (text: string) => string;
  readonly observe?: ObserveCall | undefined;
  readonly logger: Pick<Logger, 'error'>;
}

interface TimedContext extends TaskContext {
  /** Aborted when the caller leaves, or the time is over. */
  readonly until: AbortSignal;
}

const LIMITS = { maxTokens: 200_000, deadlineMs: 180_000 };

export class Orchestrator {
  readonly #parts: OrchestratorParts;
  readonly #plans: Plans;

  constructor(parts: OrchestratorParts) {
    this.#parts = parts;
    this.#plans = new Plans(parts.now);
  }

  /** @throws HubError, AppError when nothing was done; a failure after that is told by the outcome */
  async run(request: OrchestrateRequest, context: TaskContext): Promise<Outcome> {
    const { deadlineMs } = this.#parts.limits ?? LIMITS;
    const { signal: until, end } = timeLimit(context.signal, deadlineMs);
    try {
      return await this.#run(request, { ...context, until });
    } finally {
      end();
    }
  }

  #run(request: OrchestrateRequest, context: TimedContext): Promise<Outcome> {
    if (request.steps !== undefined) return this.#replay(request, request.steps, context);
    if (request.approve && request.digest !== undefined && request.mode === 'run') {
      return this.#approved(request.digest, request, context);
    }
    return this.#think(request, context);
  }

  async #think(request: OrchestrateRequest, context: TimedContext): Promise<Outcome> {
    const model = await this.#parts.model();
    const { tools, leftOut } = this.#toolsFor(request, context.principal);
    const task = newTask(tools, [{ role: 'user', text: taskText(request, this.#parts.scrub) }]);
    const ending = await converse(task, this.#loop(model, request.max_steps ?? MAX_STEPS, context));
    return this.#outcome(task, ending, {
      subject: subjectOf(request, context),
      planning: request.mode === 'plan',
      leftOut,
      model,
    });
  }

  async #approved(digest: string, request: OrchestrateRequest, context: TimedContext): Promise<Outcome> {
    const plan = this.#plans.find(digest, context.principal.id);
    const others = otherThan(plan, subjectOf(request, context));
    if (others.length > 0) {
      throw new HubError('pedido_recusado', 'O pedido diz outra coisa que o plano deste digest; nada foi executado.', {
        errors: others.map((field) => ({ field, message: 'não é o do plano' })),
        hint: 'O digest já diz qual é o plano: mande só approve e digest. Para outra tarefa, peça sem eles.',
      });
    }
    const { subject, task } = plan;
    // Of steps that were given no model knows.
    const isReplay = task.turns.length === 0;
    const { tools, leftOut } = this.#toolsFor(
      { server_id: subject.serverId, prompt: subject.prompt },
      context.principal,
      isReplay ? namesIn(task.steps) : undefined,
    );
    if (planDigest(subject, task.steps, tools) !== digest) {
      throw new HubError(
        'conflito_de_estado',
        'As ferramentas do plano mudaram depois que ele foi feito; nada foi executado.',
        {
          hint: 'Peça de novo com mode: plan e confira o plano novo.',
        },
      );
    }
    // Used from here on, and not before: what was refused ran nothing.
    this.#plans.take(digest, context.principal.id);
    const stopped = await carryOut(task, this.#quiet(context));
    if (stopped !== undefined || isReplay) {
      return this.#outcome(task, { text: '', stopped_by: stopped }, { subject, planning: false, leftOut });
    }
    // What the model said about a plan is not what it says about what was done.
    const last = task.turns.at(-1);
    if (last?.role === 'model' && last.requests.length === 0) task.turns.pop();
    try {
      const model = await this.#parts.model();
      const ending = await converse(
        task,
        this.#loop(model, task.steps.length + (request.max_steps ?? MAX_STEPS), context),
      );
      return this.#outcome(task, ending, { subject, planning: false, leftOut, model });
    } catch (thrown) {
      // The steps are done: that nobody sums them up takes nothing of it back.
      if (context.signal.aborted) throw thrown;
      const ending = {
        text: '',
        stopped_by: 'model',
        problem: modelProblem(thrown, this.#quiet(context).onDefect),
      } as const;
      return this.#outcome(task, ending, { subject, planning: false, leftOut });
    }
  }

  async #replay(
    request: OrchestrateRequest,
    given: NonNullable<OrchestrateRequest['steps']>,
    context: TimedContext,
  ): Promise<Outcome> {
    const { tools, leftOut } = this.#toolsFor(request, context.principal, namesIn(given));
    const steps = given
      .filter(({ status }) => status !== 'refused')
      .map(({ tool, arguments: args }): Step => {
        const known = tools.get(tool);
        if (known === undefined) {
          throw new HubError(
            'ferramenta_desconhecida',
            'Um dos passos usa uma ferramenta que não há agora; nada foi executado.',
            {
              hint: 'Confira server_id e os nomes em steps.',
            },
          );
        }
        return { tool, arguments: args, effect: known.readOnly ? 'read' : 'write', status: 'waiting' };
      });
    const subject = subjectOf(request, context);
    const digest = planDigest(subject, steps, tools);
    const task = newTask(tools, []);
    task.steps.push(...steps);
    if (request.approve && request.digest !== digest) {
      throw new HubError('conflito_de_estado', 'O digest não é o destes passos; nada foi executado.', {
        hint: 'Peça com mode: plan e os mesmos steps, e aprove o digest que vier.',
      });
    }
    const facts = { subject, planning: request.mode === 'plan', leftOut };
    const writes = steps.some(({ effect }) => effect === 'write');
    if (facts.planning || (writes && !request.approve)) return this.#outcome(task, { text: '' }, facts);
    // Shown before, and not approved yet: a request that is sent twice acts once.
    if (request.approve) this.#plans.take(digest, context.principal.id);
    const stopped = await carryOut(task, this.#quiet(context));
    return this.#outcome(task, { text: '', stopped_by: stopped }, facts);
  }

  #outcome(
    task: Task,
    ending: Ending,
    { subject, planning, leftOut, model }: { subject: PlanSubject; planning: boolean; leftOut: number; model?: Model },
  ): Outcome {
    const common = { ...summary(task, leftOut), ...ending, ...(model === undefined ? {} : { model: model.name }) };
    if (ending.stopped_by !== undefined) return { ...common, status: 'incomplete' };
    const waits = task.steps.some(({ status }) => status === 'waiting');
    if (!planning && !waits) return { ...common, status: 'done' };
    const plan = this.#plans.keep({ subject, task }, task.steps);
    return { ...common, status: planning ? 'planned' : 'needs_approval', plan };
  }

  #toolsFor(
    { server_id: id, prompt = '' }: Pick<OrchestrateRequest, 'server_id' | 'prompt'>,
    principal: Principal,
    named?: ReadonlySet<string>,
  ): { tools: ReadonlyMap<string, OfferedTool>; leftOut: number } {
    const { tools, scrub } = this.#parts;
    const found =
      id === undefined
        ? tools.fitting(named === undefined ? prompt : undefined, principal)
        : tools.ofServer(id, principal);
    const wanted = named === undefined ? found : found.filter(({ name }) => named.has(name));
    const offered = wanted
      .slice(0, MAX_TOOLS)
      .map((tool) => ({ ...tool, descriptor: descriptorForModel(tool.descriptor, scrub) }));
    return { tools: new Map(offered.map((tool) => [tool.name, tool])), leftOut: wanted.length - offered.length };
  }

  #quiet({
    principal,
    requestId,
    signal,
    until,
    emit,
  }: TimedContext): Omit<ConverseParts, 'model' | 'limits' | 'notRun'> {
    const { tools, scrub, logger } = this.#parts;
    const onDefect = (err: unknown): void =>
      logger.error({ requestId, action: 'orchestrate', err }, 'hub request broke');
    const call: ConverseParts['call'] = (name, args) =>
      callTool({ tools, principal, requestId, scrub, onDefect }, name, args, until);
    return { call, signal, until, emit, onDefect };
  }

  #loop(model: Model, maxSteps: number, context: TimedContext): ConverseParts {
    const notRun = tellAttempts(this.#parts.observe ?? (() => {}), context);
    return { ...this.#quiet(context), model, notRun, limits: { ...(this.#parts.limits ?? LIMITS), maxSteps } };
  }
}

function newTask(tools: Task['tools'], turns: Task['turns']): Task {
  return { system: SYSTEM, tools, turns, steps: [], tokens: { input: 0, output: 0 }, waiting: [] };
}

const namesIn = (steps: readonly { readonly tool: string }[]): ReadonlySet<string> =>
  new Set(steps.map(({ tool }) => tool));

function subjectOf(
  { server_id: serverId, prompt, context }: OrchestrateRequest,
  { principal }: TaskContext,
): PlanSubject {
  return { principal: principal.id, serverId, prompt, context };
}

function summary({ steps, tokens, tools }: Task, leftOut: number): Pick<Outcome, 'steps' | 'tokens' | 'tools'> {
  const domains = [...new Set([...tools.values()].map(({ domain }) => domain))];
  return { steps: [...steps], tokens: { ...tokens }, tools: { offered: tools.size, left_out: leftOut, domains } };
}
