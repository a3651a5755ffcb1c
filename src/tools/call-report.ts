import type { ServedMethod } from '../protocol/methods.ts';
import type { Door } from './tool-source.ts';

/** What is told of every finished call, whichever door it came through: for the log, the metrics and the audit. */
export interface CallReport {
  /**
   * MCP's word for it; tools over REST are `tools/call` too. What an administrator does is `hub/` and the action; what is
   * asked of the gateway as a whole, over REST, `gateway/` and the route.
   */
  readonly method: ServedMethod | `hub/${string}` | `gateway/${'status' | 'resources'}`;
  /**
   * The tool, prompt, domain, or resource, a company's as its template says it; what the caller wrote when `known` is
   * false.
   */
  readonly target: string;
  /** False when there is no such target: its name is then free text, and no label. */
  readonly known: boolean;
  readonly door: Door;
  readonly principal: string;
  /** The id in the error that the caller saw. */
  readonly requestId: string;
  /** `ok` or the error's code. */
  readonly outcome: string;
  readonly durationMs: number;
  /** Ids of the companies that were asked for; empty unless companies are followed. */
  readonly companies: readonly string[];
  /** Rows in the answer; undefined when it is no list. */
  readonly rows: number | undefined;
  /** What was asked with: for a keyed digest only, never to be kept or shown. */
  readonly args: unknown;
}

export type ObserveCall = (report: CallReport) => void;
