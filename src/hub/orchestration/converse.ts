/**
 * The loop around a model: it asks, we decide. Tools that only read run at once; those that may change something are put
 * on a plan and run only when a person approves it. Whatever a tool answers is handed to the model as data, and nothing
 * it makes the model ask for has more rights than before.
 */
import { asAppError, CancelledError, InternalError } from '../../errors.ts';
import { canonicalJson } from '../../gateway/trust/canonical-json.ts';
import { cleanText } from '../../gateway/trust/clean-text.ts';
import { shorten } from '../../shorten.ts';
import { HubError, partialProblemOf } from '../problem.ts';
import type { ToolAnswer } from './call-tool.ts';
import type { Model, ModelAnswer, ToolRequest, Turn } from './model.ts';
import type { OfferedTool } from './tool-box.ts';
import type { Outcome, Progress, Step } from './trace.ts';

export interface Limits {
  /** Tool calls of one task. */
  readonly maxSteps: number;
  /** Of the model, in and out together. */
  readonly maxTokens: number;
  readonly deadlineMs: number;
}

/** A task under way; what is in it grows. */
export interface Task {
  readonly system: string;
  readonly tools: ReadonlyMap<string, OfferedTool>;
  readonly turns: Turn[];
  readonly steps: Step[];
  readonly tokens: { input: number; output: number };
  /** Which turn tells of which step that waits: its place is taken by the answer once there is one. */
  readonly waiting: { readonly turn: number; readonly step: number }[];
}

export interface ConverseParts {
  readonly model: Model;
  readonly limits: Limits;
  readonly call: (name: string, args: ToolRequest['args']) => Promise<ToolAnswer>;
  /** The caller's. */
  readonly signal: AbortSignal;
  /** Aborted with it, and when the time is over. */
  readonly until: AbortSignal;
  readonly emit: (progress: Progress) => void;
  /** Told of what the model asked for and did not get. */
  readonly notRun: (name: string, args: ToolRequest['args'], why: NotRun) => void;
  /** Told of a defect of ours that the outcome only calls one. */
  readonly onDefect: (thrown: unknown) => void;
}

/** Why a tool that a model asked for was not called, as the audit says it: words that never change. */
export type NotRun = 'ferramenta_desconhecida' | 'aguarda_aprovacao' | 'limite_de_passos';

export type Ending = Pick<Outcome, 'text' | 'stopped_by' | 'problem'>;

const EXCERPT = 500;
/** Of the model, beside one for each step: what is already on the plan is no step, and may be asked for again. */
const SPARE_TURNS = 4;
const WAITING =
  'Não executada: esta ferramenta pode alterar dados e foi posta no plano, que uma pessoa aprova ou não. Continue como se o passo estivesse previsto, sem repetir a chamada.';

/** @throws CancelledError when the caller leaves; HubError, AppError when the model fails before anything was done */
export async function converse(task: Task, parts: ConverseParts): Promise<Ending> {
  const { limits, signal, until } = parts;
  let full = false;
  for (let turn = 1; ; turn += 1) {
    full ||= turn > limits.maxSteps + SPARE_TURNS;
    if (task.tokens.input + task.tokens.output >= limits.maxTokens) return { text: '', stopped_by: 'tokens' };
    let answer: ModelAnswer;
    try {
      // Once it asked for more than it may, nothing is left to call: it answers with what it has.
      answer = await ask(task, parts, full ? [] : [...task.tools.values()]);
      task.turns.push({ role: 'model', text: answer.text, requests: answer.requests, own: answer.own });
      if (answer.requests.length === 0 || full) {
        return { text: answer.text, ...(full ? { stopped_by: 'max_steps' as const } : {}) };
      }
      for (const request of answer.requests) full = (await act(task, request, full, parts)) || full;
    } catch (thrown) {
      if (signal.aborted) throw new CancelledError(undefined, { cause: thrown });
      if (until.aborted) return { text: '', stopped_by: 'deadline' };
      if (task.steps.length === 0) throw thrown;
      return { text: '', stopped_by: 'model', problem: modelProblem(thrown, parts.onDefect) };
    }
  }
}

/** What a model's failure takes nothing back from tells of it: of a defect no more than that it is one, and stands in the log. */
export function modelProblem(thrown: unknown, onDefect: ConverseParts['onDefect']): NonNullable<Ending['problem']> {
  const problem = thrown instanceof HubError ? thrown : asAppError(thrown);
  if (problem instanceof InternalError) onDefect(thrown);
  return partialProblemOf(problem);
}

async function ask(task: Task, parts: ConverseParts, offered: readonly OfferedTool[]): Promise<ModelAnswer> {
  const { model, until, emit } = parts;
  const tools = offered.map(({ descriptor: { name, description = '', inputSchema } }) => ({
    name,
    description,
    inputSchema,
  }));
  const hear = (text: string): void => emit({ event: 'text', data: { text } });
  const answer = await model.next({ system: task.system, turns: [...task.turns], tools }, until, hear);
  task.tokens.input += answer.tokens.input;
  task.tokens.output += answer.tokens.output;
  return answer;
}

/** Runs, plans or refuses what was asked for. @returns whether it asked for more than it may */
async function act(task: Task, request: ToolRequest, full: boolean, parts: ConverseParts): Promise<boolean> {
  const { limits, call, emit, notRun } = parts;
  const { id, name, args } = request;
  const tool = task.tools.get(name);
  const told = (result: string, isError: boolean): void => {
    task.turns.push({ role: 'tool', id, name, result, isError });
  };
  const keep = (step: Step): void => {
    task.steps.push(step);
    emit({ event: 'step', data: step });
  };
  const base = { tool: shorten(cleanText(name), 200), arguments: { ...args } };
  if (task.steps.length >= limits.maxSteps) {
    if (!full) notRun(name, args, 'limite_de_passos');
    told(`Não executada: o limite de ${limits.maxSteps} passos acabou. Responda com o que já tem.`, true);
    return true;
  }
  if (tool === undefined) {
    const why = 'Não há ferramenta com este nome ao alcance desta tarefa.';
    told(why, true);
    keep({ ...base, effect: 'write', status: 'refused', result: why });
    notRun(name, args, 'ferramenta_desconhecida');
  } else if (!tool.readOnly) {
    told(WAITING, false);
    const known = plannedAt(task, name, args);
    if (known === -1) {
      keep({ ...base, effect: 'write', status: 'waiting' });
      notRun(name, args, 'aguarda_aprovacao');
    }
    task.waiting.push({ turn: task.turns.length - 1, step: known === -1 ? task.steps.length - 1 : known });
  } else {
    const answer = await call(name, args);
    told(answer.text, answer.isError);
    keep({ ...base, effect: 'read', ...stepOf(answer) });
  }
  return false;
}

/** What of an answer belongs in the trace. */
export function stepOf({ text, isError, ms }: ToolAnswer): Pick<Step, 'status' | 'result' | 'ms'> {
  return { status: isError ? 'failed' : 'done', result: shorten(text, EXCERPT), ms };
}

function plannedAt({ steps }: Task, name: string, args: ToolRequest['args']): number {
  const same = canonicalJson(args);
  return steps.findIndex(
    (step) => step.status === 'waiting' && step.tool === name && canonicalJson(step.arguments) === same,
  );
}
