import type { ObserveCall } from '../../tools/call-report.ts';
import type { ConverseParts } from './converse.ts';
import type { TaskContext } from './task-context.ts';

/** A line for what a model asked for and did not get; calls tell of themselves. */
export function tellAttempts(
  observe: ObserveCall,
  { principal: { id: principal }, requestId }: Pick<TaskContext, 'principal' | 'requestId'>,
): ConverseParts['notRun'] {
  const facts = { method: 'hub/orchestrate.tool', known: false, door: 'rest', companies: [], rows: undefined } as const;
  return (target, args, outcome) => observe({ ...facts, target, args, outcome, principal, requestId, durationMs: 0 });
}
