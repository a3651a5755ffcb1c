import type { Principal } from '../../companies/principal.ts';
import type { Progress } from './trace.ts';

/** Who asks for a task, and how they hear of it. */
export interface TaskContext {
  readonly principal: Principal;
  readonly signal: AbortSignal;
  readonly requestId: string;
  readonly emit: (progress: Progress) => void;
}
