import { CancelledError } from '../../errors.ts';
import type { ToolAnswer } from './call-tool.ts';
import { type ConverseParts, stepOf, type Task } from './converse.ts';
import type { Outcome, Step } from './trace.ts';

const NOT_RUN = 'Não executada: um passo anterior falhou.';
const TIME_IS_UP = 'O prazo acabou antes da resposta: o passo pode ter tido efeito. Confira antes de repetir.';

/**
 * Runs the steps that wait, in their order and exactly as they were written down; no model is asked. After one that
 * failed none is run: those behind it may have counted on it.
 *
 * @returns what stopped it, if anything did
 * @throws CancelledError when the caller leaves
 */
export async function carryOut(
  task: Task,
  { call, signal, until, emit }: Pick<ConverseParts, 'call' | 'signal' | 'until' | 'emit'>,
): Promise<Outcome['stopped_by']> {
  let stopped: Outcome['stopped_by'];
  for (const [index, step] of task.steps.entries()) {
    if (step.status !== 'waiting') continue;
    let answer: ToolAnswer | undefined;
    if (stopped === undefined) {
      answer = await call(step.tool, step.arguments).catch((thrown: unknown) => {
        if (signal.aborted || !(thrown instanceof CancelledError)) throw thrown;
        return { text: TIME_IS_UP, isError: true, ms: 0 };
      });
      if (answer.isError) stopped = until.aborted ? 'deadline' : 'failed_step';
    }
    const after: Step =
      answer === undefined ? { ...step, status: 'not_run', result: NOT_RUN } : { ...step, ...stepOf(answer) };
    task.steps[index] = after;
    emit({ event: 'step', data: after });
    tell(task, index, answer);
  }
  task.waiting.length = 0;
  return stopped;
}

/** The conversation, as if the answer had come when the tool was asked for. */
function tell({ turns, waiting }: Task, index: number, answer: ToolAnswer | undefined): void {
  for (const { turn, step } of waiting) {
    const told = turns[turn];
    if (step !== index || told?.role !== 'tool') continue;
    turns[turn] = { ...told, result: answer?.text ?? NOT_RUN, isError: answer?.isError ?? true };
  }
}
