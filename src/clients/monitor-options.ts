import type { TextOutput } from './progress-bar.ts';
import type { ReconnectPolicy } from './reconnect-delay.ts';

export interface MonitorOptions {
  readonly url: string;
  /** Ids to watch; all companies the access may see when absent. */
  readonly companies?: readonly string[] | undefined;
  readonly token?: string | undefined;
  readonly intervalSeconds: number;
  /** One round, then exit. */
  readonly once: boolean;
  /** One JSON document a line and a round, instead of tables. */
  readonly json?: boolean | undefined;
  readonly out: NodeJS.WritableStream;
  readonly err: TextOutput;
  readonly signal: AbortSignal;
  readonly now?: () => Date;
  readonly reconnect?: ReconnectPolicy;
  readonly random?: () => number;
}
